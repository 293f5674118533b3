namespace Conversations;

/// <summary>Thrown when a conversation, message or run does not exist or the caller cannot access it (<c>CONVERSATION_NOT_FOUND</c>). The exception message is the same in both cases.</summary>
public sealed class ConversationNotFoundException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    /// <param name="id">The requested id.</param>
    public ConversationNotFoundException(string id)
        : base(ConversationErrorCodes.ConversationNotFound, $"{ConversationIds.KindOf(id)} '{WellFormed.Quote(id)}' was not found.") => Id = id;

    /// <summary>Gets the requested id.</summary>
    public string Id { get; }
}

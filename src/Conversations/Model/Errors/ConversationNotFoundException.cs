namespace Conversations;

/// <summary>There is no such conversation, message or run, or none that the caller reaches (<c>CONVERSATION_NOT_FOUND</c>); the words are the same for both.</summary>
public sealed class ConversationNotFoundException : ConversationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="id">The id that was asked for.</param>
    public ConversationNotFoundException(string id)
        : base(ConversationErrorCodes.ConversationNotFound, $"There is no '{WellFormed.Quote(id)}'.") => Id = id;

    /// <summary>The id that was asked for.</summary>
    public string Id { get; }
}

namespace Conversations;

/// <summary>Thrown when the message to continue from, or the message that it answers, is superseded (<c>MESSAGE_SUPERSEDED</c>). Restore that message first. Nothing was written.</summary>
public sealed class MessageSupersededException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    /// <param name="messageId">The id of the superseded message.</param>
    public MessageSupersededException(string messageId)
        : base(ConversationErrorCodes.MessageSuperseded, $"Message '{WellFormed.Quote(messageId)}' is superseded: it was replaced, answered again or hidden. Read the conversation and name the message in its place, or restore this one first.") => MessageId = messageId;

    /// <summary>Gets the id of the superseded message.</summary>
    public string MessageId { get; }
}

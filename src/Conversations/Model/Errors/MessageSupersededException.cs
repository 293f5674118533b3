namespace Conversations;

/// <summary>A message that is to be gone on from is superseded, or what it answers is (<c>MESSAGE_SUPERSEDED</c>). Restore that first. Nothing was written.</summary>
public sealed class MessageSupersededException : ConversationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="messageId">The id of the message that is superseded.</param>
    public MessageSupersededException(string messageId)
        : base(ConversationErrorCodes.MessageSuperseded, $"The message '{WellFormed.Quote(messageId)}' is superseded. Restore it first.") => MessageId = messageId;

    /// <summary>The id of the message that is superseded.</summary>
    public string MessageId { get; }
}

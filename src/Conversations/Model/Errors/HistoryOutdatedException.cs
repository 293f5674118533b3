namespace Conversations;

/// <summary>Thrown when a request continues from an earlier message than the last answer of the conversation (<c>HISTORY_OUTDATED</c>), so that its caller may not know the later messages. Nothing was written.</summary>
public sealed class HistoryOutdatedException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    /// <param name="messageId">The id of the message from which the request continues.</param>
    public HistoryOutdatedException(string messageId)
        : base(
            ConversationErrorCodes.HistoryOutdated,
            $"The conversation has other messages after '{WellFormed.Quote(messageId)}', the last message that the request knows, or that message is superseded. Read the conversation and send the request again. To replace later messages, set ReplaceMessageId, or OnEarlierMessage to EarlierMessagePolicy.Replace; EarlierMessagePolicy.Append adds the input after them.") =>
        MessageId = messageId;

    /// <summary>Gets the id of the message from which the request continues.</summary>
    public string MessageId { get; }

    /// <summary>Gets whether the message is part of an unfinished replacement, which can be restored.</summary>
    internal bool CanBeRestored { get; init; }
}

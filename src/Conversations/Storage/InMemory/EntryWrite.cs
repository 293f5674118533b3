namespace Conversations.Storage;

/// <summary>What a batch writes to one conversation. Collections are copied before anything is written, so that one that throws while it is enumerated leaves nothing behind.</summary>
internal readonly struct EntryWrite
{
    // Its collections are arrays, and its messages are in order.
    private readonly ConversationWrite _write;

    private EntryWrite(ConversationWrite write) => _write = write;

    public StoredConversation Target => _write.Conversation;

    public long? ExpectedToken => _write.ExpectedToken;

    public long[] DeletedMessages => (long[])_write.DeletedMessages;

    public TokenRecount[] Recounts => (TokenRecount[])_write.Recounts;

    public SupersededChange[] Superseded => (SupersededChange[])_write.Superseded;

    public long? DropSummariesFrom => _write.DropSummariesFrom;

    public long[] DroppedSegments => (long[])_write.DroppedSegments;

    public StoredRun[] Runs => (StoredRun[])_write.Runs;

    public StoredMessage[] Messages => (StoredMessage[])_write.Messages;

    public MessageData[] Data => (MessageData[])_write.Data;

    public FeedbackChange[] Feedback => (FeedbackChange[])_write.Feedback;

    public ConversationSummary? Summary => _write.Summary;

    public static EntryWrite[] Of(IReadOnlyList<ConversationWrite> writes)
    {
        var copies = new EntryWrite[writes.Count];
        for (var i = 0; i < copies.Length; i++)
            copies[i] = Of(writes[i]);
        return copies;
    }

    private static EntryWrite Of(ConversationWrite write)
    {
        // Arrays are read as they are: what is kept of them are their items.
        var isReady = write is
        {
            DeletedMessages: long[], Recounts: TokenRecount[], Superseded: SupersededChange[], DroppedSegments: long[], Runs: StoredRun[], Data: MessageData[], Feedback: FeedbackChange[], Messages: StoredMessage[] messages
        } && IsInOrder(messages);
        return new EntryWrite(isReady ? write : write with
        {
            DeletedMessages = write.DeletedMessages.ToArray(),
            Recounts = write.Recounts.ToArray(),
            Superseded = write.Superseded.ToArray(),
            DroppedSegments = write.DroppedSegments.ToArray(),
            Runs = write.Runs.ToArray(),
            Data = write.Data.ToArray(),
            Feedback = write.Feedback.ToArray(),
            Messages = write.Messages.OrderBy(static message => message.Position).ToArray(),
        });
    }

    private static bool IsInOrder(StoredMessage[] messages)
    {
        for (var i = 1; i < messages.Length; i++)
        {
            if (messages[i].Position < messages[i - 1].Position)
                return false;
        }

        return true;
    }
}

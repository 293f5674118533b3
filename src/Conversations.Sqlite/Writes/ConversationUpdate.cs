namespace Conversations.Storage;

/// <summary>A copy of what a batch writes to one conversation, with its messages serialized.</summary>
internal sealed class ConversationUpdate(ConversationWrite write)
{
    private readonly long[] _deletedMessages = Copy(write.DeletedMessages);
    private readonly TokenRecount[] _recounts = Copy(write.Recounts);
    private readonly SupersededChange[] _superseded = Copy(write.Superseded);
    private readonly long[] _droppedSegments = Copy(write.DroppedSegments);
    private readonly FeedbackChange[] _feedback = Copy(write.Feedback);
    private readonly MessageRow[] _messages = MessageRow.From(write);

    /// <summary>Gets the conversation as it is to be.</summary>
    public StoredConversation Target => write.Conversation;

    /// <summary>Gets the token that the open run must have; null for none.</summary>
    public long? ExpectedToken => write.ExpectedToken;

    /// <summary>Gets the closed runs.</summary>
    public StoredRun[] Runs { get; } = Copy(write.Runs);

    /// <summary>Gets or sets the key that the new conversation is to have, with which its messages were written before; null if they were not.</summary>
    public long? Key { get; set; }

    /// <summary>Gets whether messages or feedback are deleted.</summary>
    public bool Deletes => _deletedMessages.Length > 0 || Array.Exists(_feedback, static change => change.Feedback is null);

    /// <summary>Gets the size of the messages, as far as they are not written yet: about as many bytes.</summary>
    public long Size
    {
        get
        {
            var size = 0L;
            foreach (var row in Key is null ? _messages : [])
                size += row.Size;
            return size;
        }
    }

    /// <summary>Gets whether it creates a conversation with more messages than one write can insert.</summary>
    public bool IsLong => Target.Version == 0 && (_messages.Length > WriteShare.Rows || Size > WriteShare.Bytes) && _messages.Length > 1;

    /// <summary>Divides the messages, each part small enough for one write.</summary>
    public IEnumerable<ArraySegment<MessageRow>> Parts()
    {
        for (var start = 0; start < _messages.Length;)
        {
            var share = new WriteShare();
            var end = start;
            while (end < _messages.Length && share.TryTake(_messages[end].Size))
                end++;
            yield return new ArraySegment<MessageRow>(_messages, start, end - start);
            start = end;
        }
    }

    /// <summary>Gets whether none of the messages takes a position that was used before [4.2].</summary>
    public bool ArePositionsFree(long usedPosition)
    {
        foreach (var row in _messages)
        {
            if (row.Message.Position <= usedPosition)
                return false;
        }

        return true;
    }

    /// <summary>Gets the highest position that a message has had once the messages are inserted.</summary>
    public long UsedPosition(long before)
    {
        foreach (var row in _messages)
            before = Math.Max(before, row.Message.Position);
        return before;
    }

    /// <summary>Writes everything but the row of the conversation and the idempotency keys.</summary>
    /// <returns><see langword="false"/> if two messages have the same position, or data are missing.</returns>
    public bool TryApply(SqliteSession session, long conversation)
    {
        foreach (var position in _deletedMessages)
            Delete(session, conversation, position);
        foreach (var recount in _recounts)
            Recount(session, conversation, recount);
        foreach (var change in _superseded)
            Supersede(session, conversation, change);
        if (write.DropSummariesFrom is { } from)
            SummaryRow.DropFrom(session, conversation, from);
        foreach (var run in _droppedSegments)
            SegmentRows.Delete(session, conversation, run);
        foreach (var run in Runs)
            RunRow.Write(session, conversation, run);
        foreach (var message in Key is null ? _messages : [])
        {
            if (!message.TryInsert(session, conversation))
                return false;
        }

        foreach (var change in _feedback)
            FeedbackRow.Apply(session, conversation, change);
        if (write.Summary is not null)
            SummaryRow.Write(session, conversation, write.Summary);
        return true;
    }

    // An array is copied too: the batch is applied later, when it has its turn.
    private static T[] Copy<T>(IReadOnlyList<T> items) => items.Count == 0 ? [] : [.. items];

    private static void Delete(SqliteSession session, long conversation, long position)
    {
        if (!RowValues.IsNumber(position))
            return;

        using var delete = session.Use(SqliteStatements.DeleteMessage);
        delete.Bind(1, conversation);
        delete.Bind(2, position);
        delete.Run();
        DataRow.Delete(session, conversation, position);
        FeedbackRow.DeleteOf(session, conversation, position);
    }

    private static void Recount(SqliteSession session, long conversation, TokenRecount recount)
    {
        if (!RowValues.IsNumber(recount.Position))
            return;

        using var update = session.Use(SqliteStatements.Recount);
        update.Bind(1, conversation);
        update.Bind(2, recount.Position);
        update.Bind(3, recount.Tokens.Count);
        update.Bind(4, recount.Tokens.Counter);
        update.Run();
    }

    private static void Supersede(SqliteSession session, long conversation, SupersededChange change)
    {
        using var update = session.Use(SqliteStatements.Supersede);
        update.Bind(1, conversation);
        update.Bind(2, Math.Clamp(change.From, 1, uint.MaxValue + 1L));
        update.Bind(3, Math.Clamp(change.Through, 0, uint.MaxValue));
        update.Bind(4, change.Expected);
        update.Bind(5, change.Value);
        update.Run();
    }
}

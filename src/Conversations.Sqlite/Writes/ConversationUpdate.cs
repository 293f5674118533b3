namespace Conversations.Storage;

/// <summary>A copy of what a batch writes to one conversation, with its messages serialized.</summary>
internal sealed class ConversationUpdate(ConversationWrite write)
{
    private readonly long[] _deletedMessages = Copy(write.DeletedMessages);
    private readonly TokenRecount[] _recounts = Copy(write.Recounts);
    private readonly SupersededChange[] _superseded = Copy(write.Superseded);
    private readonly long[] _droppedSegments = Copy(write.DroppedSegments);
    private readonly MessageRow[] _messages = MessageRow.From(write.Messages);

    /// <summary>Gets the conversation as it is to be.</summary>
    public StoredConversation Target => write.Conversation;

    /// <summary>Gets the token that the open run must have; null for none.</summary>
    public long? ExpectedToken => write.ExpectedToken;

    /// <summary>Gets the closed runs.</summary>
    public StoredRun[] Runs { get; } = Copy(write.Runs);

    /// <summary>Gets whether messages are deleted.</summary>
    public bool DeletesMessages => _deletedMessages.Length > 0;

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
    /// <returns><see langword="false"/> if two messages have the same position.</returns>
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
        foreach (var message in _messages)
        {
            if (!message.TryInsert(session, conversation))
                return false;
        }

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

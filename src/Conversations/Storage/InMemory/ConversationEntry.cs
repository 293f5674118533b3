namespace Conversations.Storage;

/// <summary>A conversation with its messages, runs, summaries and segments. Everything but <see cref="Data"/> is used under the gate of the scope.</summary>
internal sealed class ConversationEntry(ScopeEntry scope, StoredConversation data)
{
    private volatile StoredConversation _data = data;

    public ScopeEntry Scope { get; } = scope;

    /// <summary>The conversation as it is now. It is immutable and replaced as a whole, so it can be read without the gate.</summary>
    public StoredConversation Data => _data;

    public RunLog ClosedRuns { get; } = new();

    public MessageLog Messages { get; } = new();

    public SummaryLog Summaries { get; } = new();

    public SegmentLog Segments { get; } = new();

    public FeedbackTable Feedback { get; } = new();

    /// <summary>Gets whether the conversation was deleted after it was looked up.</summary>
    public bool IsDeleted { get; set; }

    public StoredRun? FindRun(long number) =>
        _data.OpenRun is { } open && open.Run.Number == number ? open.ToStoredRun()
        : ClosedRuns.Find(number);

    /// <summary>Reads runs, newest first, the open one included [5.5].</summary>
    public IReadOnlyList<StoredRun> ReadRuns(RunRange range)
    {
        var runs = new List<StoredRun>(Math.Min(range.Limit, 16));
        ClosedRuns.Read(range, runs);
        _data.OpenRun?.InsertInto(runs, range);
        return runs;
    }

    /// <summary>Determines whether the positions of messages, in ascending order, are unique and follow the last one that was used [4.2].</summary>
    public static bool AreFree(StoredMessage[] messages, long lastPosition)
    {
        foreach (var message in messages)
        {
            if (message.Position <= lastPosition)
                return false;
            lastPosition = message.Position;
        }

        return true;
    }

    public void Apply(EntryWrite write)
    {
        foreach (var position in write.DeletedMessages)
        {
            Scope.Data.Release(Messages.Delete(position));
            Feedback.DeleteOf(position);
        }

        foreach (var recount in write.Recounts)
            Messages.Recount(recount.Position, recount.Tokens);
        foreach (var change in write.Superseded)
            Messages.Supersede(change);
        if (write.DropSummariesFrom is { } from)
            Summaries.DropFrom(from);
        foreach (var run in write.DroppedSegments)
            Segments.Drop(run);
        foreach (var run in write.Runs)
            Close(run);
        foreach (var message in write.Messages)
            Messages.Append(message);
        foreach (var item in write.Data)
            Scope.Data.Add(item);
        foreach (var change in write.Feedback)
            Feedback.Apply(change);
        if (write.Summary is not null)
            Summaries.Add(write.Summary);
        _data = write.Target with { Version = write.Target.Version + 1 };
    }

    /// <summary>Reads data of a message [15.2].</summary>
    public byte[]? ReadData(DataLookup lookup) =>
        Messages.Find(lookup.Position) is { } message && BesideData.HashesOf(message).Contains(lookup.Hash, StringComparer.Ordinal) ? Scope.Data.Read(lookup.Hash) : null;

    /// <summary>Appends segments if the open run still holds its lease [13].</summary>
    public bool TryAppend(SegmentBatch batch, StreamSegment[] segments, DateTimeOffset now)
    {
        if (_data.OpenRun is not { } open || open.Run.Number != batch.RunNumber || open.Token != batch.Token)
            return false;

        Segments.Append(batch.RunNumber, segments, now);
        _data = _data with { Version = _data.Version + 1 };
        return true;
    }

    /// <summary>Adds up the closed runs that began in the given time [14].</summary>
    public void AddUsage(UsageSums sums, UsageQuery query)
    {
        if (IsDeleted)
            return;

        foreach (var run in ClosedRuns.All)
        {
            if ((query.StartedFrom is not { } from || run.Run.StartedAt >= from) && (query.StartedBefore is not { } before || run.Run.StartedAt < before))
                sums.Add(_data.Conversation.Agent, run.Run);
        }
    }

    private void Close(StoredRun run)
    {
        ClosedRuns.Write(run);
        if (run.SegmentsExpireAt is { } expiresAt)
            Segments.Expire(run.Run.Number, expiresAt);
    }
}

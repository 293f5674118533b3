namespace Conversations.Storage;

/// <summary>A conversation with its messages, runs, summaries and segments. Everything but <see cref="Data"/> is used under the gate of the scope.</summary>
internal sealed class ConversationEntry(ScopeEntry scope, StoredConversation data)
{
    private readonly List<StoredRun> _runs = [];
    private volatile StoredConversation _data = data;

    public ScopeEntry Scope { get; } = scope;

    /// <summary>The conversation as it is now. It is immutable and replaced as a whole, so it can be read without the gate.</summary>
    public StoredConversation Data => _data;

    /// <summary>The closed runs, by number.</summary>
    public IReadOnlyList<StoredRun> ClosedRuns => _runs;

    public MessageLog Messages { get; } = new();

    public SummaryLog Summaries { get; } = new();

    public SegmentLog Segments { get; } = new();

    /// <summary>Gets whether the conversation was deleted after it was looked up.</summary>
    public bool IsDeleted { get; set; }

    public StoredRun? FindRun(long number) =>
        _data.OpenRun is { } open && open.Run.Number == number ? open.ToStoredRun()
        : IndexOf(number) is >= 0 and var index ? _runs[index]
        : null;

    /// <summary>Reads runs, newest first, the open one included [5.5].</summary>
    public IReadOnlyList<StoredRun> ReadRuns(RunRange range)
    {
        var runs = new List<StoredRun>(Math.Min(range.Limit, 16));
        var before = range.Before ?? long.MaxValue;
        var open = _data.OpenRun is { Run.Number: var number } && number < before && number > range.After ? _data.OpenRun : null;
        var start = IndexOf(before);
        for (var index = (start >= 0 ? start : ~start) - 1; index >= 0 && runs.Count < range.Limit && _runs[index].Run.Number > range.After; index--)
        {
            // A run that began later can be closed already.
            if (open?.Run.Number > _runs[index].Run.Number)
            {
                runs.Add(open.ToStoredRun());
                open = null;
                if (runs.Count == range.Limit)
                    break;
            }

            runs.Add(_runs[index]);
        }

        if (open is not null && runs.Count < range.Limit)
            runs.Add(open.ToStoredRun());
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
            Messages.Delete(position);
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
        if (write.Summary is not null)
            Summaries.Add(write.Summary);
        _data = write.Target with { Version = write.Target.Version + 1 };
    }

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

        foreach (var run in _runs)
        {
            if ((query.StartedFrom is not { } from || run.Run.StartedAt >= from) && (query.StartedBefore is not { } before || run.Run.StartedAt < before))
                sums.Add(_data.Conversation.Agent, run.Run);
        }
    }

    private void Close(StoredRun run)
    {
        var index = IndexOf(run.Run.Number);
        if (index >= 0)
            _runs[index] = run;
        else
            _runs.Insert(~index, run);
        if (run.SegmentsExpireAt is { } expiresAt)
            Segments.Expire(run.Run.Number, expiresAt);
    }

    private int IndexOf(long number)
    {
        var (low, high) = (0, _runs.Count - 1);
        while (low <= high)
        {
            // Most often it is the last one.
            var middle = high == _runs.Count - 1 && low == 0 ? high : (low + high) / 2;
            var order = _runs[middle].Run.Number.CompareTo(number);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }
}

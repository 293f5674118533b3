namespace Conversations.Storage;

/// <summary>A conversation with its messages, runs and lease. Everything but <see cref="Data"/> is used under the scope's gate.</summary>
internal sealed class ConversationEntry
{
    private readonly Dictionary<long, ConversationRun> _runs = [];
    private volatile Conversation _data;

    public ConversationEntry(ScopeEntry scope, string id, string? title, DateTimeOffset createdAt, DateTimeOffset now, string? forkedFrom = null)
    {
        Scope = scope;
        _data = new Conversation
        {
            Id = id,
            SessionId = scope.Scope.SessionId,
            Project = scope.Scope.Project,
            Agent = scope.Scope.Agent,
            Channel = scope.Scope.Channel,
            UserId = scope.Scope.Owner.Identity?.UserId,
            Thread = scope.Scope.Owner.Thread,
            Title = title,
            CreatedAt = createdAt.ToUniversalTime(),
            LastActivityAt = now,
            ForkedFrom = forkedFrom,
        };
    }

    public ScopeEntry Scope { get; }

    /// <summary>The conversation as it is now. Immutable and replaced whole, so it may be read without the gate.</summary>
    public Conversation Data => _data;

    public string Id => _data.Id;

    public MessageLog Messages { get; } = new();

    public SummaryLog Summaries { get; } = new();

    public IEnumerable<ConversationRun> Runs => _runs.Values;

    public HeldLease? Lease { get; private set; }

    /// <summary>Whether it was deleted after it was looked up.</summary>
    public bool IsDeleted { get; set; }

    /// <summary>Finds a run with the status that it was closed with, superseded or not.</summary>
    public ConversationRun? FindRun(long number) => _runs.GetValueOrDefault(number);

    /// <summary>Finds the last run after another, on the same input, that was completed or is waiting (rule 6.5). It looks at every run of the conversation.</summary>
    public ConversationRun? FindAnswerSince(ConversationRun run) =>
        _runs.Values.Where(later => later.Number > run.Number && later.Input() == run.Input() && later.IsAnswered() && later.OutputCount > 0).MaxBy(later => later.Number);

    /// <summary>Lists runs in the order of rule 8.6, as they are shown. It looks at every run of the conversation.</summary>
    public List<ConversationRun> ListRuns(RunListing query) =>
        [.. _runs.Values
            .Where(run => run.Number < (query.Before ?? long.MaxValue))
            .OrderByDescending(run => run.Number)
            .Take(query.Limit)
            .Select(run => run.AsShown())];

    /// <summary>Adds what the runs used that began in the time that is meant (rule 21.2).</summary>
    public void AddUsage(UsageSums sums, UsageSumQuery query)
    {
        if (IsDeleted)
            return;

        foreach (var run in _runs.Values)
        {
            if ((query.StartedFrom is not { } from || run.StartedAt >= from) && (query.StartedBefore is not { } before || run.StartedAt < before))
                sums.Add(Scope.Scope.Agent, run);
        }
    }

    public TurnLocked? LockedAt(DateTimeOffset now) =>
        Lease is { } lease && lease.Left(now) is var left && left > TimeSpan.Zero ? new TurnLocked(Id, lease.Fence, left) : null;

    public bool Holds(TurnLease lease) => !IsDeleted && Lease?.Fence == lease.Fence;

    public void Take(TurnLease lease, DateTimeOffset now) => Lease = HeldLease.From(now, lease.Fence, lease.Duration);

    /// <summary>Takes the lease away and marks its run interrupted (rule 4.3). What it streamed becomes its output (rule 20.3).</summary>
    public void InterruptHolder(DateTimeOffset now)
    {
        if (Lease is not { } lease)
            return;

        var stream = Scope.Streams.Find(lease.Fence);
        var draft = stream?.Draft() ?? [];
        var position = Append(draft, lease.Fence, now, stream?.IsSupersededWhenInterrupted ?? false);
        Close(_runs[lease.Fence] with { Status = RunStatus.Interrupted, EndedAt = now, OutputPosition = position, OutputCount = draft.Count });
    }

    public void Open(ConversationRun run, TurnLease lease, DateTimeOffset now)
    {
        _runs.Add(run.Number, run);
        Take(lease, now);
    }

    public void Close(ConversationRun run)
    {
        _runs[run.Number] = run;
        Lease = null;
        if (run.EndedAt is { } endedAt)
            Scope.Streams.Find(run.Number)?.End(endedAt);
    }

    public void DropKey(long number) => _runs[number] = _runs[number] with { IdempotencyKey = null };

    /// <summary>Supersedes what is current from a position on, and drops the summaries that cover it (rules 19.2, 19.6).</summary>
    public void Supersede(long from, long by)
    {
        foreach (var number in Messages.Supersede(from, by))
        {
            if (number != by)
                _runs[number] = _runs[number] with { SupersededBy = by };
        }

        Summaries.DropFrom(from);
    }

    /// <summary>Undoes what a run superseded (rule 19.3). What others superseded of the same runs stays so.</summary>
    public void Restore(long by)
    {
        foreach (var number in Messages.Restore(by))
            _runs[number] = _runs[number] with { SupersededBy = Messages.LastToSupersede(_runs[number]) };
    }

    /// <summary>Appends messages; an activity if there are any.</summary>
    /// <returns>The position of the first; 0 if there are none.</returns>
    public long Append(IReadOnlyList<ConversationMessage> messages, long? runNumber, DateTimeOffset now, bool areSuperseded = false)
    {
        if (messages.Count == 0)
            return 0;

        var first = Messages.LastPosition + 1;
        for (var i = 0; i < messages.Count; i++)
        {
            Messages.Append(messages[i] with
            {
                ConversationId = Id,
                Position = first + i,
                RunNumber = runNumber,
                SupersededBy = areSuperseded ? runNumber : null,
                CreatedAt = messages[i].CreatedAt?.ToUniversalTime(),
            });
        }

        _data = _data with
        {
            MessageCount = _data.MessageCount + messages.Count,
            LastPosition = Messages.LastPosition,
            LastMessageAt = messages[^1].CreatedAt?.ToUniversalTime(),
            LastActivityAt = Later(now),
        };
        return first;
    }

    public bool DeleteMessage(long position)
    {
        if (IsDeleted || Messages.Delete(position) is not { } deleted)
            return false;

        Summaries.DropFrom(position);
        if (deleted.RunNumber is { } run && _runs[run].Status != RunStatus.Running)
            Scope.Streams.Drop(run);
        _data = _data with { MessageCount = _data.MessageCount - 1 };
        return true;
    }

    /// <summary>Saves a summary, if what it was made from is still what stands here (rule 18.2).</summary>
    public bool Save(SaveSummaryCommand command, DateTimeOffset now)
    {
        if (IsDeleted
            || command.Base != Summaries.Through
            || command.BaseMessageCount != Summaries.MessageCount
            || command.Through <= command.Base
            || command.Through > Messages.LastPosition
            || (command.MessageCount, command.SupersededCount, command.LastSupersededBy) != Messages.Count(command.Base, command.Through))
        {
            return false;
        }

        Summaries.Add(new ConversationSummary
        {
            ConversationId = Id,
            Through = command.Through,
            MessageCount = command.BaseMessageCount + command.MessageCount,
            Text = command.Text,
            Tokens = command.Tokens,
            CreatedAt = now,
        });
        return true;
    }

    public void Entitle(string? title)
    {
        if (title is not null)
            _data = _data with { Title = title };
    }

    public void Reopen(DateTimeOffset now) =>
        _data = _data with { Status = ConversationStatus.Active, EndedAt = null, LastActivityAt = Later(now) };

    /// <summary>Ends or archives it; its end is when it stopped being active.</summary>
    public void End(ConversationStatus status, DateTimeOffset now) =>
        _data = _data with { Status = status, EndedAt = _data.EndedAt ?? now };

    private DateTimeOffset Later(DateTimeOffset now) => now > _data.LastActivityAt ? now : _data.LastActivityAt;
}

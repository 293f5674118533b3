namespace Conversations.Storage;

/// <summary>A scope: its current conversation, its idempotency keys, and the one lock of all its conversations.</summary>
/// <remarks>A conversation belongs to one scope for ever, and nothing holds two gates at once: there is no lock order to keep.
/// Every method is called under <see cref="Gate"/>.</remarks>
internal sealed class ScopeEntry
{
    private readonly ConversationTable _table;
    private readonly IdempotencyKeys _keys = new();
    private int _conversations;

    public ScopeEntry(ConversationScope scope, ConversationTable table)
    {
        Scope = scope;
        _table = table;
    }

    public Lock Gate { get; } = new();

    public ConversationScope Scope { get; }

    public ConversationEntry? Current { get; private set; }

    public StreamTable Streams => _table.Streams;

    /// <summary>Whether it holds nothing more, so that the store may forget it.</summary>
    public bool IsEmpty => _conversations == 0;

    /// <summary>Whether the store has forgotten it: whoever waited for the gate looks the scope up anew.</summary>
    public bool IsForgotten { get; set; }

    /// <summary>Begins a turn, or says why not.</summary>
    /// <param name="command">What is asked.</param>
    /// <param name="named">The conversation that was named by id; <see langword="null"/> for a turn by scope.</param>
    /// <param name="now">The time, read under the gate.</param>
    public BeginTurnOutcome Begin(BeginTurnCommand command, ConversationEntry? named, DateTimeOffset now)
    {
        var known = _keys.Find(command);
        if (known is not null)
        {
            if (!string.Equals(known.Fingerprint, command.Fingerprint, StringComparison.Ordinal))
                return new TurnMismatch();
            if (known.Run.IsAnswered())
                return new TurnCompletedBefore(known.Run.AsShown());
            if (known.Conversation.LockedAt(now) is { } held && held.HolderRunNumber == known.Number)
                return new TurnRunning(known.Run, held.RetryAfter);
            if (known.Conversation.Data.IsActive && RunAgain(command, known, now) is { } outcome)
                return outcome;
        }

        if (named is not null)
            return named.Data.IsActive ? Continue(command, named, known, saved: null, now) : new TurnConversationEnded(named.Id);

        return command is { StartNew: false } && Current is { Data.IsActive: true } current
            ? Continue(command, current, known, saved: null, now)
            : Start(command, known, now);
    }

    public Conversation Create(CreateConversationCommand command, DateTimeOffset now)
    {
        _table.RequireUnused(command.ConversationId);
        var conversation = new ConversationEntry(this, command.ConversationId, command.Title, command.CreatedAt ?? now, now, command.ForkedFrom);
        conversation.Append(command.Messages, runNumber: null, now);
        var active = Current is { Data.IsActive: true } ? Current : null;
        if (command.Current == CurrentConversationRule.End)
            active?.End(ConversationStatus.Ended, now);
        if (command.Current != CurrentConversationRule.Keep || active is null)
            Current = conversation;
        Add(conversation);
        return conversation.Data;
    }

    public Conversation Change(ConversationEntry conversation, ConversationChange change, DateTimeOffset now)
    {
        conversation.Entitle(change.Title);
        if (change.Status is { } status && status != ConversationStatus.Active)
            conversation.End(status, now);
        else if (change.Status is not null && !conversation.Data.IsActive)
            Reopen(conversation, now);

        return conversation.Data;
    }

    public void Delete(ConversationEntry conversation)
    {
        conversation.IsDeleted = true;
        if (Current == conversation)
            Current = null;
        _keys.Free(conversation.Runs);
        foreach (var run in conversation.Runs)
            Streams.Drop(run.Number);
        _table.Remove(conversation);
        _conversations--;
    }

    private void Reopen(ConversationEntry conversation, DateTimeOffset now)
    {
        if (Current is not { Data.IsActive: true })
            Current = conversation;
        conversation.Reopen(now);
    }

    /// <summary>Begins a new run on the input of a known one, or gives the run that has answered it since (rule 6.5); <see langword="null"/> if it begins as if it were new (rule 6.6).</summary>
    private BeginTurnOutcome? RunAgain(BeginTurnCommand command, KeyedRun known, DateTimeOffset now)
    {
        if (known.Conversation.FindAnswerSince(known.Run) is { } answer)
            return new TurnCompletedBefore(answer.AsShown());

        var saved = known.Run.Input();
        return known.Conversation.Messages.HasSuperseded(saved) ? null : Continue(command, known.Conversation, known, saved, now);
    }

    private BeginTurnOutcome Continue(BeginTurnCommand command, ConversationEntry conversation, KeyedRun? known, MessageSpan? saved, DateTimeOffset now)
    {
        if (conversation.LockedAt(now) is { } locked)
            return locked;

        // A request that runs again was accepted before: its own input has moved the conversation on since (rule 5.7).
        if (saved is null && command.ExpectedLastPosition is { } expected && expected != conversation.Data.LastPosition)
            return new TurnConversationMoved();

        return command.InputAgain is { } span && !conversation.Messages.AreCurrent(span)
            ? new TurnNotFound()
            : Open(command, conversation, known, saved ?? command.InputAgain, now, startReason: null);
    }

    private BeginTurnOutcome Start(BeginTurnCommand command, KeyedRun? known, DateTimeOffset now)
    {
        if (command.ExpectedLastPosition is not (null or 0))
            return new TurnConversationMoved();

        _table.RequireUnused(command.NewConversationId);
        var reason = command.StartNew ? ConversationStartReason.Requested
            : Current is null ? ConversationStartReason.First
            : ConversationStartReason.Ended;
        var conversation = new ConversationEntry(this, command.NewConversationId, command.Title, now, now);
        var begun = Open(command, conversation, known, saved: null, now, reason);
        Current = conversation;
        Add(conversation);
        return begun;
    }

    private TurnBegun Open(BeginTurnCommand command, ConversationEntry conversation, KeyedRun? known, MessageSpan? saved, DateTimeOffset now, ConversationStartReason? startReason)
    {
        var number = _table.NextRunNumber();
        conversation.InterruptHolder(now);
        var inputPosition = saved?.Position ?? conversation.Append(command.Input, number, now);
        if (known is not null)
            TakeKeyFrom(known, now);

        if (conversation.Data.Title is null)
            conversation.Entitle(command.Title);
        var lease = new TurnLease(conversation.Id, number, command.LeaseDuration);
        var run = new ConversationRun
        {
            ConversationId = conversation.Id,
            Number = number,
            Status = RunStatus.Running,
            Caller = command.Caller.Length == 0 ? null : command.Caller,
            IdempotencyKey = command.IdempotencyKey,
            InputPosition = inputPosition,
            InputCount = saved?.Count ?? command.Input.Count,
            StartedAt = now,
        };
        conversation.Open(run, lease, now);
        _keys.Give(command, conversation, number);
        return new TurnBegun
        {
            Lease = lease,
            InputPosition = inputPosition,
            LastPosition = conversation.Data.LastPosition,
            IsOnSavedInput = saved is not null,
            StartReason = startReason,
        };
    }

    /// <summary>The run that had the key has it no more; if it was still running, it is interrupted, so that one request is not answered twice (rules 6.5, 6.6).</summary>
    private static void TakeKeyFrom(KeyedRun known, DateTimeOffset now)
    {
        if (known.Conversation.Lease?.Fence == known.Number)
            known.Conversation.InterruptHolder(now);
        known.Conversation.DropKey(known.Number);
    }

    private void Add(ConversationEntry conversation)
    {
        _conversations++;
        _table.Add(conversation);
    }
}

namespace CustomStore;

/// <summary>What each operation answers, and what it writes: no line if it changes nothing. Nothing is changed here.</summary>
internal static class Decisions
{
    public static (BeginTurnOutcome Outcome, JournalLine? Line) Begin(StoreState state, BeginTurnCommand command, DateTimeOffset now)
    {
        var named = command.ConversationId is { } id ? state.Find(id, command.Access) : null;
        if (command.ConversationId is not null && !string.Equals(named?.Scope.Agent, command.Agent, StringComparison.Ordinal))
            return (new TurnNotFound(), null);
        var scope = named?.Scope ?? command.Scope!;
        var caller = command.Caller.Length == 0 ? null : command.Caller;
        var earlier = state.FindRun(scope, caller, command.IdempotencyKey);
        // With a known key it runs again where it ran, on saved input [6.5]; if one has ended or the other is superseded, as if the key were new [6.6].
        var ran = earlier is not null && state.Find(earlier.Run.ConversationId) is { IsActive: true } its ? its : null;
        var since = ran?.Runs.Values.LastOrDefault(row => row.Run.Number > earlier!.Run.Number && row.Input == earlier.Input && row.IsAnswer && row.Run.OutputCount > 0);
        var again = ran?.In(earlier!.Input).Any(message => message.IsSuperseded) == true ? null : ran;
        var current = named ?? state.Current(scope);
        var target = again ?? (current is { IsActive: true } && !command.StartNew ? current : null);
        var lastPosition = target?.Conversation.LastPosition ?? 0;
        BeginTurnOutcome? refusal =
            earlier is not null && !string.Equals(earlier.Fingerprint, command.Fingerprint, StringComparison.Ordinal) ? new TurnMismatch()
            : earlier?.IsAnswer == true ? new TurnCompletedBefore(earlier.Shown)
            : earlier?.Left(now) is { } running ? new TurnRunning(earlier.Run, running)
            : since is not null ? new TurnCompletedBefore(since.Shown)
            : again is null && named is { IsActive: false } ? new TurnConversationEnded(named.Conversation.Id)
            : target?.OpenRun is { } holder && holder.Left(now) is { } left ? new TurnLocked(target.Conversation.Id, holder.Run.Number, left)
            : again is null && command.ExpectedLastPosition is { } expected && expected != lastPosition ? new TurnConversationMoved()
            : command.InputAgain is { } asked && target!.In(asked).Count(message => !message.IsSuperseded) < asked.Count ? new TurnNotFound()
            : null;
        if (refusal is not null)
            return (refusal, null);
        var conversation = target?.Conversation ?? New(state, command.NewConversationId, scope, now);
        var lease = new TurnLease(conversation.Id, state.LastRun + 1, command.LeaseDuration);
        var saved = again is null ? command.InputAgain : earlier!.Input;
        var messages = saved is null ? Rows(conversation, command.Input, lease.Fence) : [];
        var taken = Append(conversation, messages, now) with { Title = conversation.Title ?? command.Title };
        var input = saved ?? new MessageSpan(lastPosition + 1, messages.Length);
        var run = new ConversationRun { ConversationId = conversation.Id, Number = lease.Fence, StartedAt = now, Caller = caller };
        run = run with { IdempotencyKey = command.IdempotencyKey, InputPosition = input.Position, InputCount = input.Count };
        var expired = target?.OpenRun == earlier ? null : target?.OpenRun;
        RunRow?[] runs = [new(run, now + lease.Duration, lease.Duration, command.Fingerprint), earlier?.Interrupt(now).Keyless, expired?.Interrupt(now)];
        ConversationStartReason? reason = target is not null ? null
            : command.StartNew ? ConversationStartReason.Requested : current is null ? ConversationStartReason.First : ConversationStartReason.Ended;
        var begun = new TurnBegun { Lease = lease, InputPosition = input.Position, LastPosition = taken.LastPosition, IsOnSavedInput = saved is not null };
        return (begun with { StartReason = reason }, new JournalLine("begun", [taken], [.. runs.OfType<RunRow>()], messages, Current: reason is null ? null : taken.Id));
    }

    public static (bool IsDone, JournalLine? Line) Commit(StoreState state, CommitTurnCommand command, DateTimeOffset now)
    {
        if (Held(state, command.Lease) is not { } row)
            return (false, null);
        var stored = state.Find(command.Lease.ConversationId)!;
        var recounts = command.Recounts.Where(recount => stored.Messages.ContainsKey(recount.Position)).ToArray();
        var messages = Rows(stored.Conversation, command.Messages, row.Run.Number, command.AreSuperseded ? row.Run.Number : null);
        var run = row.Run with { Status = command.Status, Model = command.Model, FinishReason = command.FinishReason, Usage = command.Usage, Cost = command.Cost, Error = command.Error };
        run = run with { EndedAt = now, OutputPosition = messages is [var first, ..] ? first.Position : 0, OutputCount = messages.Length };
        run = run with { PromptTokens = command.PromptTokens, HistoryTokens = command.HistoryTokens };
        // What it supersedes and restores, and how the runs of that stand then [19.2, 19.3, 19.5].
        var changed = stored.Messages.Values.Where(message => message.SupersededBy != After(message, command)).ToArray();
        var others = stored.Runs.Values.Where(other => other != row && changed.Any(message => message.RunNumber == other.Run.Number));
        RunRow[] runs = [row with { Run = run }, .. others.Select(other => other with { Run = other.Run with { SupersededBy = By(other.Run.Number) } })];
        MessageRow[] rows = [.. messages, .. changed.Select(message => MessageRow.Of(message with { SupersededBy = After(message, command) }))];
        return (true, new("committed", [Append(stored.Conversation, messages, now)], runs, rows, Recounts: recounts));
        long? By(long number) => stored.Messages.Values.Where(message => message.RunNumber == number)
            .Select(message => After(message, command)).Where(by => by != number).Max();
    }

    public static (bool IsDone, JournalLine? Line) Renew(StoreState state, TurnLease lease, DateTimeOffset now) => Held(state, lease) is { } row
        ? (true, new JournalLine("renewed", Runs: [row with { LeaseEnd = now + lease.Duration, LeaseDuration = lease.Duration }]))
        : (false, null);

    public static (Conversation Created, JournalLine? Line) Create(StoreState state, CreateConversationCommand command, DateTimeOffset now)
    {
        var empty = New(state, command.ConversationId, command.Scope, now);
        var messages = Rows(empty, command.Messages, run: null);
        var created = Append(empty, messages, now) with { Title = command.Title, ForkedFrom = command.ForkedFrom };
        created = created with { CreatedAt = command.CreatedAt?.ToUniversalTime() ?? now };
        var active = state.Current(command.Scope) is { IsActive: true } current ? current.Conversation : null;
        Conversation[] ended = command.Current == CurrentConversationRule.End && active is not null ? [WithStatus(active, ConversationStatus.Ended, now)] : [];
        var isKept = command.Current == CurrentConversationRule.Keep && active is not null;
        return (created, new JournalLine("created", [created, .. ended], Messages: messages, Current: isKept ? null : created.Id));
    }

    public static (Conversation? Changed, JournalLine? Line) Change(StoreState state, StoredConversation? stored, ConversationChange change, DateTimeOffset now)
    {
        if (stored?.Conversation is not { } before)
            return (null, null);
        var after = WithStatus(before with { Title = change.Title ?? before.Title }, change.Status ?? before.Status, now);
        var takesPointer = after.IsActive && !before.IsActive && state.Current(stored.Scope) is not { IsActive: true };
        return (after, after == before ? null : new JournalLine("changed", [after], Current: takesPointer ? after.Id : null));
    }

    public static (bool IsDone, JournalLine? Line) Delete(StoredConversation? stored) =>
        stored is null ? (false, null) : (true, new JournalLine("deleted", DeletedConversation: stored.Conversation.Id));

    public static (bool IsDone, JournalLine? Line) DeleteMessage(StoredConversation? stored, long position) =>
        stored?.Messages.ContainsKey(position) != true ? (false, null)
        : (true, new("message deleted", [stored.Conversation with { MessageCount = stored.Conversation.MessageCount - 1 }], DeletedMessage: position));

    // A lease is lost once its run is over; that it has expired does not matter [4.4, 4.5].
    private static RunRow? Held(StoreState state, TurnLease lease) =>
        state.Find(lease.ConversationId)?.Runs.GetValueOrDefault(lease.Fence) is { IsOpen: true } row ? row : null;

    private static long? After(ConversationMessage message, CommitTurnCommand command) =>
        message.IsSuperseded ? (message.SupersededBy == command.Restore ? null : message.SupersededBy)
        : message.Position >= command.SupersedeFrom ? command.Lease.Fence : null;

    private static Conversation New(StoreState state, string id, ConversationScope scope, DateTimeOffset now)
    {
        if (state.Find(id) is not null)
            throw new ArgumentException("A conversation with this id exists.", nameof(id)); // [2.5]
        var (project, agent, owner) = (scope.Project, scope.Agent, scope.Owner);
        var created = new Conversation { Id = id, SessionId = scope.SessionId, Project = project, Agent = agent, CreatedAt = now, LastActivityAt = now };
        return created with { Channel = scope.Channel, UserId = owner.Identity?.UserId, Thread = owner.Thread };
    }

    private static MessageRow[] Rows(Conversation conversation, IReadOnlyList<ConversationMessage> messages, long? run, long? by = null) => [.. messages
        .Select((message, index) => message with { Position = conversation.LastPosition + 1 + index, RunNumber = run, SupersededBy = by })
        .Select(message => MessageRow.Of(message with { ConversationId = conversation.Id }))];

    private static Conversation Append(Conversation old, MessageRow[] messages, DateTimeOffset now) => messages is not [.., var last] ? old
        : Touch(old, now) with { MessageCount = old.MessageCount + messages.Length, LastPosition = last.Position, LastMessageAt = last.CreatedAt };

    private static Conversation WithStatus(Conversation conversation, ConversationStatus status, DateTimeOffset now) =>
        conversation.IsActive == (status == ConversationStatus.Active) ? conversation with { Status = status }
        : conversation.IsActive ? conversation with { Status = status, EndedAt = now }
        : Touch(conversation, now) with { Status = status, EndedAt = null };

    // The clock may have been set back [8.2].
    private static Conversation Touch(Conversation conversation, DateTimeOffset now) =>
        conversation.LastActivityAt > now ? conversation : conversation with { LastActivityAt = now };
}

namespace Conversations.Storage;

/// <summary>Begins a turn [4, 5, 6]. The usual one finds its conversation, opens a run, takes the lease and saves the input, a statement each.</summary>
internal sealed class BeginTurnWrite(BeginTurnCommand command) : ISqliteWrite<BeginTurnOutcome>
{
    private readonly MessageRow[] _input = MessageRow.From(command.Input);

    private static Written<BeginTurnOutcome> NotFound => Written.Nothing<BeginTurnOutcome>(new TurnNotFound());

    public Written<BeginTurnOutcome> Run(SqliteSession session, long now)
    {
        var (scope, conversation) = FindTarget(session);
        if (command.Scope is null && conversation is null)
            return session.IsReadOnly ? throw SqliteErrors.ReadOnlyDatabase() : NotFound; // SQLite itself objects to the first change alone, and a probe makes none.

        // A known key opens no run. It has its say before anything else that stands in the way [5.7].
        var begun = Continue(session, scope, conversation, now);
        if (begun is null && FindKeyedRun(session, scope) is { } known)
        {
            if (Answer(session, known, now) is { } answer)
                return Written.Nothing(answer);
            if (known.Conversation.IsActive && !Superseding.HasSuperseded(session, known.Conversation.Key, known.Input))
            {
                return known.Conversation.IsHeld(now) ? Written.Nothing<BeginTurnOutcome>(Locked(known.Conversation, now))
                    : HasInput(session, known.Conversation) ? Written.Keep<BeginTurnOutcome>(RunAgain(session, scope!.Value, known, now))
                    : NotFound;
            }

            // As if it were new. What is written here is kept only if the turn begins [6.6].
            ForgetKey(session, known.Number);
            if (known.Status == RunStatus.Running)
                conversation = GiveUp(session, known, conversation, now);
            begun = Continue(session, scope, conversation, now);
        }

        if (begun is not null)
            return Written.Keep<BeginTurnOutcome>(begun);
        return Refuse(conversation, now) is { } refusal
            ? Written.Nothing(refusal)
            : Written.Keep<BeginTurnOutcome>(Create(session, scope, conversation, now));
    }

    private (long? Scope, LeaseState? Conversation) FindTarget(SqliteSession session)
    {
        using var statement = session.Use(command.Scope is null ? SqliteStatements.FindTargetById : SqliteStatements.FindTargetByScope);
        if (command.Scope is not null)
        {
            statement.Bind(1, command.Scope.SessionId);
        }
        else
        {
            statement.BindAccess(command.ConversationId!, command.Access);
            statement.Bind(6, command.Agent);
        }

        return statement.Step() ? (statement.Int64(0), SqliteRows.ReadLeaseState(statement, 1)) : (null, null);
    }

    /// <summary>Begins in the conversation that is there; <see langword="null"/>, with nothing written, if that cannot be or the key is known.</summary>
    private TurnBegun? Continue(SqliteSession session, long? scope, LeaseState? conversation, long now)
    {
        var isOpen = conversation is { IsActive: true } && !command.StartNew && !conversation.IsHeld(now) && IsExpected(conversation.LastPosition)
            && HasInput(session, conversation);
        return isOpen ? Begin(session, scope!.Value, conversation!, startReason: null, now) : null;
    }

    /// <summary>What stands in the way of beginning; <see langword="null"/> if a new conversation can be created.</summary>
    private BeginTurnOutcome? Refuse(LeaseState? conversation, long now)
    {
        if (conversation is not null && !command.StartNew)
        {
            if (conversation.IsActive)
            {
                return conversation.IsHeld(now) ? Locked(conversation, now)
                    : IsExpected(conversation.LastPosition) ? new TurnNotFound()
                    : new TurnConversationMoved();
            }

            if (command.Scope is null)
                return new TurnConversationEnded(conversation.Id);
        }

        return IsExpected(0) ? null : new TurnConversationMoved();
    }

    private TurnBegun Create(SqliteSession session, long? scope, LeaseState? current, long now)
    {
        var key = scope ?? ScopeRow.Create(session, command.Scope!);
        var conversation = ScopeRow.CreateConversation(session, command.Scope!, key, command.NewConversationId, command.Title, [], now, now);
        ScopeRow.Point(session, SqliteStatements.SetCurrent, key, conversation);
        var reason = command.StartNew ? ConversationStartReason.Requested
            : current is null ? ConversationStartReason.First
            : ConversationStartReason.Ended;
        var created = new LeaseState(conversation, command.NewConversationId, ConversationStatus.Active, Run: 0, LeaseUntil: 0, LeaseDuration: 0, LastPosition: 0);
        return Begin(session, key, created, reason, now) ?? throw new InvalidOperationException("The key was free.");
    }

    /// <summary>Opens a run, takes the lease and saves the input; <see langword="null"/>, with nothing written, if the key is known.</summary>
    private TurnBegun? Begin(SqliteSession session, long scope, LeaseState conversation, ConversationStartReason? startReason, long now)
    {
        if (command.InputAgain is { } span)
            return BeginOnSavedInput(session, scope, conversation, span, now);

        var interruption = Interruption.OfHolder(session, conversation);
        var position = conversation.LastPosition + conversation.Drafted + interruption.Count + 1;
        if (OpenRun(session, scope, conversation, position, _input.Length, now) is not { } number)
            return null;

        interruption.Write(session, now);
        using (var take = session.Use(SqliteStatements.TakeLease))
        {
            BindLease(take, conversation.Key, number, now);
            take.Bind(6, _input.Length);
            take.Bind(7, now);
            take.Bind(8, _input[^1].CreatedAt);
            take.Run();
        }

        MessageRow.Insert(session, _input, conversation.Key, position, number);
        return Begun(conversation, number, position, position + _input.Length - 1) with { StartReason = startReason };
    }

    /// <summary>Begins a new run on the input that the known one saved [6.5].</summary>
    private TurnBegun RunAgain(SqliteSession session, long scope, KeyedRun known, long now)
    {
        ForgetKey(session, known.Number);
        return BeginOnSavedInput(session, scope, known.Conversation, known.Input, now)
            ?? throw new InvalidOperationException("The key was freed.");
    }

    /// <summary>Opens a run on messages that stand there, and takes the lease; <see langword="null"/>, with nothing written, if the key is known.</summary>
    private TurnBegun? BeginOnSavedInput(SqliteSession session, long scope, LeaseState conversation, MessageSpan input, long now)
    {
        var interruption = Interruption.OfHolder(session, conversation);
        if (OpenRun(session, scope, conversation, input.Position, input.Count, now) is not { } number)
            return null;

        interruption.Write(session, now);
        using (var take = session.Use(SqliteStatements.TakeLeaseOnSavedInput))
        {
            BindLease(take, conversation.Key, number, now);
            take.Run();
        }

        return Begun(conversation, number, input.Position, conversation.LastPosition + conversation.Drafted + interruption.Count) with { IsOnSavedInput = true };
    }

    /// <summary>Whether the messages that are to be answered again are all there and current [19.1]; so is input that the turn brings.</summary>
    private bool HasInput(SqliteSession session, LeaseState conversation)
    {
        if (command.InputAgain is not { } span)
            return true;
        if (span.Position < 1 || span.Position > conversation.LastPosition || span.End > conversation.LastPosition)
            return false;

        using var count = session.Use(SqliteStatements.CountCurrent);
        count.Bind(1, conversation.Key);
        count.Bind(2, span.Position);
        count.Bind(3, span.End);
        return count.Step() && count.Int64(0) == span.Count;
    }

    /// <summary>The answer to a request that is known [6.2-6.5]; <see langword="null"/> if it is to run again.</summary>
    private BeginTurnOutcome? Answer(SqliteSession session, KeyedRun known, long now)
    {
        if (!string.Equals(known.Fingerprint, command.Fingerprint, StringComparison.Ordinal))
            return new TurnMismatch();
        if (known.Status is RunStatus.Completed or RunStatus.RequiresAction)
            return new TurnCompletedBefore(ReadRun(session, known.Number));

        var conversation = known.Conversation;
        if (known.Status == RunStatus.Running && conversation.Run == known.Number && conversation.IsHeld(now))
            return new TurnRunning(ReadRun(session, known.Number), conversation.Left(now));
        return conversation.IsActive && FindAnswerSince(session, known) is { } since ? new TurnCompletedBefore(ReadRun(session, since)) : null;
    }

    /// <summary>The last run after a known one, on the same input, that was completed or is waiting [6.5].</summary>
    private static long? FindAnswerSince(SqliteSession session, KeyedRun known)
    {
        using var find = session.Use(SqliteStatements.FindAnswerSince);
        find.Bind(1, known.Conversation.Run);
        find.Bind(2, known.Number);
        find.Bind(3, known.Input.Position);
        find.Bind(4, known.Input.Count);
        return find.Step() ? find.Int64(0) : null;
    }

    private bool IsExpected(long lastPosition) => command.ExpectedLastPosition is not { } expected || expected == lastPosition;

    private static TurnLocked Locked(LeaseState conversation, long now) => new(conversation.Id, conversation.Run, conversation.Left(now));

    private TurnBegun Begun(LeaseState conversation, long number, long inputPosition, long lastPosition) => new()
    {
        Lease = new TurnLease(conversation.Id, number, command.LeaseDuration),
        InputPosition = inputPosition,
        LastPosition = lastPosition,
    };

    private void BindLease(SqliteStatement take, long conversation, long number, long now)
    {
        take.Bind(1, conversation);
        take.Bind(2, number);
        take.Bind(3, LeaseState.Until(now, command.LeaseDuration));
        take.Bind(4, command.LeaseDuration.Ticks);
        take.Bind(5, command.Title);
    }

    private long? OpenRun(SqliteSession session, long scope, LeaseState conversation, long inputPosition, long inputCount, long now)
    {
        using var open = session.Use(SqliteStatements.OpenRun);
        open.Bind(1, conversation.Key);
        open.Bind(2, conversation.Run);
        open.Bind(3, scope);
        open.Bind(4, command.Caller);
        open.Bind(5, command.IdempotencyKey);
        open.Bind(6, command.IdempotencyKey is null ? null : command.Fingerprint);
        open.Bind(7, inputPosition);
        open.Bind(8, inputCount);
        open.Bind(9, now);
        return open.Run() == 0 ? null : session.LastInsertedKey;
    }

    private KeyedRun? FindKeyedRun(SqliteSession session, long? scope)
    {
        if (command.IdempotencyKey is null || scope is null)
            return null;

        using var find = session.Use(SqliteStatements.FindKeyedRun);
        find.Bind(1, scope);
        find.Bind(2, command.Caller);
        find.Bind(3, command.IdempotencyKey);
        return find.Step() ? SqliteRows.ReadKeyedRun(find) : null;
    }

    private static ConversationRun ReadRun(SqliteSession session, long number)
    {
        using var read = session.Use(SqliteStatements.GetRunByNumber);
        read.Bind(1, number);
        return read.Step() ? SqliteRows.ReadRun(read) : throw new InvalidOperationException("The run was found before.");
    }

    private static void ForgetKey(SqliteSession session, long run)
    {
        using var forget = session.Use(SqliteStatements.ForgetIdempotencyKey);
        forget.Bind(1, run);
        forget.Run();
    }

    /// <summary>Interrupts a run whose lease expired, and takes the lease from it: what starts anew elsewhere must not be answered twice.</summary>
    /// <returns>The conversation that the turn is for, as it is now.</returns>
    private static LeaseState? GiveUp(SqliteSession session, KeyedRun known, LeaseState? conversation, long now)
    {
        var interruption = Interruption.OfHolder(session, known.Conversation);
        interruption.Write(session, now);
        interruption.DropLease(session);
        return conversation?.Key == known.Conversation.Key ? conversation with { LeaseUntil = 0, Drafted = interruption.Count } : conversation;
    }
}

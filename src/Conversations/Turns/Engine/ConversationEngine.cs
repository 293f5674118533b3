using Conversations.Storage;

namespace Conversations;

/// <summary>Carries out decisions: loads the state, calls the rules, and writes their batch if nothing has changed meanwhile; otherwise it decides again.</summary>
/// <remarks>Thread-safe. The rules are in <see cref="TurnRules"/>; this class decides nothing.</remarks>
/// <param name="store">The store.</param>
/// <param name="timeProvider">The clock of the host.</param>
/// <param name="delays">The clock of the delays after refused writes; null for the system clock. A host's clock that is stopped, as in tests, must not stop a write.</param>
internal sealed class ConversationEngine(IConversationStore store, TimeProvider timeProvider, TimeProvider? delays = null)
{
    private readonly FactsReader _facts = new(store);

    // A title is made of a user message, which is among the first messages.
    private const int ForTitle = 16;

    // Never disposed, because late calls still use it. It creates no wait handle.
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, 16).Select(static _ => new SemaphoreSlim(1, 1))];

    /// <summary>Begins a turn.</summary>
    public ValueTask<BeginTurnOutcome> BeginAsync(BeginTurnCommand command, CancellationToken cancellationToken) =>
        DecideAsync(LookupOf(command), (Engine: this, Command: command), static (begin, state, token) => begin.Engine.DecideAsync(begin.Command, state, token), cancellationToken,
            static (_, outcome, _, _, decidedAt) => ((TurnBegun)outcome).DecidedAt = decidedAt);

    /// <summary>Returns the outcome that beginning a turn would have now. Nothing is written.</summary>
    public async ValueTask<BeginTurnOutcome> PeekAsync(BeginTurnCommand command, CancellationToken cancellationToken)
    {
        var state = await store.LoadAsync(LookupOf(command), cancellationToken).ConfigureAwait(false);
        return (await DecideAsync(command, state, cancellationToken).ConfigureAwait(false)).Outcome;
    }

    /// <summary>Finds the position of the message that the input of a request would replace; null for none.</summary>
    /// <returns>False if the request would be refused because its caller does not know what follows.</returns>
    public async ValueTask<(bool IsAllowed, long? Replaced)> FindReplacedAsync(BeginTurnCommand command, StoredConversation target, CancellationToken cancellationToken)
    {
        var later = await _facts.ReadLaterAsync(command, target, cancellationToken).ConfigureAwait(false);
        return (!TurnRules.IsOutdated(command, later), TurnRules.Replaced(command, later));
    }

    /// <summary>Finds the outcome of a request that was answered before, by its key.</summary>
    /// <returns>Null if the key is not known or its request was not answered.</returns>
    public async ValueTask<BeginTurnOutcome?> FindAnswerAsync(BeginTurnCommand command, CancellationToken cancellationToken)
    {
        var state = await store.LoadAsync(LookupOf(command), cancellationToken).ConfigureAwait(false);
        if (state.KeyedRun is null || (command.Scope is null && TurnRules.Target(command, state) is null))
            return null;

        var facts = await _facts.ReadAsync(command, state, cancellationToken).ConfigureAwait(false);
        return TurnRules.Answer(command, state, facts);
    }

    /// <summary>Ends a turn.</summary>
    /// <returns>False if the lease is lost.</returns>
    /// <exception cref="ConversationStoreException">The store failed. If the code is <c>COMMIT_OUTCOME_UNKNOWN</c>, the turn may have ended; the next call determines that.</exception>
    public async ValueTask<bool> CommitAsync(HeldTurn held, CommitTurnCommand command, CancellationToken cancellationToken)
    {
        var known = held.Known;
        var backoff = new ConflictBackoff(delays ?? TimeProvider.System);
        while (true)
        {
            ConversationBatch? batch = null;
            try
            {
                var (conversation, now) = known ?? await LoadAsync(held, cancellationToken).ConfigureAwait(false);
                known = null;

                // A commit that was sent before may have been written, also late: before the lease is reported as lost, the run is looked up [9.2].
                if (held.Unknown is not null && !held.Lease.IsOf(conversation))
                    return await IsCommittedAsync(held).ConfigureAwait(false);

                var branches = held.Lease.IsOf(conversation) ? await _facts.ReadBranchesAsync(command, conversation!, cancellationToken).ConfigureAwait(false) : null;
                batch = TurnRules.Commit(command, conversation, now, branches).Batch;
                if (batch is null)
                    return false;
                if (await WriteAsync(batch, cancellationToken).ConfigureAwait(false))
                    return true;

                await backoff.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ConversationStoreException unknown) when (batch is not null && held.Unknown is null && unknown.Code is ConversationErrorCodes.CommitOutcomeUnknown)
            {
                held.SentCommit(unknown);
                cancellationToken = CancellationToken.None;
                if (await SendAgainAsync(batch, unknown).ConfigureAwait(false))
                    return true;
            }
            catch (Exception second) when (held.Unknown is not null && second is not OperationCanceledException)
            {
                throw StillUnknown(held.Unknown, second);
            }
        }
    }

    /// <summary>Sends a batch again whose outcome is not known: if it was written, its version is outdated.</summary>
    private async ValueTask<bool> SendAgainAsync(ConversationBatch batch, ConversationStoreException unknown)
    {
        try
        {
            return await WriteAsync(batch, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception second)
        {
            throw StillUnknown(unknown, second);
        }
    }

    /// <summary>Reads the state of a lease, without renewing it.</summary>
    public async ValueTask<LeaseState> ReadStateAsync(HeldTurn held, CancellationToken cancellationToken) =>
        TurnRules.StateOf(held.Lease, (await LoadAsync(held, cancellationToken).ConfigureAwait(false)).Conversation);

    /// <summary>Renews a lease.</summary>
    public ValueTask<LeaseState> RenewAsync(HeldTurn held, CancellationToken cancellationToken) =>
        DecideAsync(
            new ConversationLookup { Access = held.Access, ConversationId = held.Lease.ConversationId },
            held,
            static (held, state, _) => ValueTask.FromResult(TurnRules.Renew(held.Lease, held.Access, state)),
            cancellationToken,
            static (held, _, written, now, decidedAt) => held.Wrote(written with { Version = written.Version + 1 }, now, decidedAt),
            isQueued: false);

    /// <summary>Interrupts an open run whose lease has expired.</summary>
    /// <returns>False if the run is not open, or its lease has not expired.</returns>
    public ValueTask<bool> InterruptAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken) =>
        DecideAsync(
            new ConversationLookup { Access = access, ConversationId = conversationId },
            (Facts: _facts, Number: number, Access: access),
            static async (asked, state, token) => TurnRules.Interrupt(
                asked.Number, asked.Access, state, await asked.Facts.ReadDraftAsync(state.Conversation, state.Now, asked.Access, token).ConfigureAwait(false)),
            cancellationToken);

    /// <summary>Asks the holder of an open run to stop, or interrupts the run if its lease has expired.</summary>
    public ValueTask<StopOutcome> StopAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken) =>
        DecideAsync(
            new ConversationLookup { Access = access, ConversationId = conversationId },
            (Facts: _facts, Number: number, Access: access),
            static async (asked, state, token) => TurnRules.Stop(
                asked.Number, asked.Access, state, await asked.Facts.ReadDraftAsync(state.Conversation, state.Now, asked.Access, token).ConfigureAwait(false)),
            cancellationToken);

    /// <summary>Creates a conversation.</summary>
    public ValueTask<Conversation> CreateAsync(CreateConversationCommand command, CancellationToken cancellationToken) =>
        DecideAsync(
            new ConversationLookup { Access = ConversationAccess.Host(command.Scope.Project), Scope = command.Scope },
            command,
            static (command, state, _) => ValueTask.FromResult(TurnRules.Create(command, state)),
            cancellationToken);

    /// <summary>Creates a conversation with copies of messages, which are read at each attempt: what they refer to can be deleted in between.</summary>
    public ValueTask<Conversation> CopyAsync(CreateConversationCommand command, Func<CancellationToken, Task<IReadOnlyList<StoredMessage>>> readAsync, CancellationToken cancellationToken) =>
        DecideAsync(
            new ConversationLookup { Access = ConversationAccess.Host(command.Scope.Project), Scope = command.Scope },
            (Command: command, ReadAsync: readAsync),
            static async (asked, state, token) => TurnRules.Create(asked.Command with { Messages = await asked.ReadAsync(token).ConfigureAwait(false) }, state),
            cancellationToken);

    /// <summary>Changes the title, the metadata or the status of a conversation.</summary>
    /// <returns>The conversation after the change; null if it does not exist.</returns>
    public ValueTask<Conversation?> ChangeAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken) =>
        DecideAsync(
            new ConversationLookup { Access = access, ConversationId = conversationId },
            (Store: store, Access: access, Change: change),
            static async (asked, state, token) =>
            {
                var current = TurnRules.Reopens(asked.Change, state)
                    ? await asked.Store.FindCurrentAsync(ConversationScope.Parse(state.Conversation!.Conversation.SessionId), asked.Access, token).ConfigureAwait(false)
                    : null;
                return TurnRules.Change(asked.Change, asked.Access, state, current);
            },
            cancellationToken);

    /// <summary>Deletes a message.</summary>
    /// <returns>False if the message does not exist.</returns>
    public ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken) =>
        DecideAsync(
            new ConversationLookup { Access = access, ConversationId = conversationId },
            (Store: store, Position: position, Access: access),
            static async (asked, state, token) =>
            {
                if (state.Conversation is not { Conversation.Id: var id })
                    return TurnRules.DeleteMessage(asked.Position, asked.Access, state, message: null, newest: null, oldest: []);

                var message = await asked.Store.ReadSpanAsync(id, new MessageSpan(asked.Position, 1), asked.Access, token).ConfigureAwait(false);
                var newest = await asked.Store.ReadMessagesAsync(new MessageRange { ConversationId = id, Access = asked.Access, NewestFirst = true, Limit = 2 }, token).ConfigureAwait(false);
                var oldest = await asked.Store.ReadMessagesAsync(new MessageRange { ConversationId = id, Access = asked.Access, Limit = ForTitle }, token).ConfigureAwait(false);
                return TurnRules.DeleteMessage(
                    asked.Position,
                    asked.Access,
                    state,
                    message is [var found] ? found : null,
                    newest.FirstOrDefault(other => other.Position != asked.Position),
                    [.. oldest.Where(other => other.Position != asked.Position)]);
            },
            cancellationToken);

    /// <summary>Gives feedback on a message.</summary>
    /// <returns>The feedback; null if the message does not exist.</returns>
    public ValueTask<MessageFeedback?> GiveFeedbackAsync(FeedbackCommand command, CancellationToken cancellationToken) =>
        DecideAsync(
            new ConversationLookup { Access = command.Access, ConversationId = command.ConversationId },
            (Store: store, Command: command),
            static async (asked, state, token) => TurnRules.GiveFeedback(
                asked.Command, state, await asked.Store.ReadSpanAsync(asked.Command.ConversationId, new MessageSpan(asked.Command.Position, 1), asked.Command.Access, token).ConfigureAwait(false) is [_]),
            cancellationToken);

    /// <summary>Removes the feedback of a caller on a message.</summary>
    /// <returns>False if there is none.</returns>
    public ValueTask<bool> RemoveFeedbackAsync(FeedbackRange given, CancellationToken cancellationToken) =>
        DecideAsync(
            new ConversationLookup { Access = given.Access, ConversationId = given.ConversationId },
            (Store: store.GetRequiredFeature<IConversationFeedbackStore>(), Given: given),
            static async (asked, state, token) => TurnRules.RemoveFeedback(
                asked.Given.Access, state, await asked.Store.ReadFeedbackAsync(asked.Given, token).ConfigureAwait(false) is [var feedback] ? feedback : null),
            cancellationToken);

    /// <summary>Records an answer of a summarizer, and saves its summary.</summary>
    /// <returns>False if the summary is outdated or was refused, or the conversation does not exist.</returns>
    public ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken) =>
        DecideAsync(
            new ConversationLookup { Access = command.Access, ConversationId = command.ConversationId, SummaryBefore = long.MaxValue },
            command,
            static (command, state, _) => ValueTask.FromResult(TurnRules.SaveSummary(command, state)),
            cancellationToken);

    private ValueTask<bool> WriteAsync(ConversationBatch batch, CancellationToken cancellationToken) => store.TryWriteAsync(BesideData.Of(batch, store), cancellationToken);

    private async ValueTask<Decision<BeginTurnOutcome>> DecideAsync(BeginTurnCommand command, ConversationState state, CancellationToken cancellationToken) =>
        TurnRules.Begin(command, state, await _facts.ReadAsync(command, state, cancellationToken).ConfigureAwait(false));

    /// <summary>Loads, decides and writes, until nothing has changed between load and write.</summary>
    private async ValueTask<TOutcome> DecideAsync<TRequest, TOutcome>(
        ConversationLookup lookup, TRequest request, Func<TRequest, ConversationState, CancellationToken, ValueTask<Decision<TOutcome>>> decideAsync,
        CancellationToken cancellationToken, Action<TRequest, TOutcome, StoredConversation, DateTimeOffset, long>? written = null, bool isQueued = true)
    {
        var backoff = new ConflictBackoff(delays ?? TimeProvider.System);
        while (true)
        {
            // The gate is held for one attempt and never during a delay, because other targets share it.
            var gate = isQueued && backoff.HasRefusals ? await EnterGateAsync(lookup, cancellationToken).ConfigureAwait(false) : null;
            try
            {
                var decidedAt = timeProvider.GetTimestamp();
                var state = await store.LoadAsync(lookup, cancellationToken).ConfigureAwait(false);
                var decision = await decideAsync(request, state, cancellationToken).ConfigureAwait(false);
                if (decision.Batch is null)
                    return decision.Outcome;

                if (await WriteAsync(decision.Batch, cancellationToken).ConfigureAwait(false))
                {
                    written?.Invoke(request, decision.Outcome, decision.Batch.Conversations[0].Conversation, state.Now, decidedAt);
                    return decision.Outcome;
                }
            }
            finally
            {
                gate?.Release();
            }

            await backoff.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until this process retries no other decision about the same target, so that decisions that collided are made one at a time.</summary>
    private async ValueTask<SemaphoreSlim> EnterGateAsync(ConversationLookup lookup, CancellationToken cancellationToken)
    {
        var target = lookup.ConversationId ?? lookup.Scope!.SessionId;
        var gate = _gates[(uint)string.GetHashCode(target, StringComparison.Ordinal) % (uint)_gates.Length];
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        return gate;
    }

    // A second failure does not reveal the outcome of the first.
    private static ConversationStoreException StillUnknown(ConversationStoreException unknown, Exception second) =>
        new(unknown.Code, unknown.Message, new AggregateException(unknown, second));

    private async ValueTask<(StoredConversation? Conversation, DateTimeOffset Now)> LoadAsync(HeldTurn held, CancellationToken cancellationToken)
    {
        var lookup = new ConversationLookup { Access = held.Access, ConversationId = held.Lease.ConversationId };
        var state = await store.LoadAsync(lookup, cancellationToken).ConfigureAwait(false);
        return (state.Conversation, state.Now);
    }

    private async ValueTask<bool> IsCommittedAsync(HeldTurn held) =>
        await store.FindRunAsync(held.Lease.ConversationId, held.Lease.RunNumber, held.Access, CancellationToken.None).ConfigureAwait(false) is { Run: { } run }
        && run.WasCommitted(held.StartedAt);

    private static ConversationLookup LookupOf(BeginTurnCommand command) => new()
    {
        Access = command.Access,
        ConversationId = command.ConversationId,
        Scope = command.Scope,
        Key = command.IdempotencyKey is null ? null : new RequestKey(command.Caller, command.IdempotencyKey),
        Window = command.Window,
        SummaryBefore = command.WithSummary ? long.MaxValue : null,
    };
}

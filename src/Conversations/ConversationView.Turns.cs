using Conversations.Storage;

namespace Conversations;

public abstract partial class ConversationView
{
    /// <summary>Runs a turn: finds the conversation, acquires its lease, saves the input, calls the agent, and commits the output. See <see cref="RunTurnAsync(TurnRequest, Func{ConversationTurn, CancellationToken, Task}, CancellationToken)"/>.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="text">The text of the user message; not empty.</param>
    /// <param name="answerAsync">The agent. It reads <see cref="ConversationTurn.Prompt"/> and adds its output.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation and the agent's token.</param>
    /// <returns>The result.</returns>
    public virtual Task<TurnResult> RunTurnAsync(
        string agent, string text, Func<ConversationTurn, CancellationToken, Task> answerAsync, CancellationToken cancellationToken = default)
    {
        var request = new TurnRequest(Services.Agents.Named(agent, nameof(agent)), text);
        return RunTurnAsync(request, answerAsync, cancellationToken);
    }

    /// <summary>Runs a turn: finds the conversation, acquires its lease, saves the input, calls the agent, and commits the output.</summary>
    /// <param name="request">The request.</param>
    /// <param name="answerAsync">The agent. It reads <see cref="ConversationTurn.Prompt"/> and adds its output. It is not called if the request was already answered.
    /// If it throws, the run is recorded as failed (or cancelled), the output so far is kept and marked partial, and the exception is rethrown to the caller.
    /// Its token is cancelled when the caller's token or <see cref="ConversationTurn.Stopping"/> is cancelled.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation and the agent's token. An answer that the agent has completed is still committed.</param>
    /// <returns>The result. If the request has an idempotency key and was already answered, the first result is returned.</returns>
    /// <exception cref="ConversationLockedException">Another turn of the conversation is open and did not end within the wait of the busy policy.</exception>
    /// <exception cref="TurnNestedException">The agent of the open turn (in <c>RunTurnAsync</c>) requested this turn.</exception>
    /// <exception cref="ConversationNotFoundException">The specified conversation does not exist, cannot be accessed by the caller, or belongs to another agent, or the message to replace does not exist.</exception>
    /// <exception cref="MessageSupersededException">The message to replace is superseded.</exception>
    /// <exception cref="HistoryOutdatedException">Another answer follows the last message that the request knows.</exception>
    /// <exception cref="ConversationEndedException">The specified conversation has ended.</exception>
    /// <exception cref="TurnInProgressException">The same request is being answered and was not completed within the wait of the busy policy.</exception>
    /// <exception cref="IdempotencyMismatchException">The idempotency key was used for another request.</exception>
    /// <exception cref="ConversationStoreException">The request was already answered and that answer is damaged (<c>STORE_CORRUPT</c>), or the store failed.</exception>
    /// <exception cref="IdentityRequiredException">The agent requires an identity and the caller has none.</exception>
    /// <exception cref="PromptTooLargeException">The system prompt and the input cost more tokens than the limit, alone or with the calls that the input answers.</exception>
    /// <exception cref="ToolCallNotOpenException">A tool result or response of the input does not match an open call or request of the conversation.</exception>
    /// <exception cref="LeaseLostException">The turn lost its lease while the agent ran. It could not commit or was cancelled.</exception>
    public virtual async Task<TurnResult> RunTurnAsync(
        TurnRequest request, Func<ConversationTurn, CancellationToken, Task> answerAsync, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(answerAsync);

        // The agent runs in the context of its caller, whether the turn had to wait or not.
        return await RunAsync(await BeginTurnAsync(request, cancellationToken).ConfigureAwait(true), answerAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a turn whose answer is the text that a function returns. See <see cref="RunTurnAsync(TurnRequest, Func{ConversationTurn, CancellationToken, Task}, CancellationToken)"/>.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="text">The text of the user message; not empty.</param>
    /// <param name="answerAsync">The agent. It reads <see cref="ConversationTurn.Prompt"/> and returns the text of the assistant message. Empty text adds no message, and neither does the text that the agent has streamed last.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation and the agent's token.</param>
    /// <returns>The result.</returns>
    public virtual Task<TurnResult> RunTurnAsync(
        string agent, string text, Func<ConversationTurn, CancellationToken, Task<string>> answerAsync, CancellationToken cancellationToken = default)
    {
        var request = new TurnRequest(Services.Agents.Named(agent, nameof(agent)), text);
        return RunTurnAsync(request, answerAsync, cancellationToken);
    }

    /// <summary>Runs a turn whose answer is the text that a function returns. See <see cref="RunTurnAsync(TurnRequest, Func{ConversationTurn, CancellationToken, Task}, CancellationToken)"/>, which throws the same exceptions.</summary>
    /// <param name="request">The request.</param>
    /// <param name="answerAsync">The agent. It reads <see cref="ConversationTurn.Prompt"/> and returns the text of the assistant message, which is added after the messages that the agent adds itself. Empty text adds no message, and neither does the text that the agent has streamed last.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation and the agent's token. An answer that the agent has completed is still committed.</param>
    /// <returns>The result. If the request has an idempotency key and was already answered, the first result is returned.</returns>
    public virtual Task<TurnResult> RunTurnAsync(
        TurnRequest request, Func<ConversationTurn, CancellationToken, Task<string>> answerAsync, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(answerAsync);
        return RunTurnAsync(request, AddingReturnedText(answerAsync), cancellationToken);
    }

    private static async ValueTask<TurnResult> RunAsync(ConversationTurn turn, Func<ConversationTurn, CancellationToken, Task> answerAsync, CancellationToken cancellationToken)
    {
        await using (turn.ConfigureAwait(false))
        {
            if (turn.IsReplay)
                return await turn.CommitAtOnceAsync(cancellationToken).ConfigureAwait(false);

            try
            {
                return await RunOpenAsync(turn, answerAsync, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                ConversationErrorData.Name(exception, turn.RunId, turn.Input[0].Id);
                throw;
            }
        }
    }

    private static async ValueTask<TurnResult> RunOpenAsync(ConversationTurn turn, Func<ConversationTurn, CancellationToken, Task> answerAsync, CancellationToken cancellationToken)
    {
        using var either = cancellationToken.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, turn.Stopping) : null;
        try
        {
            var token = either?.Token ?? turn.Stopping;
            await AnswerAsync(turn, answerAsync, token).ConfigureAwait(false);
            return await turn.CommitAtOnceAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!turn.IsOver && !cancellationToken.IsCancellationRequested && turn.IsLeaseLost)
        {
            var lost = new LeaseLostException(turn.RunId!, exception);
            await turn.EndAsync(RunStatus.Failed, lost).ConfigureAwait(false);
            throw lost;
        }
        catch (Exception exception) when (!turn.IsOver)
        {
            var wasCancelled = exception is OperationCanceledException && (cancellationToken.IsCancellationRequested || turn.Stopping.IsCancellationRequested);
            await turn.EndAsync(wasCancelled ? RunStatus.Cancelled : RunStatus.Failed, exception).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Begins a turn that the caller commits and disposes. See <see cref="BeginTurnAsync(TurnRequest, CancellationToken)"/>, which throws the same exceptions.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="text">The text of the user message; not empty.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation.</param>
    /// <returns>An open turn that holds the lease. The caller must dispose it.</returns>
    public virtual Task<ConversationTurn> BeginTurnAsync(string agent, string text, CancellationToken cancellationToken = default)
    {
        var request = new TurnRequest(Services.Agents.Named(agent, nameof(agent)), text);
        return BeginTurnAsync(request, cancellationToken);
    }

    /// <summary>Begins a turn that the caller commits and disposes. <see cref="RunTurnAsync(TurnRequest, Func{ConversationTurn, CancellationToken, Task}, CancellationToken)"/> does both.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation.</param>
    /// <returns>An open turn that holds the lease, or a replay (see <see cref="ConversationTurn.IsReplay"/>). The caller must dispose it.</returns>
    /// <exception cref="ConversationLockedException">Another turn of the conversation is open and did not end within the wait of the busy policy.</exception>
    /// <exception cref="TurnNestedException">The agent of the open turn (in <c>RunTurnAsync</c>) requested this turn.</exception>
    /// <exception cref="ConversationNotFoundException">The specified conversation does not exist, cannot be accessed by the caller, or belongs to another agent, or the message to replace does not exist.</exception>
    /// <exception cref="MessageSupersededException">The message to replace is superseded.</exception>
    /// <exception cref="HistoryOutdatedException">Another answer follows the last message that the request knows.</exception>
    /// <exception cref="ConversationEndedException">The specified conversation has ended.</exception>
    /// <exception cref="TurnInProgressException">The same request is being answered and was not completed within the wait of the busy policy.</exception>
    /// <exception cref="IdempotencyMismatchException">The idempotency key was used for another request.</exception>
    /// <exception cref="ConversationStoreException">The request was already answered and that answer is damaged (<c>STORE_CORRUPT</c>), or the store failed.</exception>
    /// <exception cref="IdentityRequiredException">The agent requires an identity and the caller has none.</exception>
    /// <exception cref="PromptTooLargeException">The system prompt and the input cost more tokens than the limit, alone or with the calls that the input answers.</exception>
    /// <exception cref="ToolCallNotOpenException">A tool result or response of the input does not match an open call or request of the conversation.</exception>
    public virtual async Task<ConversationTurn> BeginTurnAsync(TurnRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request = InItsConversation(request);
        var resolution = Resolve(request, await Services.Agents.GetAsync(request.Agent, nameof(request), cancellationToken).ConfigureAwait(false));
        var trace = TurnTrace.Begin(resolution.Agent.Turns, request.Channel, regenerates: false, Services.TimeProvider, Services.Logger);
        try
        {
            if (resolution.Refusal is not null)
                throw resolution.Refusal;
            if (resolution.Reason == ResolutionReason.NoIdentity)
                Services.WarnNothingStored(resolution.Agent.Name);

            var plan = new TurnPlan(request, resolution.Agent.Turns, AccessTo(resolution.Scope), Caller) { Scope = resolution.Scope, Trace = trace };
            if (!plan.IsPersisted && request.IdempotencyKey is not null)
                throw new ArgumentException("Nothing of this turn is stored, so an idempotency key has no effect. Call through ForIdentity, or omit the key.", nameof(request));

            if (plan.ReplacedPosition is { } replaced)
                return await StartAsync(plan, () => WithReplacedAsync(plan, replaced, nameof(request), cancellationToken), cancellationToken).ConfigureAwait(false);
            try
            {
                return await StartAsync(plan, HomeOf(request, resolution), cancellationToken).ConfigureAwait(false);
            }
            catch (HistoryOutdatedException outdated) when (outdated.CanBeRestored)
            {
                // The caller continues an answer, or an edit, that broke off: that is the course that it means [4.16].
                var view = request.Thread is { } thread && this is ScopedConversations caller ? caller.ForThread(thread) : this;
                await view.RestoreAsync(outdated.MessageId, request.OnBusy, cancellationToken).ConfigureAwait(false);
                return await StartAsync(plan, HomeOf(request, resolution), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (trace is not null)
        {
            trace.Refuse(exception);
            throw;
        }
    }

    /// <summary>Explains how a request would be resolved: its mode, scope and conversation, the content of its prompt, and the reasons. No agent is called and nothing is written.</summary>
    /// <param name="request">The request to explain.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The explanation. Its text is meant for people.</returns>
    public virtual async Task<TurnExplanation> ExplainAsync(TurnRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request = InItsConversation(request);
        var resolution = Resolve(request, await Services.Agents.GetAsync(request.Agent, nameof(request), cancellationToken).ConfigureAwait(false));
        var explanation = new TurnExplanation
        {
            Agent = resolution.Agent.Name,
            Channel = request.Channel,
            Mode = resolution.Mode,
            Reason = resolution.Reason,
            Scope = resolution.Scope,
        };
        if (resolution.Refusal is not null)
            return explanation with { Refusal = resolution.Refusal.Code };
        if (request.ConversationId is not null)
            explanation = await ExplainAsync(explanation, request.ConversationId, cancellationToken).ConfigureAwait(false);
        else if (resolution.Scope is not null)
            explanation = await ExplainAsync(explanation, resolution.Scope, request.StartNew, cancellationToken).ConfigureAwait(false);
        var home = HomeOf(request, resolution);
        if (home is not null && await Store.FindAsync(home, OfOwner(resolution.Scope!), cancellationToken).ConfigureAwait(false) is not null && await ExplainAsync(explanation with { StartReason = null }, home, cancellationToken).ConfigureAwait(false) is { Refusal: null } there)
            explanation = there;
        else
            home = null;
        if (explanation.Refusal is not null)
            return explanation;

        try
        {
            var plan = new TurnPlan(request, resolution.Agent.Turns, AccessTo(resolution.Scope), Caller) { Scope = resolution.Scope };
            if (home is not null)
                plan = AtHome(plan, home);
            if (plan.ReplacedPosition is { } replaced)
                await WithReplacedAsync(plan, replaced, nameof(request), cancellationToken).ConfigureAwait(false);
            return explanation with { Window = await Services.Turns.DescribeWindowAsync(plan, explanation.Conversation, cancellationToken).ConfigureAwait(false) };
        }
        catch (ConversationException refusal) when (refusal is PromptTooLargeException or ToolCallNotOpenException or MessageSupersededException or ConversationNotFoundException or HistoryOutdatedException)
        {
            return explanation with { Refusal = refusal.Code };
        }
    }

    /// <summary>Returns the conversation of the last message that the caller of a request knows, if the request names no other target.</summary>
    private static string? HomeOf(TurnRequest request, RequestResolution resolution) =>
        resolution.Scope is not null && request is { Thread: null, StartNew: false, AfterMessageId: { } known } ? StoredMessage.ConversationIdOf(known) : null;

    private async Task<ConversationTurn> StartAsync(TurnPlan plan, string? home, CancellationToken cancellationToken) =>
        home is not null && await TryStartAsync(AtHome(plan, home), cancellationToken).ConfigureAwait(false) is { } begun
            ? begun
            : await Services.Turns.StartAsync(plan, cancellationToken).ConfigureAwait(false);

    private static TurnPlan AtHome(TurnPlan plan, string home) => plan with { Access = OfOwner(plan.Scope!), Scope = null, Home = home };

    // An id is no permission: a host that passes on what its callers send reaches only conversations of those who own the current one.
    private static ConversationAccess OfOwner(ConversationScope scope) => new(scope.Project, [scope.Owner.Audience]);

    /// <summary>Begins a turn in the conversation whose message its caller knows.</summary>
    /// <returns>Null if that conversation has ended or was deleted, is out of reach, or belongs to another agent, so that the turn belongs to the current one.</returns>
    private async Task<ConversationTurn?> TryStartAsync(TurnPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            return await Services.Turns.StartAsync(plan, cancellationToken).ConfigureAwait(false);
        }
        catch (ConversationException refusal) when (refusal is ConversationNotFoundException or ConversationEndedException)
        {
            return null;
        }
    }

    /// <summary>Names the conversation of the message that the input of a request replaces.</summary>
    private static TurnRequest InItsConversation(TurnRequest request)
    {
        if (request.OnEarlierMessage is < EarlierMessagePolicy.Refuse or > EarlierMessagePolicy.Append)
            throw new ArgumentException("OnEarlierMessage has an undefined value. Set Refuse, Replace or Append.", nameof(request));
        if (request.AfterMessageId is not null && (request.ReplaceMessageId is not null || request.StartNew))
            throw new ArgumentException("AfterMessageId cannot be combined with ReplaceMessageId or StartNew. Remove it: the request states where its input belongs.", nameof(request));
        if (request.AfterMessageId is not null)
            ParseMessage(request.AfterMessageId, nameof(request));
        if (request.ReplaceMessageId is not { } messageId)
            return request;

        var (conversationId, _) = ParseMessage(messageId, nameof(request));
        if (request.Thread is not null || request.StartNew || (request.ConversationId is { } named && !string.Equals(named, conversationId, StringComparison.Ordinal)))
            throw new ArgumentException("ReplaceMessageId names a message of another conversation than ConversationId, or is combined with Thread or StartNew. Remove those: the request continues the conversation of the message. The conversation of a thread is reached through ForThread.", nameof(request));
        return request.Input.Any(static message => message.Kind == MessageKind.ToolResult)
            ? throw new ArgumentException("Results and responses cannot replace a message. Send user messages, or remove ReplaceMessageId.", nameof(request))
            : request with { ConversationId = conversationId };
    }

    /// <summary>Checks the message that the input of a request replaces.</summary>
    /// <exception cref="ConversationNotFoundException">The message does not exist, is out of reach, or belongs to another agent.</exception>
    /// <exception cref="MessageSupersededException">The message is superseded.</exception>
    /// <exception cref="ArgumentException">The message is no user message.</exception>
    private async Task<TurnPlan> WithReplacedAsync(TurnPlan plan, long position, string parameter, CancellationToken cancellationToken)
    {
        var request = plan.Request;
        if (TurnRules.ById(await GetAsync(request.ConversationId!, cancellationToken).ConfigureAwait(false), request.Agent) is TurnNotFound)
            throw new ConversationNotFoundException(request.ReplaceMessageId!);

        var message = await Branches.FindMessageAsync(request.ConversationId!, position, cancellationToken).ConfigureAwait(false);
        if (!message.CanBeAnswered())
            throw new ArgumentException("ReplaceMessageId names a message that is no user message. Pass the id of a user message; to answer one again, call RegenerateAsync.", parameter);
        return message.IsSuperseded ? throw new MessageSupersededException(message.Id!) : plan;
    }

    private static async ValueTask AnswerAsync(ConversationTurn turn, Func<ConversationTurn, CancellationToken, Task> answerAsync, CancellationToken cancellationToken)
    {
        turn.AgentToken = cancellationToken;
        turn.EnterSpan(); // The span is current in this asynchronous method only, and so for the agent alone.
        using var enclosing = turn.RunId is null ? null : ReentrancyGuard.Enter(turn.RunId);
        var answer = answerAsync(turn, cancellationToken) ?? throw new InvalidOperationException("The agent returned null instead of a task.");
        await answer.ConfigureAwait(false);
        await turn.FinishStreamAsync(cancellationToken).ConfigureAwait(false);
    }

    private static Func<ConversationTurn, CancellationToken, Task> AddingReturnedText(Func<ConversationTurn, CancellationToken, Task<string>> answerAsync) =>
        async (turn, cancellationToken) =>
        {
            var answer = answerAsync(turn, cancellationToken) ?? throw new InvalidOperationException("The agent returned null instead of a task.");
            var text = await answer.ConfigureAwait(false);
            if (string.IsNullOrEmpty(text))
                return;

            // An abandoned stream must end before another message can follow its message.
            await turn.FinishStreamAsync(cancellationToken).ConfigureAwait(false);
            turn.AddReturned(text);
        };

    private async Task<TurnExplanation> ExplainAsync(TurnExplanation explanation, ConversationScope scope, bool startNew, CancellationToken cancellationToken)
    {
        var current = (await Store.FindCurrentAsync(scope, AccessTo(scope), cancellationToken).ConfigureAwait(false))?.Conversation;
        return TurnRules.StartReason(current, startNew) is { } reason ? explanation with { StartReason = reason } : explanation with { Conversation = current };
    }

    private async Task<TurnExplanation> ExplainAsync(TurnExplanation explanation, string conversationId, CancellationToken cancellationToken)
    {
        var conversation = await GetAsync(conversationId, cancellationToken).ConfigureAwait(false);
        var refusal = TurnRules.ById(conversation, explanation.Agent);
        return refusal is TurnNotFound
            ? explanation with { Refusal = ConversationErrorCodes.ConversationNotFound }
            : explanation with
            {
                Scope = ConversationScope.Parse(conversation!.SessionId),
                Conversation = conversation,
                Refusal = refusal is null ? null : ConversationErrorCodes.ConversationEnded,
            };
    }
}

namespace Conversations;

public abstract partial class ConversationView
{
    /// <summary>Runs a turn: finds the conversation, locks it, saves the input, calls the agent, and commits what it added; see <see cref="RunTurnAsync(TurnRequest, Func{ConversationTurn, CancellationToken, Task}, CancellationToken)"/>.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="text">What the user says; not empty.</param>
    /// <param name="answerAsync">The agent: reads <see cref="ConversationTurn.Prompt"/> and adds what it says.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation and the agent's token.</param>
    /// <returns>The result.</returns>
    public Task<TurnResult> RunTurnAsync(
        string agent, string text, Func<ConversationTurn, CancellationToken, Task> answerAsync, CancellationToken cancellationToken = default)
    {
        var request = new TurnRequest(_services.Agents.Get(agent, nameof(agent)).Name, text);
        return RunTurnAsync(request, answerAsync, cancellationToken);
    }

    /// <summary>Runs a turn: finds the conversation, locks it, saves the input, calls the agent, and commits what it added.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="answerAsync">The agent: reads <see cref="ConversationTurn.Prompt"/> and adds what it says. Not called if the request was answered before.
    /// If it throws, the run is recorded as failed (or cancelled), what it added until then is kept and marked partial, and the exception goes on to the caller.
    /// Its token is cancelled by the caller's, and by <see cref="ConversationTurn.LeaseLost"/>.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation and the agent's token. An answer that the agent has finished is committed all the same.</param>
    /// <returns>The result; the first one if the request has an idempotency key and was answered before.</returns>
    /// <exception cref="ConversationLockedException">Another turn of the conversation is open, and stayed so for as long as the policy waits.</exception>
    /// <exception cref="TurnNestedException">The open turn is one within whose agent (that of <c>RunTurnAsync</c>) this one is asked for.</exception>
    /// <exception cref="ConversationNotFoundException">The conversation that is named does not exist, is not reached, or is another agent's.</exception>
    /// <exception cref="ConversationEndedException">The conversation that is named has ended.</exception>
    /// <exception cref="TurnInProgressException">The same request is being answered, and still was when the policy's wait was over.</exception>
    /// <exception cref="IdempotencyMismatchException">The idempotency key was used for another request.</exception>
    /// <exception cref="ConversationStoreException">The request was answered before and that answer is damaged (<c>STORE_CORRUPT</c>), or the store failed.</exception>
    /// <exception cref="IdentityRequiredException">The agent requires an identity and there is none.</exception>
    /// <exception cref="PromptTooLargeException">The system prompt and the input cost more tokens than the limit, alone or with the calls that the input answers.</exception>
    /// <exception cref="ToolCallNotOpenException">A tool result of the input answers no call that the conversation left open.</exception>
    /// <exception cref="LeaseLostException">The turn lost its lease while the agent worked, and could not commit or was cancelled for it.</exception>
    public async Task<TurnResult> RunTurnAsync(
        TurnRequest request, Func<ConversationTurn, CancellationToken, Task> answerAsync, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(answerAsync);
        return await RunAsync(await BeginTurnAsync(request, cancellationToken).ConfigureAwait(false), answerAsync, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<TurnResult> RunAsync(ConversationTurn turn, Func<ConversationTurn, CancellationToken, Task> answerAsync, CancellationToken cancellationToken)
    {
        await using (turn.ConfigureAwait(false))
        {
            if (turn.IsReplay)
                return await turn.CommitAsync(cancellationToken).ConfigureAwait(false);

            using var either = cancellationToken.CanBeCanceled && turn.LeaseLost.CanBeCanceled
                ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, turn.LeaseLost)
                : null;
            try
            {
                var token = either?.Token ?? (cancellationToken.CanBeCanceled ? cancellationToken : turn.LeaseLost);
                await AnswerAsync(turn, answerAsync, token).ConfigureAwait(false);
                return await turn.CommitAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (OperationCanceledException exception) when (!turn.IsOver && !cancellationToken.IsCancellationRequested && turn.LeaseLost.IsCancellationRequested)
            {
                var lost = new LeaseLostException(turn.RunId!, exception);
                await turn.EndAsync(RunStatus.Failed, lost).ConfigureAwait(false);
                throw lost;
            }
            catch (Exception exception) when (!turn.IsOver)
            {
                var wasCancelled = exception is OperationCanceledException && cancellationToken.IsCancellationRequested;
                await turn.EndAsync(wasCancelled ? RunStatus.Cancelled : RunStatus.Failed, exception).ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Begins a turn that the caller commits and disposes by hand; <see cref="RunTurnAsync(TurnRequest, Func{ConversationTurn, CancellationToken, Task}, CancellationToken)"/> does both.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation.</param>
    /// <returns>The turn, open and locked; or a replay, see <see cref="ConversationTurn.IsReplay"/>. Dispose it.</returns>
    /// <exception cref="ConversationLockedException">Another turn of the conversation is open, and stayed so for as long as the policy waits.</exception>
    /// <exception cref="TurnNestedException">The open turn is one within whose agent (that of <c>RunTurnAsync</c>) this one is asked for.</exception>
    /// <exception cref="ConversationNotFoundException">The conversation that is named does not exist, is not reached, or is another agent's.</exception>
    /// <exception cref="ConversationEndedException">The conversation that is named has ended.</exception>
    /// <exception cref="TurnInProgressException">The same request is being answered, and still was when the policy's wait was over.</exception>
    /// <exception cref="IdempotencyMismatchException">The idempotency key was used for another request.</exception>
    /// <exception cref="ConversationStoreException">The request was answered before and that answer is damaged (<c>STORE_CORRUPT</c>), or the store failed.</exception>
    /// <exception cref="IdentityRequiredException">The agent requires an identity and there is none.</exception>
    /// <exception cref="PromptTooLargeException">The system prompt and the input cost more tokens than the limit, alone or with the calls that the input answers.</exception>
    /// <exception cref="ToolCallNotOpenException">A tool result of the input answers no call that the conversation left open.</exception>
    public async Task<ConversationTurn> BeginTurnAsync(TurnRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var resolution = RequestResolution.Of(_services.Agents, _caller, request);
        var trace = TurnTrace.Begin(resolution.Agent.Turns, request.Channel, regenerates: false, _services.TimeProvider, _services.Logger);
        try
        {
            if (resolution.Reason == ResolutionReason.NoIdentity)
            {
                if (resolution.Agent.RequireIdentity)
                    throw new IdentityRequiredException(resolution.Agent.Name);
                _services.WarnStateless(resolution.Agent.Name);
            }

            var plan = new TurnPlan(request, resolution.Agent.Turns, _access, _caller) { Scope = resolution.Scope, Trace = trace };
            if (!plan.IsPersisted && request.IdempotencyKey is not null)
                throw new ArgumentException("Nothing of this turn is stored, so an idempotency key cannot be honoured.", nameof(request));

            return await _services.Turns.StartAsync(plan, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (trace is not null)
        {
            trace.Refuse(exception);
            throw;
        }
    }

    /// <summary>Tells how a request would resolve, to which mode, scope and conversation, what its prompt would hold, and why. Nothing is run or written.</summary>
    /// <param name="request">What would be asked.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The explanation; its text is for people.</returns>
    public async Task<TurnExplanation> ExplainAsync(TurnRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var resolution = RequestResolution.Of(_services.Agents, _caller, request);
        var explanation = new TurnExplanation
        {
            Agent = resolution.Agent.Name,
            Channel = request.Channel,
            Mode = resolution.Mode,
            Reason = resolution.Reason,
            Scope = resolution.Scope,
        };
        if (resolution is { Reason: ResolutionReason.NoIdentity, Agent.RequireIdentity: true })
            return explanation with { Refusal = ConversationErrorCodes.IdentityRequired };
        if (request.ConversationId is not null)
            explanation = await ExplainAsync(explanation, request.ConversationId, cancellationToken).ConfigureAwait(false);
        else if (resolution.Scope is not null)
            explanation = await ExplainAsync(explanation, resolution.Scope, request.StartNew, cancellationToken).ConfigureAwait(false);
        if (explanation.Refusal is not null)
            return explanation;

        try
        {
            var plan = new TurnPlan(request, resolution.Agent.Turns, _access, _caller) { Scope = resolution.Scope };
            return explanation with { Window = await _services.Turns.DescribeWindowAsync(plan, explanation.Conversation, cancellationToken).ConfigureAwait(false) };
        }
        catch (ConversationException refusal) when (refusal is PromptTooLargeException or ToolCallNotOpenException)
        {
            return explanation with { Refusal = refusal.Code };
        }
    }

    private static async ValueTask AnswerAsync(ConversationTurn turn, Func<ConversationTurn, CancellationToken, Task> answerAsync, CancellationToken cancellationToken)
    {
        turn.AgentToken = cancellationToken;
        turn.EnterSpan(); // Within this asynchronous method, and so for the agent alone.
        using var enclosing = turn.RunId is null ? null : ReentrancyGuard.Enter(turn.RunId);
        var answer = answerAsync(turn, cancellationToken) ?? throw new InvalidOperationException("The agent returned null instead of a task.");
        await answer.ConfigureAwait(false);
        await turn.FinishStreamAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<TurnExplanation> ExplainAsync(TurnExplanation explanation, ConversationScope scope, bool startNew, CancellationToken cancellationToken)
    {
        var current = await Store.GetCurrentAsync(scope, cancellationToken).ConfigureAwait(false);
        return (startNew, current) switch
        {
            (true, _) => explanation with { StartReason = ConversationStartReason.Requested },
            (_, null) => explanation with { StartReason = ConversationStartReason.First },
            (_, { IsActive: false }) => explanation with { StartReason = ConversationStartReason.Ended },
            _ => explanation with { Conversation = current },
        };
    }

    private async Task<TurnExplanation> ExplainAsync(TurnExplanation explanation, string conversationId, CancellationToken cancellationToken)
    {
        var conversation = await GetAsync(conversationId, cancellationToken).ConfigureAwait(false);
        if (conversation is null || !string.Equals(conversation.Agent, explanation.Agent, StringComparison.Ordinal))
            return explanation with { Refusal = ConversationErrorCodes.ConversationNotFound };

        return explanation with
        {
            Scope = ConversationScope.Parse(conversation.SessionId),
            Conversation = conversation,
            Refusal = conversation.IsActive ? null : ConversationErrorCodes.ConversationEnded,
        };
    }
}

using Conversations.Storage;

namespace Conversations;

public abstract partial class ConversationView
{
    private BranchReader Branches => new(Store, Access);

    /// <summary>Answers a user message again. See <see cref="RegenerateAsync(RegenerateRequest, Func{ConversationTurn, CancellationToken, Task}, CancellationToken)"/>.</summary>
    /// <param name="messageId">The id of a message of the answer, or of the user message that is answered.</param>
    /// <param name="answerAsync">The agent. It reads <see cref="ConversationTurn.Prompt"/> and adds its output. It can use another model than the old answer.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation and is passed to the agent.</param>
    /// <returns>The result.</returns>
    public virtual Task<TurnResult> RegenerateAsync(
        string messageId, Func<ConversationTurn, CancellationToken, Task> answerAsync, CancellationToken cancellationToken = default) =>
        RegenerateAsync(new RegenerateRequest(messageId), answerAsync, cancellationToken);

    /// <summary>Answers a user message again. The agent receives the history before the old answer and the message itself. The commit supersedes the old answer and
    /// everything after it. Superseded messages remain readable, with their usage, and can be restored. If the agent fails, the old answer remains current.</summary>
    /// <param name="request">The message to answer again, and the options of the request.</param>
    /// <param name="answerAsync">The agent. It reads <see cref="ConversationTurn.Prompt"/> and adds its output. It can use another model than the old answer.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation and is passed to the agent.</param>
    /// <returns>The result. If the request has an idempotency key and was already answered, the first result is returned.</returns>
    /// <exception cref="ConversationNotFoundException">The message id is unknown, or the message that it answers was deleted.</exception>
    /// <exception cref="MessageSupersededException">The message that it answers is superseded.</exception>
    /// <exception cref="ArgumentException">No user message precedes the message.</exception>
    /// <exception cref="ConversationStoreException">The message that it answers is damaged and cannot be read (<c>STORE_CORRUPT</c>), or the store failed.</exception>
    /// <exception cref="TurnNestedException">The agent of the open turn made this request.</exception>
    /// <exception cref="PromptTooLargeException">The system prompt and the input cost more tokens than the limit.</exception>
    /// <exception cref="ConversationLockedException">Another turn of the conversation is open and did not end within the wait of the busy policy.</exception>
    /// <exception cref="ConversationEndedException">The conversation has ended.</exception>
    /// <exception cref="TurnInProgressException">The same request is being answered and was not completed within the wait of the busy policy.</exception>
    /// <exception cref="IdempotencyMismatchException">The idempotency key was used for another request.</exception>
    /// <exception cref="LeaseLostException">The turn lost its lease while the agent ran. Its output was not written.</exception>
    public virtual async Task<TurnResult> RegenerateAsync(
        RegenerateRequest request, Func<ConversationTurn, CancellationToken, Task> answerAsync, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(answerAsync);

        // The agent runs in the context of its caller, whether the turn had to wait or not.
        return await RunAsync(await BeginRegenerateAsync(request, cancellationToken).ConfigureAwait(true), answerAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Answers a user message again with the text that a function returns. See <see cref="RegenerateAsync(RegenerateRequest, Func{ConversationTurn, CancellationToken, Task}, CancellationToken)"/>.</summary>
    /// <param name="messageId">The id of a message of the answer, or of the user message that is answered.</param>
    /// <param name="answerAsync">The agent. It reads <see cref="ConversationTurn.Prompt"/> and returns the text of the assistant message. Empty text adds no message, and neither does the text that the agent has streamed last.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation and is passed to the agent.</param>
    /// <returns>The result.</returns>
    public virtual Task<TurnResult> RegenerateAsync(
        string messageId, Func<ConversationTurn, CancellationToken, Task<string>> answerAsync, CancellationToken cancellationToken = default) =>
        RegenerateAsync(new RegenerateRequest(messageId), answerAsync, cancellationToken);

    /// <summary>Answers a user message again with the text that a function returns. See <see cref="RegenerateAsync(RegenerateRequest, Func{ConversationTurn, CancellationToken, Task}, CancellationToken)"/>, which throws the same exceptions.</summary>
    /// <param name="request">The message to answer again, and the options of the request.</param>
    /// <param name="answerAsync">The agent. It reads <see cref="ConversationTurn.Prompt"/> and returns the text of the assistant message. Empty text adds no message, and neither does the text that the agent has streamed last.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation and is passed to the agent.</param>
    /// <returns>The result. If the request has an idempotency key and was already answered, the first result is returned.</returns>
    public virtual Task<TurnResult> RegenerateAsync(
        RegenerateRequest request, Func<ConversationTurn, CancellationToken, Task<string>> answerAsync, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(answerAsync);
        return RegenerateAsync(request, AddingReturnedText(answerAsync), cancellationToken);
    }

    /// <summary>Begins a turn that answers a user message again. The caller commits and disposes it. <see cref="RegenerateAsync(RegenerateRequest, Func{ConversationTurn, CancellationToken, Task}, CancellationToken)"/> does both.</summary>
    /// <param name="request">The message to answer again, and the options of the request.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation.</param>
    /// <returns>An open turn that holds the lease, or a replay (see <see cref="ConversationTurn.IsReplay"/>). The caller must dispose it.</returns>
    /// <exception cref="ConversationNotFoundException">The message id is unknown, or the message that it answers was deleted.</exception>
    /// <exception cref="MessageSupersededException">The message that it answers is superseded.</exception>
    /// <exception cref="ArgumentException">No user message precedes the message.</exception>
    /// <exception cref="ConversationStoreException">The message that it answers is damaged and cannot be read (<c>STORE_CORRUPT</c>), or the store failed.</exception>
    /// <exception cref="TurnNestedException">The agent of the open turn made this request.</exception>
    /// <exception cref="PromptTooLargeException">The system prompt and the input cost more tokens than the limit.</exception>
    /// <exception cref="ConversationLockedException">Another turn of the conversation is open and did not end within the wait of the busy policy.</exception>
    /// <exception cref="ConversationEndedException">The conversation has ended.</exception>
    /// <exception cref="TurnInProgressException">The same request is being answered and was not completed within the wait of the busy policy.</exception>
    /// <exception cref="IdempotencyMismatchException">The idempotency key was used for another request.</exception>
    public virtual async Task<ConversationTurn> BeginRegenerateAsync(RegenerateRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (conversationId, position) = ParseMessage(request.MessageId, nameof(request));
        var conversation = await GetAsync(conversationId, cancellationToken).ConfigureAwait(false) ?? throw new ConversationNotFoundException(request.MessageId);

        var agent = await Services.Agents.GetAsync(conversation.Agent, nameof(request), cancellationToken).ConfigureAwait(false);
        var trace = TurnTrace.Begin(agent.Turns, conversation.Channel, regenerates: true, Services.TimeProvider, Services.Logger);
        try
        {
            return await BeginRegenerateAsync(request, conversation, agent, position, trace, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (trace is not null)
        {
            trace.Refuse(exception);
            throw;
        }
    }

    private Task<ConversationTurn> BeginRegenerateAsync(RegenerateRequest request, Conversation conversation, AgentDefinition agent, long position, TurnTrace? trace, CancellationToken cancellationToken)
    {
        RequireIdentity(conversation, agent);
        return StartAsync(Again(conversation, agent, [], request, trace), ReadAsync, cancellationToken);

        async Task<TurnPlan> ReadAsync()
        {
            var message = await Branches.FindMessageAsync(conversation.Id, position, cancellationToken).ConfigureAwait(false);
            var input = await Branches.FindInputAsync(message, nameof(request), cancellationToken).ConfigureAwait(false);
            return Again(conversation, agent, input, request, trace);
        }
    }

    /// <summary>Begins a turn that names a message, which other turns can supersede or delete.</summary>
    /// <param name="asked">What the request states alone.</param>
    /// <param name="readAsync">Reads the message, and throws why the turn cannot begin.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation.</param>
    private async Task<ConversationTurn> StartAsync(TurnPlan asked, Func<Task<TurnPlan>> readAsync, CancellationToken cancellationToken)
    {
        // A replay does not depend on later changes to the message.
        if (asked.Request.IdempotencyKey is not null && await Services.Turns.FindAnsweredAsync(asked, cancellationToken).ConfigureAwait(false) is { } answered)
            return answered;

        for (var isSecond = false; ; isSecond = true)
        {
            var plan = await readAsync().ConfigureAwait(false);
            try
            {
                return await Services.Turns.StartAsync(plan, cancellationToken).ConfigureAwait(false);
            }
            catch (ConversationNotFoundException) when (!isSecond)
            {
                // The message was superseded or deleted during the wait for the conversation. A second read determines which.
            }
        }
    }

    /// <summary>Restores superseded messages. All messages that were superseded together with the message become current again and supersede the messages that replaced them, which can be restored in turn.</summary>
    /// <remarks>The partial output of a second answer can also be restored. It remains marked as partial and replaces the first answer. If a message was replaced (<see cref="TurnRequest.ReplaceMessageId"/>), restoring it supersedes its replacement, and the other way round.
    /// A message that <see cref="SupersedeMessageAsync"/> superseded returns to its place alone. The conversation need not be active.</remarks>
    /// <param name="messageId">The id of a superseded message.</param>
    /// <param name="whenBusy">The busy policy; <see langword="null"/> for the policy of the agent's options.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation.</param>
    /// <returns><see langword="false"/> if the message is already current.</returns>
    /// <exception cref="ConversationNotFoundException">The message id is unknown, or the message that it answers was deleted.</exception>
    /// <exception cref="MessageSupersededException">The message that it answers, or that it takes the place of, is superseded.</exception>
    /// <exception cref="TurnNestedException">The agent of the open turn made this request.</exception>
    /// <exception cref="ConversationLockedException">Another turn of the conversation is open and did not end within the wait of the busy policy.</exception>
    /// <exception cref="LeaseLostException">The lease was lost before the commit. Nothing was written.</exception>
    public virtual async Task<bool> RestoreAsync(string messageId, BusyPolicy? whenBusy = null, CancellationToken cancellationToken = default)
    {
        var (conversationId, position) = ParseMessage(messageId, nameof(messageId));
        var conversation = await GetAsync(conversationId, cancellationToken).ConfigureAwait(false) ?? throw new ConversationNotFoundException(messageId);
        var agent = await RequireIdentityAsync(conversation, cancellationToken).ConfigureAwait(false);
        for (var refusals = 0; ;)
        {
            var message = await Branches.FindMessageAsync(conversationId, position, cancellationToken).ConfigureAwait(false);
            if (message.SupersededBy is not { } superseder)
                return false;

            var (input, _) = await Branches.FindRestoringAsync(message, cancellationToken).ConfigureAwait(false);
            var plan = Again(conversation, agent, input, new RegenerateRequest(messageId) { OnBusy = whenBusy }) with { Restores = superseder };
            try
            {
                // Another caller can restore or supersede the message during the wait for the conversation.
                if (await Services.Turns.ChangeAsync(plan, (branches, token) => branches.RestoreAsync(message, token), cancellationToken).ConfigureAwait(false))
                    return true;
            }
            catch (ConversationNotFoundException) when (refusals++ == 0)
            {
                // The message that it answers was superseded or deleted in the meantime. A second read determines which.
            }
        }
    }

    /// <summary>Supersedes one message, so that it is neither shown in prompts nor in lists without superseded messages. Nothing is deleted, so the audit policy allows it, and <see cref="RestoreAsync"/> makes the message current again.</summary>
    /// <remarks>Other messages remain as they are: the rest of an exchange is not shown in prompts without the message, and a window states why. The change is recorded as a run without output. The conversation need not be active.</remarks>
    /// <param name="messageId">The id of the message, of any role.</param>
    /// <param name="whenBusy">The busy policy; <see langword="null"/> for the policy of the agent's options.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation.</param>
    /// <returns><see langword="false"/> if the message is already superseded.</returns>
    /// <exception cref="ConversationNotFoundException">The message id is unknown.</exception>
    /// <exception cref="TurnNestedException">The agent of the open turn made this request.</exception>
    /// <exception cref="ConversationLockedException">A turn of the conversation is open and did not end within the wait of the busy policy.</exception>
    /// <exception cref="LeaseLostException">The lease was lost before the commit. Nothing was written.</exception>
    public virtual async Task<bool> SupersedeMessageAsync(string messageId, BusyPolicy? whenBusy = null, CancellationToken cancellationToken = default)
    {
        var (conversationId, position) = ParseMessage(messageId, nameof(messageId));
        var conversation = await GetAsync(conversationId, cancellationToken).ConfigureAwait(false) ?? throw new ConversationNotFoundException(messageId);
        var agent = await RequireIdentityAsync(conversation, cancellationToken).ConfigureAwait(false);
        for (var isSecond = false; ; isSecond = true)
        {
            var message = await Branches.FindMessageAsync(conversationId, position, cancellationToken).ConfigureAwait(false);
            if (message.IsSuperseded)
                return false;

            try
            {
                var plan = Again(conversation, agent, [message], new RegenerateRequest(messageId) { OnBusy = whenBusy });
                return await Services.Turns.ChangeAsync(plan, (_, _) => Task.FromResult<BranchChange?>(new BranchChange { SupersedeOnly = position }), cancellationToken).ConfigureAwait(false);
            }
            catch (ConversationNotFoundException) when (!isSecond)
            {
                // The message was superseded or deleted during the wait for the conversation. A second read determines which.
            }
        }
    }

    /// <summary>Creates a conversation with copies of the messages up to the specified one. The fork becomes the current conversation, unless the source is shared: then the current conversation does not change, and the fork is continued by its id. The copies have new ids and belong to no run. The fork has the metadata of the source. The source does not change.</summary>
    /// <param name="messageId">The id of the last message to copy.</param>
    /// <param name="title">The title; <see langword="null"/> for the title of the source.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The new conversation. Its <see cref="Conversation.ForkedFrom"/> is the message id.</returns>
    /// <exception cref="ConversationNotFoundException">The message id is unknown.</exception>
    /// <exception cref="MessageSupersededException">The message is superseded.</exception>
    /// <exception cref="ArgumentException">The title is blank.</exception>
    public virtual async Task<Conversation> ForkAsync(string messageId, string? title = null, CancellationToken cancellationToken = default)
    {
        if (title is not null)
            WellFormed.Title(title, nameof(title));
        var (sourceId, position) = ParseMessage(messageId, nameof(messageId));
        var source = await GetAsync(sourceId, cancellationToken).ConfigureAwait(false) ?? throw new ConversationNotFoundException(messageId);
        await RequireIdentityAsync(source, cancellationToken).ConfigureAwait(false);

        var command = new CreateConversationCommand
        {
            ConversationId = ConversationIds.NewConversation(Services.TimeProvider.GetUtcNow()),
            Scope = ConversationScope.Parse(source.SessionId),

            // In a shared scope the current conversation of the other callers does not change.
            Current = source.Channel is null ? CurrentConversationRule.Keep : CurrentConversationRule.Replace,
            Title = title ?? source.Title,
            Metadata = source.Metadata,
            ForkedFrom = ConversationIds.Message(sourceId, position),
        };
        return await Engine.CopyAsync(command, token => ReadCopiesAsync(sourceId, position, token), cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<StoredMessage>> ReadCopiesAsync(string sourceId, long position, CancellationToken cancellationToken)
    {
        var copies = await Branches.ReadCurrentAsync(sourceId, position, cancellationToken).ConfigureAwait(false);
        if (copies is [.., var last] && last.Position == position)
            return copies;

        var message = await Branches.FindMessageAsync(sourceId, position, cancellationToken).ConfigureAwait(false);
        throw new MessageSupersededException(message.Id!);
    }

    /// <summary>Throws if the caller lacks what requests for the conversation require.</summary>
    /// <returns>The agent of the conversation.</returns>
    private async ValueTask<AgentDefinition> RequireIdentityAsync(Conversation conversation, CancellationToken cancellationToken)
    {
        var agent = await Services.Agents.GetAsync(conversation.Agent, nameof(conversation), cancellationToken).ConfigureAwait(false);
        RequireIdentity(conversation, agent);
        return agent;
    }

    private void RequireIdentity(Conversation conversation, AgentDefinition agent)
    {
        var isShared = ConversationScope.Parse(conversation.SessionId).Owner.Identity is null;
        if (Services.Agents.RefusalOf(agent, Caller, isShared) is { } refusal)
            throw refusal;
    }

    private static (string ConversationId, long Position) ParseMessage(string messageId, string parameter)
    {
        WellFormed.Key(messageId, parameter);
        return ConversationIds.TryParseMessage(messageId, out var conversationId, out var position)
            ? (conversationId, position)
            : throw new ConversationNotFoundException(messageId);
    }

    private TurnPlan Again(Conversation conversation, AgentDefinition agent, IReadOnlyList<StoredMessage> input, RegenerateRequest request, TurnTrace? trace = null)
    {
        var turn = new TurnRequest(conversation, input)
        {
            IdempotencyKey = request.IdempotencyKey,
            HistoryLimit = request.HistoryLimit,
            ReservedTokens = request.ReservedTokens,
            TokenLimit = request.TokenLimit,
            OnBusy = request.OnBusy,
        };
        return new TurnPlan(turn, agent.Turns, Access, Caller)
        {
            Again = input is [var first, ..] ? new MessageSpan(first.Position, input.Count) : null,
            AgainBy = request.MessageId,
            Trace = trace,
        };
    }
}

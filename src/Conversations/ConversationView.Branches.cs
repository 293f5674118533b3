using Conversations.Storage;

namespace Conversations;

public abstract partial class ConversationView
{
    private BranchReader Branches => new(Store, _access);

    /// <summary>Answers a user's message again; see <see cref="RegenerateAsync(RegenerateRequest, Func{ConversationTurn, CancellationToken, Task}, CancellationToken)"/>.</summary>
    /// <param name="messageId">A message of the answer, or the user's message that is answered.</param>
    /// <param name="answerAsync">The agent: reads <see cref="ConversationTurn.Prompt"/> and adds what it says, of another model if it likes.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation and is passed on to the agent.</param>
    /// <returns>The result.</returns>
    public Task<TurnResult> RegenerateAsync(
        string messageId, Func<ConversationTurn, CancellationToken, Task> answerAsync, CancellationToken cancellationToken = default) =>
        RegenerateAsync(new RegenerateRequest(messageId), answerAsync, cancellationToken);

    /// <summary>Answers a user's message again: the history before the old answer and the message itself go to the agent once more, and with the commit the new answer supersedes the old one and
    /// everything after it. What is superseded stays readable, with its usage, and can be restored. If the agent fails, the old answer stays in its place.</summary>
    /// <param name="request">Which message, and on what terms.</param>
    /// <param name="answerAsync">The agent: reads <see cref="ConversationTurn.Prompt"/> and adds what it says, of another model if it likes.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation and is passed on to the agent.</param>
    /// <returns>The result; the first one if the request has an idempotency key and was answered before.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation, the message or what it answers does not exist or is not reached.</exception>
    /// <exception cref="MessageSupersededException">What it answers is superseded.</exception>
    /// <exception cref="ArgumentException">It is no message's id, or no user's message stands before it.</exception>
    /// <exception cref="ConversationStoreException">What it answers is damaged and cannot be read (<c>STORE_CORRUPT</c>), or the store failed.</exception>
    /// <exception cref="TurnNestedException">The open turn is one within whose agent this is asked for.</exception>
    /// <exception cref="PromptTooLargeException">What is asked again costs more tokens than the limit.</exception>
    /// <exception cref="ConversationLockedException">Another turn of the conversation is open, and stayed so for as long as the policy waits.</exception>
    /// <exception cref="ConversationEndedException">The conversation has ended.</exception>
    /// <exception cref="TurnInProgressException">The same request is being answered, and still was when the policy's wait was over.</exception>
    /// <exception cref="IdempotencyMismatchException">The idempotency key was used for another request.</exception>
    /// <exception cref="LeaseLostException">The turn lost its lease while the agent worked; what it added was not written.</exception>
    public async Task<TurnResult> RegenerateAsync(
        RegenerateRequest request, Func<ConversationTurn, CancellationToken, Task> answerAsync, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(answerAsync);
        return await RunAsync(await BeginRegenerateAsync(request, cancellationToken).ConfigureAwait(false), answerAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Begins a turn that answers again, to be committed and disposed by hand; <see cref="RegenerateAsync(RegenerateRequest, Func{ConversationTurn, CancellationToken, Task}, CancellationToken)"/> does both.</summary>
    /// <param name="request">Which message, and on what terms.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation.</param>
    /// <returns>The turn, open and locked; or a replay, see <see cref="ConversationTurn.IsReplay"/>. Dispose it.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation, the message or what it answers does not exist or is not reached.</exception>
    /// <exception cref="MessageSupersededException">What it answers is superseded.</exception>
    /// <exception cref="ArgumentException">It is no message's id, or no user's message stands before it.</exception>
    /// <exception cref="ConversationStoreException">What it answers is damaged and cannot be read (<c>STORE_CORRUPT</c>), or the store failed.</exception>
    /// <exception cref="TurnNestedException">The open turn is one within whose agent this is asked for.</exception>
    /// <exception cref="PromptTooLargeException">What is asked again costs more tokens than the limit.</exception>
    /// <exception cref="ConversationLockedException">Another turn of the conversation is open, and stayed so for as long as the policy waits.</exception>
    /// <exception cref="ConversationEndedException">The conversation has ended.</exception>
    /// <exception cref="TurnInProgressException">The same request is being answered, and still was when the policy's wait was over.</exception>
    /// <exception cref="IdempotencyMismatchException">The idempotency key was used for another request.</exception>
    public async Task<ConversationTurn> BeginRegenerateAsync(RegenerateRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (conversationId, position) = ParseMessage(request.MessageId, nameof(request));
        var conversation = await GetAsync(conversationId, cancellationToken).ConfigureAwait(false) ?? throw new ConversationNotFoundException(request.MessageId);

        var trace = TurnTrace.Begin(_services.Agents.Get(conversation.Agent, nameof(request)).Turns, conversation.Channel, regenerates: true, _services.TimeProvider, _services.Logger);
        try
        {
            return await BeginRegenerateAsync(request, conversation, position, trace, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (trace is not null)
        {
            trace.Refuse(exception);
            throw;
        }
    }

    private async Task<ConversationTurn> BeginRegenerateAsync(RegenerateRequest request, Conversation conversation, long position, TurnTrace? trace, CancellationToken cancellationToken)
    {
        // The answer of a request that is repeated does not depend on what became of the message since.
        if (request.IdempotencyKey is not null
            && await _services.Turns.FindAnsweredAsync(Again(conversation, [], request, trace), cancellationToken).ConfigureAwait(false) is { } answered)
        {
            return answered;
        }

        for (var isSecond = false; ; isSecond = true)
        {
            var message = await Branches.FindMessageAsync(conversation.Id, position, cancellationToken).ConfigureAwait(false);
            var input = await Branches.FindInputAsync(message, nameof(request), cancellationToken).ConfigureAwait(false);
            try
            {
                return await _services.Turns.StartAsync(Again(conversation, input, request, trace), cancellationToken).ConfigureAwait(false);
            }
            catch (ConversationNotFoundException) when (!isSecond)
            {
                // What was to be answered again was superseded or deleted while this waited for the conversation: a second look says which.
            }
        }
    }

    /// <summary>Brings back what was superseded: all that went together with the message becomes current again, and supersedes what stands in its place now, which can be restored in turn.</summary>
    /// <remarks>What a second answer left that was not finished can be brought back, too: marked partial, it takes the place of the first one.</remarks>
    /// <param name="messageId">A message that is superseded.</param>
    /// <param name="whenBusy">What to do when the conversation is busy; <see langword="null"/> for what the agent's options say.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation.</param>
    /// <returns><see langword="false"/> if the message is current already.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation, the message or what it answers does not exist or is not reached.</exception>
    /// <exception cref="MessageSupersededException">What it answers is superseded.</exception>
    /// <exception cref="ArgumentException">It is no message's id.</exception>
    /// <exception cref="TurnNestedException">The open turn is one within whose agent this is asked for.</exception>
    /// <exception cref="ConversationLockedException">Another turn of the conversation is open, and stayed so for as long as the policy waits.</exception>
    /// <exception cref="ConversationEndedException">The conversation has ended.</exception>
    /// <exception cref="LeaseLostException">The lease was lost before it was done; nothing was written.</exception>
    public async Task<bool> RestoreAsync(string messageId, BusyPolicy? whenBusy = null, CancellationToken cancellationToken = default)
    {
        var (conversationId, position) = ParseMessage(messageId, nameof(messageId));
        var conversation = await GetAsync(conversationId, cancellationToken).ConfigureAwait(false) ?? throw new ConversationNotFoundException(messageId);
        for (var refusals = 0; ;)
        {
            var message = await Branches.FindMessageAsync(conversationId, position, cancellationToken).ConfigureAwait(false);
            if (message.SupersededBy is not { } superseder)
                return false;

            var run = await Store.GetRunAsync(conversationId, superseder, _access, cancellationToken).ConfigureAwait(false) ?? throw new ConversationNotFoundException(messageId);
            var input = await Branches.ReadInputAsync(run, cancellationToken).ConfigureAwait(false);
            try
            {
                // Somebody may restore it, or supersede it anew, while this waits for the conversation.
                if (await _services.Turns.RestoreAsync(Again(conversation, input, new RegenerateRequest(messageId) { OnBusy = whenBusy }), message, cancellationToken).ConfigureAwait(false))
                    return true;
            }
            catch (ConversationNotFoundException) when (refusals++ == 0)
            {
                // What it answers was superseded or deleted meanwhile: a second look says which.
            }
        }
    }

    /// <summary>Begins a conversation with copies of the messages up to one. It becomes the current one, unless the source is shared: then the others stay where they are, and it is continued by its id. The copies have ids of their own and belong to no run; the source is left as it is.</summary>
    /// <param name="messageId">The last message that is copied.</param>
    /// <param name="title">The title; <see langword="null"/> for that of the source.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The new conversation; its <see cref="Conversation.ForkedFrom"/> is the message.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation or the message does not exist or is not reached.</exception>
    /// <exception cref="MessageSupersededException">The message is superseded.</exception>
    /// <exception cref="ArgumentException">It is no message's id, or the title is blank.</exception>
    public async Task<Conversation> ForkAsync(string messageId, string? title = null, CancellationToken cancellationToken = default)
    {
        if (title is not null)
            WellFormed.Title(title, nameof(title));
        var (sourceId, position) = ParseMessage(messageId, nameof(messageId));
        var source = await GetAsync(sourceId, cancellationToken).ConfigureAwait(false) ?? throw new ConversationNotFoundException(messageId);

        // In one reading, so that it is of one moment.
        var range = new MessageRange { ConversationId = sourceId, Access = _access, CurrentOnly = true, After = 0, Limit = (int)Math.Min(position, int.MaxValue) };
        var copies = (await Store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false)).TakeWhile(message => message.Position <= position).ToList();
        if (copies is not [.., var last] || last.Position != position)
        {
            var message = await Branches.FindMessageAsync(sourceId, position, cancellationToken).ConfigureAwait(false);
            throw new MessageSupersededException(message.Id!);
        }

        var command = new CreateConversationCommand
        {
            ConversationId = ConversationIds.NewConversation(_services.TimeProvider.GetUtcNow()),
            Scope = ConversationScope.Parse(source.SessionId),

            // Where others speak, too, they stay where they are.
            Current = source.Channel is null ? CurrentConversationRule.Keep : CurrentConversationRule.Replace,
            Title = title ?? source.Title,
            Messages = [.. copies.Select(message => message with { ConversationId = null, Position = 0, RunNumber = null })],
            ForkedFrom = last.Id,
        };
        return await Store.CreateConversationAsync(command, cancellationToken).ConfigureAwait(false);
    }

    private static (string ConversationId, long Position) ParseMessage(string messageId, string parameter)
    {
        WellFormed.Key(messageId, parameter);
        return ConversationIds.TryParseMessage(messageId, out var conversationId, out var position)
            ? (conversationId, position)
            : throw new ArgumentException("It is no message's id.", parameter);
    }

    private TurnPlan Again(Conversation conversation, IReadOnlyList<ConversationMessage> input, RegenerateRequest request, TurnTrace? trace = null)
    {
        var turn = new TurnRequest(conversation, input)
        {
            IdempotencyKey = request.IdempotencyKey,
            HistoryLimit = request.HistoryLimit,
            TokenLimit = request.TokenLimit,
            OnBusy = request.OnBusy,
        };
        return new TurnPlan(turn, _services.Agents.Get(conversation.Agent, nameof(request)).Turns, _access, _caller)
        {
            Again = input is [var first, ..] ? new MessageSpan(first.Position, input.Count) : null,
            AgainBy = request.MessageId,
            Trace = trace,
        };
    }
}

using Conversations.Storage;

namespace Conversations;

public abstract partial class ConversationView
{
    private const int CopiesAtATime = 1_000;

    /// <summary>Answers a user's message again; see <see cref="RegenerateAsync(RegenerateRequest, Func{ConversationTurn, CancellationToken, Task}, CancellationToken)"/>.</summary>
    /// <param name="messageId">A message of the answer, or the user's message that is answered.</param>
    /// <param name="answerAsync">The agent: reads <see cref="ConversationTurn.Prompt"/> and adds what it says, of another model if it likes.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation and is passed on to the agent.</param>
    /// <returns>The result.</returns>
    public Task<TurnResult> RegenerateAsync(
        string messageId, Func<ConversationTurn, CancellationToken, Task> answerAsync, CancellationToken cancellationToken = default) =>
        RegenerateAsync(new RegenerateRequest(messageId), answerAsync, cancellationToken);

    /// <summary>Answers a user's message again: the history before it and the message itself go to the agent once more, and with the commit the new answer supersedes the old one and
    /// everything after it. What is superseded stays readable, with its usage, and can be restored. If the agent fails, the old answer stays in its place.</summary>
    /// <param name="request">Which message, and on what terms.</param>
    /// <param name="answerAsync">The agent: reads <see cref="ConversationTurn.Prompt"/> and adds what it says, of another model if it likes.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation and is passed on to the agent.</param>
    /// <returns>The result; the first one if the request has an idempotency key and was answered before.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation does not exist or is not reached.</exception>
    /// <exception cref="ArgumentException">There is no such message, what it answers is superseded or was deleted, or no user's message stands before it.</exception>
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
        var (conversation, message) = await FindMessageAsync(request.MessageId, nameof(request), cancellationToken).ConfigureAwait(false);
        var input = await FindInputAsync(conversation.Id, message, nameof(request), cancellationToken).ConfigureAwait(false);
        var plan = Again(conversation, input, request, nameof(request));
        return await RunAsync(await _services.Turns.StartAsync(plan, cancellationToken).ConfigureAwait(false), answerAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Brings back what was superseded: all that went together with the message becomes current again, and supersedes what stands in its place now, which can be restored in turn.</summary>
    /// <param name="messageId">A message that is superseded.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation.</param>
    /// <returns><see langword="false"/> if the message is current already.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation does not exist or is not reached.</exception>
    /// <exception cref="ArgumentException">There is no such message.</exception>
    /// <exception cref="TurnNestedException">The open turn is one within whose agent this is asked for.</exception>
    /// <exception cref="PromptTooLargeException">What is asked again costs more tokens than the limit.</exception>
    /// <exception cref="ConversationLockedException">Another turn of the conversation is open, and stayed so for as long as the policy waits.</exception>
    /// <exception cref="ConversationEndedException">The conversation has ended.</exception>
    public async Task<bool> RestoreAsync(string messageId, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var (conversation, message) = await FindMessageAsync(messageId, nameof(messageId), cancellationToken).ConfigureAwait(false);
            if (message.SupersededBy is not { } superseder)
                return false;

            var run = await Store.GetRunAsync(conversation.Id, superseder, _access, cancellationToken).ConfigureAwait(false)
                ?? throw new ArgumentException("There is no such message.", nameof(messageId));
            var input = await ReadSpanAsync(conversation.Id, new MessageSpan(run.InputPosition, run.InputCount), cancellationToken).ConfigureAwait(false);
            if (input.Count == 0)
                throw new ArgumentException("The message that was answered was deleted.", nameof(messageId));
            if (input[0].IsSuperseded)
                throw new ArgumentException("What it answers is superseded: restore that first.", nameof(messageId));

            var plan = Again(conversation, input, new RegenerateRequest(messageId), nameof(messageId)) with { Restore = superseder };
            var turn = await _services.Turns.StartAsync(plan, cancellationToken).ConfigureAwait(false);
            await using (turn.ConfigureAwait(false))
            {
                // Somebody may have restored it, or superseded it anew, while this waited for the conversation.
                var (_, now) = await FindMessageAsync(messageId, nameof(messageId), CancellationToken.None).ConfigureAwait(false);
                if (now.SupersededBy != superseder)
                    continue;

                await turn.CommitAsync(CancellationToken.None).ConfigureAwait(false);
                return true;
            }
        }
    }

    /// <summary>Begins a conversation with copies of the messages up to one. It becomes the current one, unless the source is shared: then the others stay where they are, and it is continued by its id. The copies have ids of their own and belong to no run; the source is left as it is.</summary>
    /// <param name="messageId">The last message that is copied.</param>
    /// <param name="title">The title; <see langword="null"/> for that of the source.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The new conversation; its <see cref="Conversation.ForkedFrom"/> is the message.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation does not exist or is not reached.</exception>
    /// <exception cref="ArgumentException">There is no such message, or it is superseded; or the title is blank.</exception>
    public async Task<Conversation> ForkAsync(string messageId, string? title = null, CancellationToken cancellationToken = default)
    {
        if (title is not null)
            WellFormed.Title(title, nameof(title));
        var (source, last) = await FindMessageAsync(messageId, nameof(messageId), cancellationToken).ConfigureAwait(false);
        if (last.IsSuperseded)
            throw new ArgumentException("The message is superseded: restore it first.", nameof(messageId));

        var copies = new List<ConversationMessage>();
        for (var position = 0L; position < last.Position;)
        {
            var range = new MessageRange { ConversationId = source.Id, Access = _access, After = position, CurrentOnly = true, Limit = CopiesAtATime };
            var read = await Store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false);
            copies.AddRange(read.Where(message => message.Position <= last.Position).Select(message => message with { ConversationId = null, Position = 0, RunNumber = null }));
            position = read.Count < CopiesAtATime ? last.Position : read[^1].Position;
        }

        var command = new CreateConversationCommand
        {
            ConversationId = ConversationIds.NewConversation(_services.TimeProvider.GetUtcNow()),
            Scope = ConversationScope.Parse(source.SessionId),

            // Where others speak, too, they stay where they are.
            Current = source.Channel is null ? CurrentConversationRule.Keep : CurrentConversationRule.Replace,
            Title = title ?? source.Title,
            Messages = copies,
            ForkedFrom = last.Id,
        };
        return await Store.CreateConversationAsync(command, cancellationToken).ConfigureAwait(false);
    }

    private TurnPlan Again(Conversation conversation, IReadOnlyList<ConversationMessage> input, RegenerateRequest request, string parameter)
    {
        var turn = new TurnRequest(conversation.Agent, input)
        {
            ConversationId = conversation.Id,
            IdempotencyKey = request.IdempotencyKey,
            WhenBusy = request.WhenBusy,
        };
        return new TurnPlan(turn, _services.Agents.Get(conversation.Agent, parameter).Turns, _access, _caller) { Again = new MessageSpan(input[0].Position, input.Count) };
    }

    private async Task<(Conversation Conversation, ConversationMessage Message)> FindMessageAsync(string messageId, string parameter, CancellationToken cancellationToken)
    {
        WellFormed.Key(messageId, parameter);
        if (!ConversationIds.TryParseMessage(messageId, out var conversationId, out var position))
            throw new ArgumentException("It is no message's id.", parameter);

        var conversation = await FindAsync(conversationId, cancellationToken).ConfigureAwait(false);
        var found = await ReadSpanAsync(conversationId, new MessageSpan(position, 1), cancellationToken).ConfigureAwait(false);
        return found is [var message] ? (conversation, message) : throw new ArgumentException("There is no such message.", parameter);
    }

    /// <summary>Finds what a message answers, or the input that it is part of.</summary>
    private async Task<IReadOnlyList<ConversationMessage>> FindInputAsync(string conversationId, ConversationMessage message, string parameter, CancellationToken cancellationToken)
    {
        IReadOnlyList<ConversationMessage> input = [];
        if (message.RunNumber is { } number && await Store.GetRunAsync(conversationId, number, _access, cancellationToken).ConfigureAwait(false) is { } run)
            input = await ReadSpanAsync(conversationId, new MessageSpan(run.InputPosition, run.InputCount), cancellationToken).ConfigureAwait(false);
        else if (await FindUserBeforeAsync(conversationId, message, cancellationToken).ConfigureAwait(false) is { } said)
            input = [said];

        if (input.Count == 0)
            throw new ArgumentException("No user's message stands before it.", parameter);
        return input[0].IsSuperseded ? throw new ArgumentException("What it answers is superseded: restore that first.", parameter) : input;
    }

    /// <summary>Of imported messages no run tells what they answer: it is the last that a user said.</summary>
    private async Task<ConversationMessage?> FindUserBeforeAsync(string conversationId, ConversationMessage message, CancellationToken cancellationToken)
    {
        var range = new MessageRange { ConversationId = conversationId, Access = _access, NewestFirst = true, After = message.Position + 1, Limit = CopiesAtATime };
        while (await Store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false) is { Count: > 0 } read)
        {
            if (read.FirstOrDefault(said => said is { Role: MessageRole.User, Kind: MessageKind.Message }) is { } found)
                return found;
            range = range with { After = read[^1].Position };
        }

        return null;
    }

    /// <summary>Reads what stands at some positions; nothing unless something stands at each.</summary>
    private async Task<IReadOnlyList<ConversationMessage>> ReadSpanAsync(string conversationId, MessageSpan span, CancellationToken cancellationToken)
    {
        if (span.Count < 1)
            return [];

        var range = new MessageRange { ConversationId = conversationId, Access = _access, After = span.Position - 1, Limit = span.Count };
        var read = await Store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false);
        return read.Count == span.Count && read[^1].Position == span.End ? read : [];
    }
}

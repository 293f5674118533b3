using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>A request to a chat client, converted to a turn.</summary>
internal sealed class ChatTurn
{
    private readonly ConversationView _conversations;
    private readonly ChatContent _content;
    private readonly NewMessages _messages;
    private readonly TurnRequest? _request;
    private readonly RegenerateRequest? _regenerate;
    private readonly ChatOptions? _options;
    private readonly CallTrail? _calls;
    private readonly ChatMessage? _schema;

    private ChatTurn(ConversationView conversations, ChatContent content, NewMessages messages, TurnRequest? request, RegenerateRequest? regenerate, ChatOptions? options, CallTrail? answered, ChatOptions? modelOptions)
    {
        _conversations = conversations;
        _content = content;
        _messages = messages;
        _request = request;
        _regenerate = regenerate;
        _options = options;
        _schema = messages.Schema ?? answered?.Schema;
        _calls = options is ConversationChatOptions { IdempotencyKey: not null } || (options is not null && _schema is not null) ? new CallTrail(answered) { Schema = _schema } : null;
        ModelOptions = modelOptions;
    }

    /// <summary>Gets whether the texts of users begin with the names of their authors in prompts.</summary>
    public required bool AuthorsInText { get; init; }

    /// <summary>Gets the options for the inner client.</summary>
    public ChatOptions? ModelOptions { get; }

    /// <summary>Reads a request.</summary>
    /// <exception cref="ArgumentException">The request has no new message, or a message or option that is not allowed.</exception>
    public static async ValueTask<ChatTurn> ReadAsync(
        ConversationView conversations, string agent, ChatContent content, EarlierMessagePolicy onEarlierMessage, bool authorsInText, IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (options?.ContinuationToken is not null)
            throw new ArgumentException("Continuation tokens are not supported: a turn has no background response. Remove ContinuationToken from the options.", nameof(options));

        var view = ViewOf(conversations, options);
        var newMessages = NewMessages.Of(messages, content, options);
        var modelOptions = ConversationChatOptions.ForModel(options);
        var ours = options as ConversationChatOptions;
        var conversationId = string.IsNullOrWhiteSpace(options?.ConversationId) ? null : options.ConversationId;
        if (ours?.RegenerateMessageId is { } messageId && !(newMessages.IsResults && conversationId is not null))
        {
            if (ours.ReplaceMessageId is not null)
                throw new ArgumentException("The options name a message to answer again and a message to replace. Set one of RegenerateMessageId and ReplaceMessageId.", nameof(options));
            if (newMessages.Input.Count > 0 || newMessages.HasAssistantMessages)
                throw new ArgumentException("The request names a message to answer again and contains other messages. Send system messages only.", nameof(messages));

            await CheckAsync(view, agent, ours, messageId, conversationId, cancellationToken).ConfigureAwait(false);
            var regenerate = new RegenerateRequest(messageId)
            {
                IdempotencyKey = ours.IdempotencyKey,
                HistoryLimit = ours.HistoryLimit,
                TokenLimit = ours.TokenLimit,
                ReservedTokens = RequestCost.Of(newMessages.System, newMessages.Schema, modelOptions),
                OnBusy = ours.OnBusy,
            };
            return new ChatTurn(view, content, newMessages, request: null, regenerate, options, answered: null, modelOptions) { AuthorsInText = authorsInText };
        }

        if (newMessages.Input.Count == 0)
            throw new ArgumentException("The request has no new message. Send a user message or a result after the messages that are stored. A message with the MessageId of a stored one counts as stored: remove the id of what is new.", nameof(messages));
        var replaced = newMessages.IsResults && conversationId is not null ? null : ours?.ReplaceMessageId;
        if (replaced is not null)
        {
            await CheckAsync(view, agent, ours!, replaced, conversationId, cancellationToken).ConfigureAwait(false);
            conversationId = StoredMessage.ConversationIdOf(replaced);
        }

        if (conversationId is not null && newMessages.KnownIn is { } known && !string.Equals(known, conversationId, StringComparison.Ordinal))
            throw new ArgumentException("The messages belong to another conversation than the one in the options. Send messages of that conversation, or change ConversationId.", nameof(messages));

        var answered = options is not null && newMessages.IsResults ? CallTrail.Of(newMessages.AnsweredCallIds, options) : null;
        var request = RequestOf(agent, newMessages, conversationId, ours, answered) with
        {
            ReplaceMessageId = replaced,
            AfterMessageId = replaced is null && (conversationId is not null || ours is not { StartNew: true }) ? newMessages.KnownId : null,
            OnEarlierMessage = onEarlierMessage,
            ReservedTokens = RequestCost.Of(newMessages.System, newMessages.Schema ?? answered?.Schema, modelOptions),
        };
        if (newMessages.HasAssistantMessages && await IsStoredAsync(view, request, cancellationToken).ConfigureAwait(false))
            throw new ArgumentException("The request contains an assistant message that is not stored. Send new messages only, and call ImportAsync to store earlier ones.", nameof(messages));

        return new ChatTurn(view, content, newMessages, request, regenerate: null, options, answered, modelOptions) { AuthorsInText = authorsInText };
    }

    /// <summary>Returns contents of the response for the caller. If the request has an idempotency key, their calls can be recognized by their results.</summary>
    public IList<AIContent> ForCaller(IList<AIContent> contents) => _calls?.Add(contents, _options!) ?? contents;

    /// <summary>Runs the turn.</summary>
    public Task<TurnResult> RunAsync(Func<ConversationTurn, CancellationToken, Task> answerAsync, CancellationToken cancellationToken) => _regenerate is not null
        ? _conversations.RegenerateAsync(_regenerate, answerAsync, cancellationToken)
        : _conversations.RunTurnAsync(_request!, answerAsync, cancellationToken);

    /// <summary>Returns the messages for the model; null if a request for an approval beside those that are answered is still open, so that the model is not to be called.</summary>
    /// <exception cref="ToolCallNotOpenException">Nothing is stored that a response could answer.</exception>
    public async ValueTask<IReadOnlyList<ChatMessage>?> PromptAsync(ConversationTurn turn, CancellationToken cancellationToken)
    {
        if (turn.Approvals.Any(static approval => approval.Response is null))
            return null;

        var prompt = new List<ChatMessage>();
        if (turn.SystemPrompt is { } systemPrompt)
            prompt.Add(new ChatMessage(ChatRole.System, systemPrompt));
        prompt.AddRange(_messages.System);
        if (!turn.IsPersisted)
        {
            // The turn has no history, so everything that the caller sends goes to the model.
            if (_messages.All.Any(static message => message.Contents.Any(static content => content is InputResponseContent)))
                throw new ToolCallNotOpenException();
            prompt.AddRange(_messages.All);
            return prompt;
        }

        // New messages are sent as the caller passed them: they can contain content that is not stored.
        var stored = turn.Prompt.Skip(turn.SystemPrompt is null ? 0 : 1);
        var isAsGiven = _regenerate is null && turn.Input.Count == _messages.Given.Count;
        if (isAsGiven)
        {
            var input = turn.Input.Select(static message => message.Id).ToHashSet(StringComparer.Ordinal);
            stored = stored.Where(message => message.Id is null || !input.Contains(message.Id));
        }

        var loaded = await turn.LoadDataAsync([.. stored], cancellationToken).ConfigureAwait(false);
        var history = loaded.Select(_content.ToChatMessage).ToLookup(static message => message.Role == ChatRole.System);
        prompt.AddRange(history[true].Select(ChatPrompt.WithoutIds));
        List<ChatMessage> given = isAsGiven ? [.. Given(turn)] : [];
        var earlier = ApprovalTraces.Show([.. history[false]], turn.Approvals.Select(static approval => approval.Request.RequestId).ToHashSet(StringComparer.Ordinal), isLast: given.Count == 0);
        if (turn.Approvals.Count > 0)
            given = WithApprovals(given, earlier, turn.Approvals);
        AddSchema(earlier, given);
        prompt.AddRange(ChatPrompt.Of(earlier, given, turn.Window.FirstPosition is > 1, AuthorsInText));
        return prompt;
    }

    /// <summary>Creates the response to a request that was answered before, for the caller.</summary>
    public Task<ChatResponse> ReplayAsync(TurnResult result, CancellationToken cancellationToken) =>
        new ReplayedAnswers(_conversations, _content, _options).ReadAsync(result, _calls, cancellationToken);

    // As they are in later prompts: with the authors under whom they are stored, and their times.
    private IEnumerable<ChatMessage> Given(ConversationTurn turn) =>
        ChatAuthors.Of(_messages.Given, turn.Input).Zip(turn.Input, (message, stored) => turn.TimeTextOf(stored) is { } time ? ChatPrefix.Of(message, time) : message);

    // Behind the question: with the results of its calls and the responses to its requests, the prompt begins as before.
    private void AddSchema(List<ChatMessage> earlier, List<ChatMessage> given)
    {
        if (_schema is null)
            return;

        var messages = given.Exists(IsUsers) ? given : earlier;
        messages.Insert(messages.FindLastIndex(IsUsers) + 1, new ChatMessage(ChatRole.User, _schema.Text));

        static bool IsUsers(ChatMessage message) => message.Role == ChatRole.User && !message.Contents.Any(static content => content is InputResponseContent);
    }

    private List<ChatMessage> WithApprovals(List<ChatMessage> given, List<ChatMessage> history, IReadOnlyList<TurnApproval> approvals)
    {
        var taken = history.Concat(given).SelectMany(static message => message.Contents)
            .Select(static content => content switch { FunctionCallContent call => call.CallId, FunctionResultContent result => result.CallId, _ => null })
            .OfType<string>().ToHashSet(StringComparer.Ordinal);
        var responses = ChatApprovals.Show(history, approvals, taken, response => _content.ToChatMessage(new ConversationMessage(MessageRole.User, response)).Contents[0]);
        var others = given.FindAll(static message => message.Contents.All(static content => content is not InputResponseContent));
        others.Insert(others.TakeWhile(static message => message.Role == ChatRole.Tool).Count(), new ChatMessage(ChatRole.User, [.. responses]));
        return others;
    }

    // A thread that the options name is reached for the whole request, also by the ids of its conversation.
    private static ConversationView ViewOf(ConversationView conversations, ChatOptions? options)
    {
        var (identity, thread) = options is ConversationChatOptions ours ? (ours.Identity, ours.Thread) : default;
        var view = conversations switch
        {
            _ when identity is null => conversations,
            ConversationManager manager => manager.ForIdentity(identity),
            ScopedConversations scoped when scoped.Identity.Equals(identity) => scoped,
            _ => throw new ArgumentException("The options name another identity than that of the client. Remove Identity, or create the client for a ConversationManager.", nameof(options)),
        };
        return thread is not null && view is ScopedConversations caller ? caller.ForThread(thread) : view;
    }

    // A request that is not valid is refused when its turn begins.
    private static async Task<bool> IsStoredAsync(ConversationView view, TurnRequest request, CancellationToken cancellationToken) =>
        await view.ExplainAsync(request, cancellationToken).ConfigureAwait(false) is { Refusal: null, Scope: not null };

    /// <summary>Throws if the message to answer again or to replace is out of reach, belongs to another agent, or contradicts the options.</summary>
    private static async Task CheckAsync(
        ConversationView view, string agent, ConversationChatOptions options, string messageId, string? conversationId, CancellationToken cancellationToken)
    {
        var home = StoredMessage.ConversationIdOf(messageId);
        if (options.StartNew || (conversationId is not null && !string.Equals(conversationId, home, StringComparison.Ordinal)))
            throw Contradiction(nameof(options));
        if (home is null || await view.GetAsync(home, cancellationToken).ConfigureAwait(false) is not { } conversation || !string.Equals(conversation.Agent, agent, StringComparison.Ordinal))
            throw new ConversationNotFoundException(messageId);
        if (options.Thread is not null && !string.Equals(options.Thread, conversation.Thread, StringComparison.Ordinal))
            throw Contradiction(nameof(options));

        static ArgumentException Contradiction(string parameter) =>
            new("The options name a conversation, thread or new conversation that contradicts the message to answer again or to replace. Remove ConversationId, Thread and StartNew.", parameter);
    }

    private static TurnRequest RequestOf(string agent, NewMessages messages, string? conversationId, ConversationChatOptions? options, CallTrail? answered) => new(agent, messages.Input)
    {
        ConversationId = conversationId,
        Thread = conversationId is null ? options?.Thread : null,
        StartNew = conversationId is null && options is { StartNew: true },
        Channel = options?.Channel ?? ConversationChannels.Chat,
        IdempotencyKey = options?.IdempotencyKey is { } key ? messages.KeyOf(key, answered) : null,
        HistoryLimit = options?.HistoryLimit,
        TokenLimit = options?.TokenLimit,
        OnBusy = options?.OnBusy,
    };
}

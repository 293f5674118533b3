using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>A request to a chat client, as the turn that it is.</summary>
internal sealed class ChatTurn
{
    private readonly ConversationView _conversations;
    private readonly ChatContent _content;
    private readonly NewMessages _messages;
    private readonly TurnRequest? _request;
    private readonly RegenerateRequest? _again;
    private readonly ChatOptions? _options;

    private ChatTurn(ConversationView conversations, ChatContent content, NewMessages messages, TurnRequest? request, RegenerateRequest? again, ChatOptions? options, ChatOptions? modelOptions)
    {
        _conversations = conversations;
        _content = content;
        _messages = messages;
        _request = request;
        _again = again;
        _options = options;
        ModelOptions = modelOptions;
    }

    /// <summary>The options for the model's client.</summary>
    public ChatOptions? ModelOptions { get; }

    /// <summary>Reads a request.</summary>
    /// <exception cref="ArgumentException">There is nothing new in it, or something that cannot be.</exception>
    public static async ValueTask<ChatTurn> ReadAsync(
        ConversationView conversations, string agent, ChatContent content, IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (options?.ContinuationToken is not null)
            throw new ArgumentException("A conversation has no answers in the background that could be continued.", nameof(options));

        var view = ViewOf(conversations, options);
        var said = NewMessages.Of(messages, content);
        var modelOptions = ConversationChatOptions.ForModel(options);
        var ours = options as ConversationChatOptions;
        var conversationId = string.IsNullOrWhiteSpace(options?.ConversationId) ? null : options.ConversationId;
        if (ours?.RegenerateMessageId is { } messageId && !(said.IsResults && conversationId is not null))
        {
            if (said.Input.Count > 0 || said.HasAnswers)
                throw new ArgumentException("To answer again what stands in the conversation, send no messages but a system's.", nameof(messages));

            await CheckAsync(view, agent, ours, messageId, conversationId, cancellationToken).ConfigureAwait(false);
            var regenerate = new RegenerateRequest(messageId) { IdempotencyKey = ours.IdempotencyKey, HistoryLimit = ours.HistoryLimit, TokenLimit = ours.TokenLimit, OnBusy = ours.OnBusy };
            ours.AnsweredCalls = 0;
            return new ChatTurn(view, content, said, request: null, regenerate, options, modelOptions);
        }

        if (said.Input.Count == 0)
            throw new ArgumentException("There is nothing new: no message of a user and no result after those that are stored already.", nameof(messages));
        if (conversationId is not null && said.KnownIn is { } known && !string.Equals(known, conversationId, StringComparison.Ordinal))
            throw new ArgumentException("The messages are those of another conversation than the one that the options name.", nameof(messages));

        if (ours is not null && !said.IsResults)
            ours.AnsweredCalls = 0;
        var request = RequestOf(agent, said, conversationId, ours);
        if (said.HasAnswers && await IsStoredAsync(view, request, cancellationToken).ConfigureAwait(false))
            throw new ArgumentException("There is a message of an assistant that is not stored. Send what is new; bring in what was said in the past by ImportAsync.", nameof(messages));

        return new ChatTurn(view, content, said, request, again: null, options, modelOptions);
    }

    /// <summary>The turn was committed, or is a replay.</summary>
    public void Succeed()
    {
        if (_messages.IsResults && _options is ConversationChatOptions ours)
            ours.AnsweredCalls++;
    }

    /// <summary>Runs the turn.</summary>
    public Task<TurnResult> RunAsync(Func<ConversationTurn, CancellationToken, Task> answerAsync, CancellationToken cancellationToken) => _again is not null
        ? _conversations.RegenerateAsync(_again, answerAsync, cancellationToken)
        : _conversations.RunTurnAsync(_request!, answerAsync, cancellationToken);

    /// <summary>What goes to the model.</summary>
    public IReadOnlyList<ChatMessage> Prompt(ConversationTurn turn)
    {
        var prompt = new List<ChatMessage>();
        if (turn.SystemPrompt is { } systemPrompt)
            prompt.Add(new ChatMessage(ChatRole.System, systemPrompt));
        prompt.AddRange(_messages.System);
        if (!turn.IsPersisted)
        {
            // Nothing is known of what was said before but what the caller tells.
            prompt.AddRange(_messages.All);
            return prompt;
        }

        // What is asked now goes as the caller gave it: it may hold more than can be stored.
        var stored = turn.Prompt.Skip(turn.SystemPrompt is null ? 0 : 1);
        var isAsGiven = _again is null && turn.Input.Count == _messages.Given.Count;
        if (isAsGiven)
            stored = stored.SkipLast(turn.Input.Count);
        var history = stored.Select(_content.ToChatMessage).ToLookup(static message => message.Role == ChatRole.System);
        prompt.AddRange(history[true].Select(ChatPrompt.WithoutIds));
        prompt.AddRange(ChatPrompt.Of(history[false], isAsGiven ? _messages.Given : [], turn.Window.FirstPosition is > 1));
        return prompt;
    }

    /// <summary>Makes the response of a request that was answered before.</summary>
    public async Task<ChatResponse> ReplayAsync(TurnResult result, CancellationToken cancellationToken)
    {
        var run = result.RunId is null ? null : await _conversations.GetRunAsync(result.RunId, cancellationToken).ConfigureAwait(false);
        return new ChatResponse([.. result.Messages.Select(_content.ToChatMessage)])
        {
            ConversationId = result.ConversationId,
            ModelId = run?.Model,
            FinishReason = run?.FinishReason is { } reason ? new ChatFinishReason(reason) : null,
            Usage = ChatUsage.Of(run?.Usage),
            CreatedAt = run?.EndedAt,
        };
    }

    private static ConversationView ViewOf(ConversationView conversations, ChatOptions? options)
    {
        if (options is not ConversationChatOptions { Identity: { } identity })
            return conversations;

        return conversations switch
        {
            ConversationManager manager => manager.ForIdentity(identity),
            ScopedConversations scoped when scoped.Identity.Equals(identity) => scoped,
            _ => throw new ArgumentException("The client was made for another identity.", nameof(options)),
        };
    }

    // A request that is refused is refused when its turn begins.
    private static async Task<bool> IsStoredAsync(ConversationView view, TurnRequest request, CancellationToken cancellationToken) =>
        await view.ExplainAsync(request, cancellationToken).ConfigureAwait(false) is { Refusal: null, Scope: not null };

    /// <summary>Refuses to answer again what is not this agent's, or what the options contradict.</summary>
    private static async Task CheckAsync(
        ConversationView view, string agent, ConversationChatOptions options, string messageId, string? conversationId, CancellationToken cancellationToken)
    {
        var home = ConversationMessage.ConversationIdOf(messageId);
        if (options.Thread is not null || options.StartNew || (conversationId is not null && !string.Equals(conversationId, home, StringComparison.Ordinal)))
            throw new ArgumentException("A message is answered again where it stands: the options name another conversation.", nameof(options));
        if (home is null || await view.GetAsync(home, cancellationToken).ConfigureAwait(false) is not { } conversation || !string.Equals(conversation.Agent, agent, StringComparison.Ordinal))
            throw new ConversationNotFoundException(messageId);
    }

    private static TurnRequest RequestOf(string agent, NewMessages messages, string? conversationId, ConversationChatOptions? options) => new(agent, messages.Input)
    {
        ConversationId = conversationId,
        Thread = conversationId is null ? options?.Thread : null,
        StartNew = conversationId is null && options is { StartNew: true },
        Channel = options?.Channel ?? ConversationChannels.Chat,
        IdempotencyKey = options?.IdempotencyKey is { } key ? messages.KeyOf(key, options.AnsweredCalls) : null,
        HistoryLimit = options?.HistoryLimit,
        TokenLimit = options?.TokenLimit,
        OnBusy = options?.OnBusy,
    };
}

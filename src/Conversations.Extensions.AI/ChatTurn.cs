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

    private ChatTurn(ConversationView conversations, ChatContent content, NewMessages messages, TurnRequest? request, RegenerateRequest? again, ChatOptions? modelOptions)
    {
        _conversations = conversations;
        _content = content;
        _messages = messages;
        _request = request;
        _again = again;
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
        if (options is ConversationChatOptions { RegenerateMessageId: { } messageId } again)
        {
            if (said.Input.Count > 0 || said.HasAnswers)
                throw new ArgumentException("To answer again what stands in the conversation, send no messages but a system's.", nameof(messages));

            var regenerate = new RegenerateRequest(messageId) { IdempotencyKey = again.IdempotencyKey, HistoryLimit = again.HistoryLimit, TokenLimit = again.TokenLimit, WhenBusy = again.WhenBusy };
            return new ChatTurn(view, content, said, request: null, regenerate, modelOptions);
        }

        if (said.Input.Count == 0)
            throw new ArgumentException("There is nothing new: no message of a user and no result after those that are stored already.", nameof(messages));

        var request = RequestOf(agent, said, options);
        if (said.HasAnswers && await IsStoredAsync(view, request, cancellationToken).ConfigureAwait(false))
            throw new ArgumentException("There is a message of an assistant that is not stored. Send what is new; bring in what was said in the past by ImportAsync.", nameof(messages));

        return new ChatTurn(view, content, said, request, again: null, modelOptions);
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
        prompt.AddRange(ChatPrompt.Of(stored.Select(_content.ToChatMessage), isAsGiven ? _messages.Given : [], turn.Window.FirstPosition is > 1));
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

    private static TurnRequest RequestOf(string agent, NewMessages messages, ChatOptions? options)
    {
        var conversation = options as ConversationChatOptions;
        var isById = options?.ConversationId is not null;
        return new TurnRequest(agent, messages.Input)
        {
            ConversationId = options?.ConversationId,
            Thread = isById ? null : conversation?.Thread,
            StartNew = !isById && conversation is { StartNew: true },
            Channel = conversation?.Channel ?? ConversationChannels.Chat,
            IdempotencyKey = conversation?.IdempotencyKey is { } key ? messages.KeyOf(key) : null,
            HistoryLimit = conversation?.HistoryLimit,
            TokenLimit = conversation?.TokenLimit,
            WhenBusy = conversation?.WhenBusy,
        };
    }
}

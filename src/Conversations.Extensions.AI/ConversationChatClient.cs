using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>A chat client that stores conversations. Each request is a turn: the client locks the conversation, sends the part of its history that fits, and stores the answer.</summary>
/// <remarks>
/// <para>Send new messages only: user messages, results of functions that the last response called, or responses to its requests for approvals. A caller may also send the complete history, if the messages of earlier responses
/// keep their <see cref="ChatMessage.MessageId"/>: all messages up to the last of those count as stored, in that conversation or an earlier one. Text is never compared. If an answer follows the last of them, <see cref="ConversationChatClientOptions.OnEarlierMessage"/> decides.
/// Input whose answer failed is stored too. System messages are sent to the model after the system prompt of the agent; they are not stored, and count against the token limit, as tools, instructions and a response format do. New assistant messages are refused; call <see cref="ConversationManager.ImportAsync"/> to store earlier answers.</para>
/// <para><see cref="ChatOptions.ConversationId"/> or <see cref="ConversationChatOptions"/> determine the conversation. The response contains its id, and the ids of the messages as they are stored.
/// Neither reaches the inner client. If the turn is not stored, all messages are sent as they are, and the response has no conversation id.</para>
/// <para>Around a client that invokes functions, a turn contains all calls and results. Within such a client, each call of the model is a turn, and a turn with results answers the turn with the calls.</para>
/// <para>A response to a request for an approval must answer an open request of the conversation; the inner client gets the stored request with the decision, and not the call in the response. While other requests beside it
/// have no response, the inner client is not called and the response has no messages. Functions that require an approval need a client inside that invokes them: a call that is left to a client outside is an <see cref="InvalidOperationException"/>.</para>
/// <para>Thread-safe if the inner client is. The client throws the exceptions of turns (<see cref="ConversationView.RunTurnAsync(TurnRequest, Func{ConversationTurn, CancellationToken, Task}, CancellationToken)"/>)
/// and of the inner client. The input is stored then, and the next request continues after it. To repeat the same request, give it a <see cref="ConversationChatOptions.IdempotencyKey"/>.</para>
/// </remarks>
public sealed class ConversationChatClient : DelegatingChatClient
{
    private readonly ConversationView _conversations;
    private readonly string _agent;
    private readonly ChatContent _content;
    private readonly ProviderHistory _providerHistory;
    private readonly EarlierMessagePolicy _onEarlierMessage;
    private readonly bool _authorsInText;
    private readonly Func<ConversationIdentity?>? _identityOf;

    /// <summary>Initializes a client; see <see cref="ChatClientConversationsExtensions.WithConversations"/>, and for a pipeline <see cref="ConversationsChatClientBuilderExtensions.UseConversations"/>.</summary>
    /// <param name="innerClient">The client that calls the model.</param>
    /// <param name="conversations">The view of one caller, or the manager.</param>
    /// <param name="agent">The name of the agent.</param>
    /// <param name="options">The options of the client; <see langword="null"/> for the defaults.</param>
    /// <param name="logger">Where the client logs; <see langword="null"/> for nowhere.</param>
    /// <exception cref="ArgumentException">The name of the agent is empty or blank, an option has an undefined value, the inner client has conversations already, or a cache of responses is around a client that invokes functions.</exception>
    public ConversationChatClient(IChatClient innerClient, ConversationView conversations, string agent, ConversationChatClientOptions? options = null, ILogger<ConversationChatClient>? logger = null)
        : base(innerClient)
    {
        ArgumentNullException.ThrowIfNull(conversations);
        ArgumentException.ThrowIfNullOrWhiteSpace(agent);
        if (innerClient.GetService(typeof(ConversationChatClient)) is not null)
            throw new ArgumentException("The client already has conversations. Pass the client that calls the model.", nameof(innerClient));
        if (innerClient.GetService<CachingChatClient>()?.GetService<FunctionInvokingChatClient>() is not null)
            throw new ArgumentException("A cache of responses is around the client that calls functions, and would return to one caller what functions returned to another. Put the cache beside the model: UseDistributedCache behind UseFunctionInvocation.", nameof(innerClient));
        if (options is { ProviderHistory: < ProviderHistory.Ignore or > ProviderHistory.Refuse })
            throw new ArgumentException("ProviderHistory has an undefined value. Set Ignore or Refuse.", nameof(options));
        if (options is { OnEarlierMessage: < EarlierMessagePolicy.Refuse or > EarlierMessagePolicy.Append })
            throw new ArgumentException("OnEarlierMessage has an undefined value. Set Refuse, Replace or Append.", nameof(options));

        _conversations = conversations;
        _agent = agent;
        _content = ContentOf(options, logger);
        _providerHistory = options?.ProviderHistory ?? ProviderHistory.Ignore;
        _onEarlierMessage = options?.OnEarlierMessage ?? EarlierMessagePolicy.Refuse;
        _authorsInText = options?.AuthorsInText ?? true;
    }

    /// <summary>Initializes a client of a pipeline.</summary>
    /// <param name="innerClient">The client that calls the model.</param>
    /// <param name="manager">The manager.</param>
    /// <param name="agent">The name of the agent.</param>
    /// <param name="identityOf">Returns the caller of a request; null if only the options of the request name it.</param>
    /// <param name="options">The options of the client.</param>
    /// <param name="logger">Where the client logs; null for nowhere.</param>
    internal ConversationChatClient(IChatClient innerClient, ConversationManager manager, string agent, Func<ConversationIdentity?> identityOf, ConversationChatClientOptions options, ILogger<ConversationChatClient>? logger)
        : this(innerClient, manager, agent, options, logger) => _identityOf = identityOf;

    /// <summary>Runs a turn.</summary>
    /// <param name="messages">The new messages.</param>
    /// <param name="options">The conversation, and the options for the model.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation, and the model.</param>
    /// <returns>The answer, with the ids under which it is stored. See <see cref="ConversationChatProperties"/> for its additional properties.</returns>
    /// <exception cref="ArgumentException">The request has no new message, or a message or option that is not allowed.</exception>
    /// <exception cref="ConversationException">The turn could not begin, or could not be committed.</exception>
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = await ReadAsync(messages, options, cancellationToken).ConfigureAwait(false);
        ChatResponse? response = null;
        var result = await request.RunAsync(AnswerAsync, cancellationToken).ConfigureAwait(false);
        if (response is null)
        {
            response = await request.ReplayAsync(result, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            foreach (var message in response.Messages)
                message.Contents = request.ForCaller(message.Contents);
        }

        response.AdditionalProperties = ConversationChatProperties.Of(result, response.AdditionalProperties);
        return response;

        async Task AnswerAsync(ConversationTurn turn, CancellationToken token)
        {
            turn.Model = ModelOf(request.ModelOptions);
            if (await request.PromptAsync(turn, token).ConfigureAwait(false) is not { } prompt)
            {
                response = new ChatResponse { ConversationId = turn.ConversationId };
                return;
            }

            var received = await InnerClient.GetResponseAsync(prompt, request.ModelOptions, token).ConfigureAwait(false);
            var answer = new ChatAnswer(turn, _content, _providerHistory, request.ModelOptions);
            response = answer.Add(received ?? throw new InvalidOperationException("The inner client returned null instead of a response."));
        }
    }

    /// <summary>Runs a turn with a streaming answer. Each update is returned at once, and saved shortly afterwards.</summary>
    /// <param name="messages">The new messages.</param>
    /// <param name="options">The conversation, and the options for the model.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation, and the model. The output so far is kept and marked partial.</param>
    /// <returns>The updates, with the ids under which their messages are stored. The first one names the run (<see cref="ConversationChatProperties.RunId"/>), for <see cref="ConversationView.StopAsync"/>. The enumeration ends when the turn is committed: the last update has no contents and describes the turn, see <see cref="ConversationChatProperties"/>.
    /// Leaving the loop early does not stop the model: it waits until the answer is complete and stored. To stop, cancel the token.</returns>
    /// <exception cref="ArgumentException">The request has no new message, or a message or option that is not allowed. All exceptions are thrown by the enumeration.</exception>
    /// <exception cref="ConversationException">The turn could not begin, or could not be committed.</exception>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = await ReadAsync(messages, options, cancellationToken).ConfigureAwait(false);
        var updates = Channel.CreateUnbounded<ChatResponseUpdate>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var isLeft = false;
        var run = RunAsync();
        try
        {
            await foreach (var update in updates.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                update.Contents = request.ForCaller(update.Contents);
                yield return update;
            }
        }
        finally
        {
            // A reader who leaves does not stop the turn, but an exception of the turn must be thrown.
            Volatile.Write(ref isLeft, true);
            await ((Task)run).ConfigureAwait(false);
        }

        var result = await run.ConfigureAwait(false);
        if (result.IsReplay)
        {
            var replay = await request.ReplayAsync(result, cancellationToken).ConfigureAwait(false);
            foreach (var update in replay.ToChatResponseUpdates())
                yield return update;
        }

        if (ConversationChatProperties.Of(result, others: null) is { } properties)
            yield return new ChatResponseUpdate { ConversationId = result.ConversationId, AdditionalProperties = properties };

        async Task<TurnResult> RunAsync()
        {
            try
            {
                return await request.RunAsync(AnswerAsync, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                updates.Writer.Complete();
            }
        }

        async Task AnswerAsync(ConversationTurn turn, CancellationToken token)
        {
            turn.Model = ModelOf(request.ModelOptions);
            if (await request.PromptAsync(turn, token).ConfigureAwait(false) is not { } prompt)
                return;

            var answer = new ChatAnswer(turn, _content, _providerHistory, request.ModelOptions);
            var isFirst = true;
            try
            {
                var received = InnerClient.GetStreamingResponseAsync(prompt, request.ModelOptions, token) ?? throw new InvalidOperationException("The inner client returned null instead of a response.");
                var source = answer.ReadAsync(received, token);
                await foreach (var piece in turn.StreamAsync(source, static piece => piece.Fragment, static piece => piece.StartsMessage, answer.MetadataOf, token).ConfigureAwait(false))
                {
                    if (piece.Update is { } update && !Volatile.Read(ref isLeft))
                        updates.Writer.TryWrite(isFirst ? ConversationChatProperties.Named(update, turn.RunId) : update);
                    isFirst &= piece.Update is null;
                }

                answer.End();
            }
            finally
            {
                answer.SetOutcome();
            }
        }
    }

    private static ChatContent ContentOf(ConversationChatClientOptions? options, ILogger? logger)
    {
        var content = ChatContent.For(options?.JsonSerializerOptions);
        if (logger is null)
            return content;

        var known = new ConcurrentDictionary<Type, bool>();
        return content.Reporting(type =>
        {
            if (known.TryAdd(type, value: true))
                ChatLog.ValueNotKept(logger, type.FullName ?? type.Name);
        });
    }

    /// <summary>Returns the model that a request asks, as far as it is known: some contents are shown to no other model.</summary>
    private string? ModelOf(ChatOptions? options) => options?.ModelId ?? InnerClient.GetService<ChatClientMetadata>()?.DefaultModelId;

    private ValueTask<ChatTurn> ReadAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken) =>
        ChatTurn.ReadAsync(ViewFor(options), _agent, _content, _onEarlierMessage, _authorsInText, messages, options, cancellationToken);

    // In a pipeline, the host has no view: a request whose caller is unknown must not reach the conversations of all.
    private ConversationView ViewFor(ChatOptions? options) =>
        _identityOf is null ? _conversations
        : _identityOf() is { } identity ? ((ConversationManager)_conversations).ForIdentity(identity)
        : options is ConversationChatOptions { Identity: not null } ? _conversations
        : throw new IdentityRequiredException(_agent);
}

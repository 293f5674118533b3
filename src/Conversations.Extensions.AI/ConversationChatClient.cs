using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>A chat client that remembers. Each request is a turn of a conversation: found, locked, sent with the part of its history that fits, and stored with what was answered.</summary>
/// <remarks>
/// <para>The caller sends what is new: user messages, or results for functions that the last response called. Whoever sends everything again does no harm, as long as the messages of earlier responses
/// keep the <see cref="ChatMessage.MessageId"/> that they came with: what stands up to the last of those is taken to be stored already, in that conversation or in one before it. Nothing is ever compared by its text.
/// A question whose answer failed is stored, too. System messages are sent to the model after the agent's own system prompt, and neither stored nor counted against a limit. What an assistant said in the past enters by <see cref="ConversationManager.ImportAsync"/>; here it is refused.</para>
/// <para>Which conversation it is, is said by <see cref="ChatOptions.ConversationId"/> or <see cref="ConversationChatOptions"/>; the response carries its id, and the ids of the messages as they are stored.
/// Neither reaches the model's client. A turn of which nothing is stored sends all messages as they are, and its response has no conversation id.</para>
/// <para>Placed around a client that calls functions, a turn holds all calls and results. Placed within one, each call of the model is a turn, and those with results answer the ones with calls.</para>
/// <para>Safe from any thread if the inner client is. It throws what turns throw (<see cref="ConversationView.RunTurnAsync(TurnRequest, Func{ConversationTurn, CancellationToken, Task}, CancellationToken)"/>)
/// and what the inner client throws; the input is stored then, and the next request goes on after it. To send the same request again, give it a <see cref="ConversationChatOptions.IdempotencyKey"/>.</para>
/// </remarks>
public sealed class ConversationChatClient : DelegatingChatClient
{
    private readonly ConversationView _conversations;
    private readonly string _agent;
    private readonly ChatContent _content;
    private readonly ProviderHistory _providerHistory;

    /// <summary>Makes a client; see <see cref="ChatClientConversationsExtensions.WithConversations"/>.</summary>
    /// <param name="innerClient">The client that asks the model.</param>
    /// <param name="conversations">The view of one caller, or the manager.</param>
    /// <param name="agent">The agent's name.</param>
    /// <param name="options">How it works; <see langword="null"/> for as usual.</param>
    /// <exception cref="ArgumentException">The agent's name is empty or blank, an option has a value that is none, or the inner client has conversations already.</exception>
    public ConversationChatClient(IChatClient innerClient, ConversationView conversations, string agent, ConversationChatClientOptions? options = null)
        : base(innerClient)
    {
        ArgumentNullException.ThrowIfNull(conversations);
        ArgumentException.ThrowIfNullOrWhiteSpace(agent);
        if (innerClient.GetService(typeof(ConversationChatClient)) is not null)
            throw new ArgumentException("The client has conversations already. Give the one that asks the model.", nameof(innerClient));
        if (options is { ProviderHistory: < ProviderHistory.Ignore or > ProviderHistory.Refuse })
            throw new ArgumentException("ProviderHistory is none of the enumeration.", nameof(options));

        _conversations = conversations;
        _agent = agent;
        _content = ChatContent.For(options?.JsonSerializerOptions);
        _providerHistory = options?.ProviderHistory ?? ProviderHistory.Ignore;
    }

    /// <summary>Makes a client for a pipeline (<c>ChatClientBuilder.Use</c>), for the manager of its services: each request says who is speaking (<see cref="ConversationChatOptions.Identity"/>).</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="options">How it works; <see langword="null"/> for as usual.</param>
    /// <returns>What makes the client.</returns>
    public static Func<IChatClient, IServiceProvider, IChatClient> For(string agent, ConversationChatClientOptions? options = null) =>
        For(agent, static manager => manager, options);

    /// <summary>Makes a client for a pipeline (<c>ChatClientBuilder.Use</c>) that belongs to one caller, as one that is made for each request of a web app does.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="viewOf">Gives the caller's view of the manager's conversations: <c>manager => manager.ForIdentity(…)</c>.</param>
    /// <param name="options">How it works; <see langword="null"/> for as usual.</param>
    /// <returns>What makes the client.</returns>
    public static Func<IChatClient, IServiceProvider, IChatClient> For(string agent, Func<ConversationManager, ConversationView> viewOf, ConversationChatClientOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(agent);
        ArgumentNullException.ThrowIfNull(viewOf);
        return (innerClient, services) =>
        {
            ArgumentNullException.ThrowIfNull(services);
            var manager = (ConversationManager?)services.GetService(typeof(ConversationManager))
                ?? throw new InvalidOperationException("There is no ConversationManager. Call AddConversations on the services of the pipeline.");
            return new ConversationChatClient(innerClient, viewOf(manager), agent, options);
        };
    }

    /// <summary>Runs a turn.</summary>
    /// <param name="messages">What is new.</param>
    /// <param name="options">Which conversation it is, and the options for the model.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation, and the model.</param>
    /// <returns>What was answered, by the ids under which it is stored. See <see cref="ConversationChatProperties"/> for what else it tells.</returns>
    /// <exception cref="ArgumentException">There is nothing new, or something that cannot be.</exception>
    /// <exception cref="ConversationException">The turn could not be begun, or not be committed.</exception>
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = await ReadAsync(messages, options, cancellationToken).ConfigureAwait(false);
        ChatResponse? response = null;
        var result = await request.RunAsync(AnswerAsync, cancellationToken).ConfigureAwait(false);
        response ??= await request.ReplayAsync(result, cancellationToken).ConfigureAwait(false);
        request.Succeed();
        response.AdditionalProperties = ConversationChatProperties.Of(result, response.AdditionalProperties);
        return response;

        async Task AnswerAsync(ConversationTurn turn, CancellationToken token)
        {
            var said = await InnerClient.GetResponseAsync(request.Prompt(turn), request.ModelOptions, token).ConfigureAwait(false);
            var answer = new ChatAnswer(turn, _content, _providerHistory, request.ModelOptions);
            response = answer.Add(said ?? throw new InvalidOperationException("The inner client returned null."));
        }
    }

    /// <summary>Runs a turn whose answer comes piece by piece: each is passed on at once, and saved as it comes.</summary>
    /// <param name="messages">What is new.</param>
    /// <param name="options">Which conversation it is, and the options for the model.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation, and the model; what has come is kept, marked partial.</param>
    /// <returns>The pieces, by the ids under which their messages are stored. The enumeration ends when the turn is committed: an update without contents comes last and tells of it, see <see cref="ConversationChatProperties"/>.
    /// Whoever leaves it early does not stop the model: leaving waits until all is answered and stored. To stop, cancel.</returns>
    /// <exception cref="ArgumentException">As for <see cref="GetResponseAsync"/>; thrown when the enumeration begins, as the others are.</exception>
    /// <exception cref="ConversationException">The turn could not be begun, or not be committed.</exception>
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
                yield return update;
        }
        finally
        {
            // A reader who leaves does not stop the turn, but what becomes of it must not go unseen.
            Volatile.Write(ref isLeft, true);
            await ((Task)run).ConfigureAwait(false);
        }

        var result = await run.ConfigureAwait(false);
        request.Succeed();
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
            var answer = new ChatAnswer(turn, _content, _providerHistory, request.ModelOptions);
            try
            {
                var said = InnerClient.GetStreamingResponseAsync(request.Prompt(turn), request.ModelOptions, token) ?? throw new InvalidOperationException("The inner client returned null.");
                var source = answer.ReadAsync(said, token);
                await foreach (var piece in turn.StreamAsync(source, static piece => piece.Fragment, static piece => piece.StartsMessage, token).ConfigureAwait(false))
                {
                    if (!Volatile.Read(ref isLeft))
                        updates.Writer.TryWrite(piece.Update);
                }

                answer.End();
            }
            finally
            {
                answer.Tell();
            }
        }
    }

    private ValueTask<ChatTurn> ReadAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken) =>
        ChatTurn.ReadAsync(_conversations, _agent, _content, messages, options, cancellationToken);
}

using System.Collections.Concurrent;
using Anthropic.Exceptions;
using Conversations.Storage;
using Microsoft.Extensions.AI;
using Replay;

namespace Conversations.Extensions.AI.Tests.Replays;

/// <summary>Has recorded conversations again, with the provider's real client against a server that enforces its rules: turn by turn, cut by a window, streamed or not, with faults between.</summary>
/// <remarks>Safe from any thread.</remarks>
internal sealed class ChatReplay : IDisposable
{
    private const string Agent = "replayed";
    private const int MostAttempts = 20;

    // Requests lower it.
    private const int LongestWindow = 1_000;

    private readonly ConcurrentDictionary<string, ReplayScript> _scripts = new(StringComparer.Ordinal);
    private readonly AnthropicServer _server;
    private readonly IChatClient _model;
    private readonly ConversationManager _manager;
    private int _numbers;

    public ChatReplay(AnthropicServer server, IConversationStore store)
    {
        _server = server;
        _server.Answer = request => _scripts[request.Body.GetProperty("model").GetString()!].Next(request.IsStreamed);
        _model = server.CreateChatClient();
        _manager = new ConversationManager(store, new ConversationOptions().AddAgent(Agent, agent => agent.HistoryLimit = LongestWindow));
    }

    /// <summary>Has a conversation again.</summary>
    /// <param name="conversation">What was recorded.</param>
    /// <param name="window">How many messages of the history go to the model.</param>
    /// <param name="isStreamed">Whether answers are streamed.</param>
    /// <param name="givesUp">Whether a request that fails is given up, so that the next question follows it; else it is sent again, by its key.</param>
    /// <param name="faults">What goes wrong before an answer is given, and before which; asked for each turn.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What is not as it should be; null if all is.</returns>
    public async Task<string?> RunAsync(RecordedConversation conversation, int window, bool isStreamed, bool givesUp, Func<IEnumerable<ReplayFault>> faults, CancellationToken cancellationToken)
    {
        var model = $"claude-{Interlocked.Increment(ref _numbers)}";
        var mine = _manager.ForIdentity(ConversationIdentity.ForUser(model));
        var system = conversation.Opening.Where(message => !string.IsNullOrEmpty(message.Content)).Select(message => new ChatMessage(ChatRole.System, message.Content)).ToList();
        List<AITool> tools = [.. conversation.Messages.SelectMany(message => message.Calls).Select(call => call.Name).Distinct(StringComparer.Ordinal).Select(name => AIFunctionFactory.Create(static () => "", name))];
        var expected = new List<string>();
        string? id = null;
        var turns = 0;
        foreach (var turn in conversation.Turns)
        {
            var script = _scripts[model] = new ReplayScript(turn, faults());
            var client = new FunctionCaller(_model, call => Task.FromResult<object?>(script.ResultOf(call.CallId))).WithConversations(mine, Agent);
            var options = new ConversationChatOptions { ConversationId = id, HistoryLimit = window, ModelId = model, Tools = tools.Count > 0 ? tools : null, MaxOutputTokens = 1_000, IdempotencyKey = givesUp ? null : $"turn-{turns++}" };
            var answered = await AnswerAsync(client, script, [.. system, new ChatMessage(ChatRole.User, turn.User.Content)], options, isStreamed, givesUp ? 1 : MostAttempts, cancellationToken);
            id = answered ?? id;
            expected.AddRange([$"User: {turn.User.Content}", .. answered is null ? [] : script.Expected]);
        }

        _scripts.TryRemove(model, out _);
        if (_server.Violations is [var violation, ..])
            return $"request {violation.Request} breaks {violation.Rule}";

        id ??= (await mine.GetCurrentAsync(Agent, cancellationToken: cancellationToken))?.Id;
        var stored = id is null ? [] : await mine.GetMessagesAsync(id, cancellationToken: cancellationToken).Where(message => !message.IsPartial).Select(ReplayScript.Text).ToListAsync(cancellationToken);
        var same = stored.Zip(expected).TakeWhile(pair => string.Equals(pair.First, pair.Second, StringComparison.Ordinal)).Count();
        return same == stored.Count && same == expected.Count ? null : $"message {same + 1} of {stored.Count} (recorded: {expected.Count}) is another";
    }

    public void Dispose() => _model.Dispose();

    // Whatever goes wrong, the same request is sent again, by its key, or given up: then there is no id.
    private static async Task<string?> AnswerAsync(
        ConversationChatClient client, ReplayScript script, List<ChatMessage> messages, ChatOptions options, bool isStreamed, int attempts, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= attempts; attempt++)
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            script.Begin(() => _ = cancel.CancelAsync());
            try
            {
                var response = isStreamed
                    ? await client.GetStreamingResponseAsync(messages, options, cancel.Token).ToChatResponseAsync(cancel.Token)
                    : await client.GetResponseAsync(messages, options, cancel.Token);
                return response.ConversationId;
            }
            catch (Exception exception) when (IsFault(exception, cancellationToken))
            {
                // It is sent again, or given up.
            }
        }

        return null;
    }

    private static bool IsFault(Exception exception, CancellationToken cancellationToken) =>
        exception is IOException or AnthropicSseException or AnthropicIOException or AnthropicRateLimitException or Anthropic5xxException or AnthropicOverloadedException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}

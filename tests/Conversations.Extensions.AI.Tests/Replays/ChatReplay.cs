using System.Collections.Concurrent;
using System.Globalization;
using Conversations.Storage;
using Microsoft.Extensions.AI;
using Replay;

namespace Conversations.Extensions.AI.Tests.Replays;

/// <summary>Has recorded conversations again, with the provider's real client against a server that enforces its rules: turn by turn, cut by a window, with faults between.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ChatReplay
{
    private const string Agent = "replayed";
    private const int MostAttempts = 40;

    // Requests lower it.
    private const int LongestWindow = 1_000;

    // A picture of one pixel.
    private const string Picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    private readonly ConcurrentDictionary<string, ReplayScript> _scripts = new(StringComparer.Ordinal);
    private readonly ReplayProvider _provider;
    private readonly ConversationManager _manager;
    private int _numbers;

    public ChatReplay(ReplayProvider provider, IConversationStore store)
    {
        _provider = provider;
        _provider.AnswerWith((model, isStreamed) => _scripts[model.Split('-')[0]].Next(isStreamed));
        _manager = new ConversationManager(store, new ConversationOptions().AddAgent(Agent, agent => agent.HistoryLimit = LongestWindow));
    }

    /// <summary>Has a conversation again.</summary>
    /// <param name="conversation">What was recorded.</param>
    /// <param name="way">How.</param>
    /// <param name="random">What happens by chance.</param>
    /// <param name="faults">What goes wrong before an answer is given, and before which; asked for each turn.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What is not as it should be; null if all is.</returns>
    public async Task<string?> RunAsync(RecordedConversation conversation, ReplayWay way, Random random, Func<IEnumerable<ReplayFault>> faults, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"model{Interlocked.Increment(ref _numbers)}");
        var mine = _manager.ForIdentity(ConversationIdentity.ForUser(name));
        var one = new Having(way, name, mine, ClientOf(name, mine, way), ToolsOf(conversation));
        var system = conversation.Opening.Where(message => !string.IsNullOrEmpty(message.Content)).Select(message => new ChatMessage(ChatRole.System, message.Content)).ToList();
        var expected = new List<string>();
        string? id = null;
        foreach (var (number, turn) in conversation.Turns.Index())
        {
            var script = _scripts[name] = ScriptOf(turn, faults(), way, $"{name}, turn {number}");
            var hasPicture = way.Varies && random.Next(6) == 0;
            if (way.Varies && random.Next(10) == 0)
                script.Refusing();
            var response = await AnswerAsync(one, script, [.. system, Question(turn.User.Content, hasPicture)], OptionsOf(one, random, id, number), cancellationToken);
            id = response?.ConversationId ?? id;
            expected.Add(ReplayScript.Question(turn.User.Content, hasPicture));
            var from = expected.Count;
            expected.AddRange(response is not null ? script.Expected : way.CallsOutside ? script.ExpectedSoFar : []);
            if (response is null || !way.Varies || random.Next(6) != 0)
                continue;

            script = _scripts[name] = ScriptOf(new RecordedTurn(turn.User, [new RecordedMessage(MessageRole.Assistant, $"again {number}")]), [], way, $"{name}, turn {number} again");
            var again = OptionsOf(one, random, id, number + 100_000);
            again.RegenerateMessageId = response.Messages[^1].MessageId;
            again.ConversationId = null;
            if (await AnswerAsync(one, script, [.. system], again, cancellationToken) is null)
                return $"the answer to question {number + 1} could not be given again";

            // Of a turn that made calls in answers of their own, the last answer alone is given again.
            var kept = way.CallsOutside ? expected[from..^1] : [];
            expected.RemoveRange(from, expected.Count - from);
            expected.AddRange([.. kept, .. script.Expected]);
        }

        _scripts.TryRemove(name, out _);
        id ??= (await mine.GetCurrentAsync(Agent, cancellationToken: cancellationToken))?.Id;
        var stored = id is null ? [] : await mine.GetMessagesAsync(id, cancellationToken: cancellationToken).Where(message => !message.IsPartial).Select(ReplayScript.Text).ToListAsync(cancellationToken);
        var same = stored.Zip(expected).TakeWhile(pair => string.Equals(pair.First, pair.Second, StringComparison.Ordinal)).Count();
        return same == stored.Count && same == expected.Count ? null
            : $"message {same + 1} of {stored.Count} (recorded: {expected.Count}) is another: {stored.ElementAtOrDefault(same) ?? "none"}, and not: {expected.ElementAtOrDefault(same) ?? "none"}";
    }

    private static ChatMessage Question(string? text, bool hasPicture) =>
        new(ChatRole.User, [new TextContent(text), .. hasPicture ? [new DataContent(Convert.FromBase64String(Picture), "image/png")] : Array.Empty<AIContent>()]);

    private static List<AITool> ToolsOf(RecordedConversation conversation) =>
        [.. conversation.Messages.SelectMany(message => message.Calls).Select(call => call.Name).Distinct(StringComparer.Ordinal).Select(name => AIFunctionFactory.Create(static () => "", name))];

    private ReplayScript ScriptOf(RecordedTurn turn, IEnumerable<ReplayFault> faults, ReplayWay way, string thought)
    {
        var script = new ReplayScript(turn, faults);
        return way.Thinks ? script.Thinking($"{thought} thinks", _provider.HidesThoughts) : script;
    }

    private IChatClient ClientOf(string name, ScopedConversations mine, ReplayWay way)
    {
        Task<object?> CallAsync(FunctionCallContent call) => Task.FromResult<object?>(_scripts[name].ResultOf(call.CallId));
        return way.CallsOutside
            ? new FunctionCaller(_provider.Client.WithConversations(mine, Agent), CallAsync)
            : new FunctionCaller(_provider.Client, CallAsync).WithConversations(mine, Agent);
    }

    private ConversationChatOptions OptionsOf(Having one, Random random, string? id, int turn)
    {
        var options = new ConversationChatOptions
        {
            ConversationId = id,
            HistoryLimit = one.Way.Window,
            ModelId = one.Way.Varies && random.Next(4) == 0 ? $"{one.Name}-b" : $"{one.Name}-a",
            Tools = one.Tools.Count > 0 ? one.Tools : null,
            MaxOutputTokens = 1_000,
            IdempotencyKey = one.Way.GivesUp ? null : string.Create(CultureInfo.InvariantCulture, $"turn-{turn}"),
        };
        _provider.Prepare(options, one.Way.Thinks);
        return options;
    }

    // Whatever goes wrong, the same request is sent again, by its key, or given up: then there is no response.
    private async Task<ChatResponse?> AnswerAsync(Having one, ReplayScript script, List<ChatMessage> messages, ChatOptions options, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= (one.Way.GivesUp ? 1 : MostAttempts); attempt++)
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            script.Begin(() => _ = cancel.CancelAsync(), isResumed: one.Way.CallsOutside && attempt > 1);
            try
            {
                return one.Way.IsStreamed
                    ? await one.Client.GetStreamingResponseAsync(messages, options, cancel.Token).ToChatResponseAsync(cancel.Token)
                    : await one.Client.GetResponseAsync(messages, options, cancel.Token);
            }
            catch (Exception exception) when (_provider.IsFault(exception) || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // It is sent again, or given up.
            }
        }

        return null;
    }

    private sealed record Having(ReplayWay Way, string Name, ScopedConversations Mine, IChatClient Client, List<AITool> Tools);
}

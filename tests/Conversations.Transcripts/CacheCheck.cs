using System.Globalization;
using Replay;

namespace Conversations.Transcripts;

/// <summary>Computes what a provider's prompt cache serves of recorded conversations, with windows that slide and with windows that are cut back.</summary>
/// <remarks>The model is that of the providers: the beginning that a prompt has in common with the one before it is served from the cache, if it has at least 1,024 tokens, at a tenth of the price.</remarks>
internal static class CacheCheck
{
    private const int MessagesOfAConversation = 200;
    private const int ShortestPrefix = 1_024;
    private const double PriceOfCached = 0.1;
    private const double Half = 0.5;

    /// <summary>Computes files, and writes the figures.</summary>
    /// <returns>Whether windows that are cut back are never dearer, and no limit is exceeded.</returns>
    public static async Task<bool> RunAsync(IEnumerable<string> files, TextWriter output)
    {
        var holds = true;
        await output.WriteLineAsync("file, requests, limit of messages, share of the input that the cache serves with sliding windows, with the default, cost of the default relative to sliding");
        foreach (var file in files)
        {
            var conversations = await JoinAsync(file);
            foreach (var (perResult, limit) in from perResult in new[] { false, true } from limit in new[] { 20, 40, 80 } select (perResult, limit))
            {
                var sliding = await MeasureAsync(conversations, limit, trim: 1, perResult);
                var cutBack = await MeasureAsync(conversations, limit, Half, perResult);
                var ratio = cutBack.Cost / sliding.Cost;
                holds &= ratio <= 1 && !sliding.ExceedsLimit && !cutBack.ExceedsLimit;
                await output.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture, $"{Path.GetFileName(file)}, {(perResult ? "one a turn and one after each result" : "one a turn")}, {limit}, {sliding.Share:P1}, {cutBack.Share:P1}, {ratio:F2}"));
            }
        }

        return holds;
    }

    /// <summary>Joins the conversations of a file to long ones, with the system prompt of the first.</summary>
    private static async Task<List<(string? SystemPrompt, List<ConversationMessage> Messages)>> JoinAsync(string file)
    {
        var joined = new List<(string? SystemPrompt, List<ConversationMessage> Messages)>();
        await foreach (var line in Transcript.ReadAsync(new FileInfo(file), CancellationToken.None))
        {
            var messages = (line.Conversation ?? throw new InvalidDataException($"Line {line.Number}: {line.Problem}")).Messages.Select(message => message.ToMessage()).ToList();
            if (joined is [] or [.., { Messages.Count: >= MessagesOfAConversation }])
                joined.Add((messages.Find(message => message.Role == MessageRole.System)?.Text, []));
            joined[^1].Messages.AddRange(messages.Where(message => message.Role != MessageRole.System));
        }

        return joined;
    }

    private static async Task<Measured> MeasureAsync(List<(string? SystemPrompt, List<ConversationMessage> Messages)> conversations, int limit, double trim, bool perResult)
    {
        var measured = new Measured();
        foreach (var (systemPrompt, messages) in conversations)
        {
            await using var store = new InMemoryConversationStore();
            await using var manager = new ConversationManager(store, new ConversationOptions().AddAgent("agent", agent => (agent.SystemPrompt, agent.HistoryLimit, agent.HistoryTrim) = (systemPrompt, limit, trim)));
            var caller = manager.ForIdentity(ConversationIdentity.ForUser("user"));
            measured.Begin();
            for (var i = 0; i < messages.Count;)
            {
                // What precedes the first user message has no input.
                if (messages[i].Role != MessageRole.User)
                {
                    i++;
                    continue;
                }

                var answer = messages.Skip(i + 1).TakeWhile(message => message.Role != MessageRole.User).ToList();
                await caller.RunTurnAsync(new TurnRequest("agent", messages[i]), (turn, _) =>
                {
                    measured.Add(turn, limit);
                    foreach (var message in answer)
                    {
                        turn.Add(message);
                        if (perResult && message.Role == MessageRole.Tool)
                            measured.Add(turn, limit);
                    }

                    return Task.CompletedTask;
                });
                i += answer.Count + 1;
            }
        }

        return measured;
    }

    /// <summary>What the prompts of one kind of window cost.</summary>
    private sealed class Measured
    {
        private IReadOnlyList<ConversationMessage> _last = [];
        private long _tokens;
        private long _cached;

        public bool ExceedsLimit { get; private set; }

        public double Share => _cached / (double)_tokens;

        public double Cost => _tokens - _cached + (PriceOfCached * _cached);

        public void Begin() => _last = [];

        public void Add(ConversationTurn turn, int limit)
        {
            var prompt = turn.Prompt;
            ExceedsLimit |= turn.Window.MessageCount + turn.Input.Count > limit;
            var common = 0L;
            for (var i = 0; i < Math.Min(prompt.Count, _last.Count) && prompt[i].Equals(_last[i]); i++)
                common += prompt[i].Tokens!.Value.Count;
            _tokens += prompt.Sum(message => (long)message.Tokens!.Value.Count);
            _cached += common >= ShortestPrefix ? common : 0;
            _last = prompt;
        }
    }
}

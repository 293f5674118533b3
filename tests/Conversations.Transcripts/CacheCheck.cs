using System.Globalization;
using Conversations.Tests.History;
using Replay;

namespace Conversations.Transcripts;

/// <summary>Computes what a provider's prompt cache serves of recorded conversations, with windows that slide and with windows that are cut back.</summary>
internal static class CacheCheck
{
    private const int MessagesOfAConversation = 200;
    private const string Airline = "tau-airline.jsonl";

    private static readonly Limit[] Limits =
    [
        .. from perResult in new[] { false, true } from messages in new[] { 20, 40, 80 } select new Limit(messages, null, perResult),
        .. from tokens in new[] { 8_000, 16_000, 32_000 } select new Limit(1_000, tokens, IsPerResult: false),
    ];

    /// <summary>Computes files, and writes the figures.</summary>
    /// <returns>Whether windows that are cut back cost no more than they may, and no limit is exceeded.</returns>
    public static async Task<bool> RunAsync(IEnumerable<string> files, TextWriter output)
    {
        var findings = new List<string>();
        await output.WriteLineAsync("file, requests, limit, share of the input that the cache serves with sliding windows, with the default, cost of the default relative to sliding");
        foreach (var file in files)
        {
            var name = Path.GetFileName(file);
            var conversations = await JoinAsync(file);
            foreach (var limit in Limits)
            {
                var sliding = await MeasureAsync(conversations, limit, trim: 1);
                var cutBack = await MeasureAsync(conversations, limit, new AgentOptions().HistoryTrim);
                var ratio = cutBack.Cost / sliding.Cost;
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{name}, {limit}, {sliding.Share:P1}, {cutBack.Share:P1}, {ratio:F2}"));
                if (!(ratio <= limit.MostOf(name)))
                    findings.Add(string.Create(CultureInfo.InvariantCulture, $"{name}, {limit}: the default costs {ratio:F3} of sliding, more than {limit.MostOf(name):F2}"));
                if (sliding.Refused != cutBack.Refused)
                    findings.Add(string.Create(CultureInfo.InvariantCulture, $"{name}, {limit}: {cutBack.Refused} inputs are refused, and {sliding.Refused} with windows that slide"));
                if (sliding.ExceedsLimit || cutBack.ExceedsLimit)
                    findings.Add($"{name}, {limit}: a prompt exceeds the limit");
            }
        }

        foreach (var finding in findings)
            await output.WriteLineAsync(finding);
        return findings.Count == 0;
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

    private static async Task<PromptCacheCost> MeasureAsync(List<(string? SystemPrompt, List<ConversationMessage> Messages)> conversations, Limit limit, double trim)
    {
        var cost = new PromptCacheCost();
        foreach (var (systemPrompt, messages) in conversations)
            await cost.AddAsync(messages, agent => (agent.SystemPrompt, agent.HistoryLimit, agent.TokenLimit, agent.HistoryTrim) = (systemPrompt, limit.Messages, limit.Tokens, trim), limit.IsPerResult);
        return cost;
    }

    /// <summary>The limits of the windows, and when the model is asked.</summary>
    private sealed record Limit(int Messages, int? Tokens, bool IsPerResult)
    {
        /// <summary>The cost that is allowed, relative to windows that slide.</summary>
        public double MostOf(string file) => (file, this) switch
        {
            (Airline, { Messages: 20, IsPerResult: false }) => 0.55,
            (Airline, { Messages: 40, IsPerResult: false }) => 0.40,
            _ => 1,
        };

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture, $"{(IsPerResult ? "one a turn and one after each result" : "one a turn")}, {(Tokens is { } tokens ? $"{tokens} tokens" : $"{Messages} messages")}");
    }
}

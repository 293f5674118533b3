using System.Diagnostics;
using System.Globalization;

namespace Conversations.Benchmarks.Windows;

/// <summary>Measures whether a window of 20 costs the same at any length of the history, also with a token limit. The lengths are interleaved, so that all run under the same conditions.</summary>
internal static class WindowBenchmark
{
    private const int Rounds = 41;
    private const int ReadsInARound = 200;
    private const double HighestRatio = 1.15;

    private static readonly int[] Lengths = [1_000, 100_000];

    /// <summary>Measures, and writes what it found.</summary>
    /// <returns>Whether the ratios are what they should be.</returns>
    public static async Task<bool> RunAsync(TextWriter output)
    {
        var isFlat = true;
        var folder = Directory.CreateTempSubdirectory("conversations-");
        try
        {
            await using var store = new SqliteConversationStore($"Data Source={Path.Combine(folder.FullName, "windows.db")}");
            var manager = new ConversationManager(store, new ConversationOptions()
                .AddAgent("messages")
                .AddAgent("tokens", agent => (agent.HistoryLimit, agent.TokenLimit) = (1_000, 2_700)));
            foreach (var agent in new[] { "messages", "tokens" })
                isFlat &= await CompareAsync(manager, agent, output) <= HighestRatio;
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        return isFlat;
    }

    private static async Task<double> CompareAsync(ConversationManager manager, string agent, TextWriter output)
    {
        foreach (var length in Lengths)
            await manager.ImportAsync(new ConversationImport(agent, Talk(length)) { Identity = UserOf(length) });

        var times = Lengths.ToDictionary(length => length, _ => new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var length in round % 2 == 0 ? Lengths : Lengths.Reverse())
            {
                var view = manager.ForIdentity(UserOf(length));
                var start = Stopwatch.GetTimestamp();
                for (var i = 0; i < ReadsInARound; i++)
                    await view.ExplainAsync(new TurnRequest(agent, "and now?"));
                times[length].Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / ReadsInARound);
            }
        }

        var window = (await manager.ForIdentity(UserOf(Lengths[^1])).ExplainAsync(new TurnRequest(agent, "and now?"))).Window!;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"limited by {agent} ({window.MessageCount} messages, {window.Tokens.Count} tokens):"));
        foreach (var length in Lengths)
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  {length,9:N0} messages of history {Median(times[length]),8:F1} µs"));
        var ratio = Median(times[Lengths[^1]]) / Median(times[Lengths[0]]);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  ratio {ratio:F3}, at most {HighestRatio}"));
        return ratio;
    }

    private static ConversationIdentity UserOf(int length) => ConversationIdentity.ForUser($"user_{length}");

    private static IEnumerable<ConversationMessage> Talk(int length) => Enumerable.Range(1, length).Select(i => i % 2 == 1
        ? ConversationMessage.User($"{i} {new string('q', 200)}")
        : ConversationMessage.Assistant($"{i} {string.Concat(Enumerable.Repeat("an answer in words, ", 40))}"));

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}

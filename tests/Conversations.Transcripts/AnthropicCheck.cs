using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Conversations.Extensions.AI.Tests;
using Conversations.Extensions.AI.Tests.Replays;
using Replay;

namespace Conversations.Transcripts;

/// <summary>Repeats recorded conversations with the provider's client, against a server that enforces its rules.</summary>
internal static class AnthropicCheck
{
    private const int Seed = 20261122;
    private const int FirstWindow = 2;
    private const int LastWindow = 40;
    private const int AnswersToAFault = 20;

    /// <summary>Checks files, and writes what was found.</summary>
    /// <returns>Whether everything holds.</returns>
    public static async Task<bool> RunAsync(IEnumerable<string> files, TextWriter output)
    {
        var findings = new ConcurrentQueue<string>();
        foreach (var file in files)
        {
            var conversations = await Transcript.ReadAsync(new FileInfo(file), CancellationToken.None)
                .Select(line => line.Conversation ?? throw new InvalidDataException($"Line {line.Number}: {line.Problem}"))
                .ToListAsync();
            var started = Stopwatch.GetTimestamp();
            var (requests, faults) = (0L, 0);
            for (var window = FirstWindow; window <= LastWindow; window++)
            {
                // A file and a server for each window, so that neither grows without end.
                var folder = Directory.CreateTempSubdirectory("conversations-");
                await using (var server = await AnthropicServer.StartAsync(keepsRequests: false))
                {
                    await using var store = new SqliteConversationStore($"Data Source={Path.Combine(folder.FullName, "check.db")}");
                    using var replay = new ChatReplay(server, store);
                    await Parallel.ForEachAsync(conversations.Index(), async (conversation, cancellationToken) =>
                    {
                        var random = new Random(HashCode.Combine(Seed, window, conversation.Index));
                        var isStreamed = (conversation.Index + window) % 2 == 0;
                        var givesUp = (conversation.Index + (window / 2)) % 2 == 0;
                        var finding = await replay.RunAsync(conversation.Item, window, isStreamed, givesUp, () => Faults(random, ref faults), cancellationToken);
                        if (finding is not null)
                            findings.Enqueue($"{Path.GetFileName(file)} conversation {conversation.Index + 1}, window {window}, {(isStreamed ? "streamed" : "plain")}, {(givesUp ? "given up" : "sent again")}: {finding}");
                    });
                    requests += server.RequestCount;
                }

                folder.Delete(recursive: true);
            }

            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{Path.GetFileName(file)}: {conversations.Count:N0} conversations, windows of {FirstWindow} to {LastWindow}, {requests:N0} requests, {faults:N0} faults, {Stopwatch.GetElapsedTime(started).TotalSeconds:N0} s"));
        }

        foreach (var finding in findings)
            await output.WriteLineAsync(finding);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{findings.Count:N0} findings"));
        return findings.IsEmpty;
    }

    private static IEnumerable<ReplayFault> Faults(Random random, ref int count)
    {
        if (random.Next(AnswersToAFault) != 0)
            return [];

        Interlocked.Increment(ref count);
        return [.. Enumerable.Repeat(ReplayFault.None, random.Next(3)), (ReplayFault)random.Next(1, 6)];
    }
}

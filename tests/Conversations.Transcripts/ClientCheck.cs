using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Conversations.Extensions.AI.Tests.Replays;
using Replay;

namespace Conversations.Transcripts;

/// <summary>Repeats recorded conversations with a provider's client, against a server that enforces its rules.</summary>
internal static class ClientCheck
{
    private const int Seed = 20261122;
    private const int FirstWindow = 2;
    private const int LastWindow = 40;
    private const int AnswersToAFault = 10;
    private const int MostShown = 20;

    /// <summary>Checks files, and writes what was found.</summary>
    /// <param name="provider">One of <see cref="ReplayProvider.Names"/>.</param>
    /// <param name="files">The files.</param>
    /// <param name="output">Where the findings go.</param>
    /// <returns>Whether everything holds.</returns>
    public static async Task<bool> RunAsync(string provider, IEnumerable<string> files, TextWriter output)
    {
        var findings = new ConcurrentQueue<string>();
        foreach (var file in files)
        {
            var conversations = await Transcript.ReadAsync(new FileInfo(file), CancellationToken.None)
                .Select(line => line.Conversation ?? throw new InvalidDataException($"Line {line.Number}: {line.Problem}"))
                .ToListAsync();
            var started = Stopwatch.GetTimestamp();
            var (requests, refused, faults, next) = (0L, 0L, 0, 0);
            for (var window = FirstWindow; window <= LastWindow; window++)
            {
                // A file and a server for each window, so that neither grows without end.
                var folder = Directory.CreateTempSubdirectory("conversations-");
                await using (var server = await ReplayProvider.StartAsync(provider))
                {
                    await using var store = new SqliteConversationStore($"Data Source={Path.Combine(folder.FullName, "check.db")}");
                    using var replay = new ChatReplay(server, store);
                    await Parallel.ForEachAsync(conversations.Index(), async (conversation, cancellationToken) =>
                    {
                        var random = new Random(Seed + (window * 10_000) + conversation.Index);
                        var way = ReplayWay.Of(window, conversation.Index + (window * 7));
                        var finding = await FindingAsync(replay, conversation.Item, way, random, () => Faults(random, ref faults), cancellationToken);
                        if (finding is not null)
                            findings.Enqueue($"{Path.GetFileName(file)} conversation {conversation.Index + 1}, {way}: {finding}");
                    });
                    requests += server.RequestCount;
                    refused += server.Violations.Count;
                    foreach (var violation in server.Violations.Take(MostShown - next))
                    {
                        next++;
                        findings.Enqueue($"{Path.GetFileName(file)}, window {window}, request {violation.Request}: {violation.Rule}: {violation.Message}");
                    }
                }

                folder.Delete(recursive: true);
            }

            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{Path.GetFileName(file)}: {conversations.Count:N0} conversations, windows of {FirstWindow} to {LastWindow}, {requests:N0} requests, {refused:N0} refused, {faults:N0} faults, {Stopwatch.GetElapsedTime(started).TotalSeconds:N0} s"));
        }

        foreach (var finding in findings)
            await output.WriteLineAsync(finding);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{findings.Count:N0} findings"));
        return findings.IsEmpty;
    }

    // A request that is refused throws what the client makes of it. Its rule is with the server.
    private static async Task<string?> FindingAsync(
        ChatReplay replay, RecordedConversation conversation, ReplayWay way, Random random, Func<IEnumerable<ReplayFault>> faults, CancellationToken cancellationToken)
    {
        try
        {
            return await replay.RunAsync(conversation, way, random, faults, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return $"{exception.GetType().Name}: {exception.Message}";
        }
    }

    private static IEnumerable<ReplayFault> Faults(Random random, ref int count)
    {
        if (random.Next(AnswersToAFault) != 0)
            return [];

        Interlocked.Increment(ref count);
        return [.. Enumerable.Repeat(default(ReplayFault), random.Next(3)), ReplayFault.Any(random)];
    }
}

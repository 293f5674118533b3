using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Conversations.Soak.Checking;

namespace Conversations.Soak.Steady;

/// <summary>Many turns over many conversations of one SQLite file, with readers that overlap without a pause. Memory, handles and the log must stay flat.</summary>
internal static class SteadyRuns
{
    private const int Writers = 4;
    private const int Readers = 2;
    private const int Samples = 10;
    private const long MaxLog = 32 << 20;

    // What is held does not depend on how many turns there were. Caches fill in the first half.
    private const double MostGrowth = 1.25;
    private const long Tolerance = 8 << 20;
    private const int ToleratedHandles = 8;

    /// <summary>Runs turns.</summary>
    /// <param name="turns">How many turns run, in all conversations together.</param>
    /// <param name="conversations">Over how many conversations.</param>
    /// <param name="output">Receives the samples.</param>
    public static async Task<Tally> RunAsync(int turns, int conversations, TextWriter output)
    {
        var tally = new Tally("steady", output);
        await using var data = SoakStore.Sqlite(TimeProvider.System);
        tally.Add($"{turns} turns over {conversations} conversations", await Guard.RunAsync(() => RunAsync(data, turns, conversations, tally, output)));
        return tally;
    }

    private static async Task<List<Finding>> RunAsync(SoakStore data, int turns, int conversations, Tally tally, TextWriter output)
    {
        await using var manager = new ConversationManager(data.Open(), Agents.Options(static agent => agent.OnBusy = BusyPolicy.Wait(TimeSpan.FromMinutes(5))));
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, Readers).Select(reader => Task.Run(() => ReadAsync(manager, conversations, reader, stop.Token), CancellationToken.None)).ToList();
        var samples = new List<Sample>();
        var largestLog = 0L;
        for (var sample = 0; sample < Samples; sample++)
        {
            var (from, to) = (turns / Samples * sample, turns / Samples * (sample + 1));
            await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
            {
                for (var turn = from + writer; turn < to; turn += Writers)
                {
                    await manager.As(UserOf(turn % conversations)).RunTurnAsync(Agents.Own, $"question {turn}", (asked, _) => Task.FromResult($"answer to {asked.Input[0].Text}"));
                    if (turn % 100 < Writers)
                        InterlockedMax(ref largestLog, LogOf(data.File!));
                }
            })));
            samples.Add(Sample.Now());
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  {to} turns: {samples[^1].Memory >> 10} KiB, {samples[^1].Handles} handles, largest log so far {largestLog >> 10} KiB"));
        }

        await stop.CancelAsync();
        var read = (await Task.WhenAll(readers)).Sum();
        tally.Note("pages read by overlapping readers", read);
        var (early, late) = (samples[(Samples / 2) - 1], samples[^1]);
        var findings = new List<Finding>();
        if (late.Memory > (early.Memory * MostGrowth) + Tolerance)
            findings.Add(new Finding(FindingKind.Wrong, $"memory grew from {early.Memory} to {late.Memory} bytes in the second half"));
        if (late.Handles > early.Handles + ToleratedHandles)
            findings.Add(new Finding(FindingKind.Wrong, $"handles grew from {early.Handles} to {late.Handles} in the second half"));
        if (largestLog > MaxLog)
            findings.Add(new Finding(FindingKind.Wrong, $"the log grew to {largestLog} bytes"));
        var stored = (await manager.ListAsync().ToListAsync(CancellationToken.None)).Sum(conversation => conversation.MessageCount);
        if (stored != 2L * (turns / Samples * Samples))
            findings.Add(new Finding(FindingKind.Lost, $"{stored} messages are stored"));
        return findings;
    }

    private static async Task<int> ReadAsync(ConversationManager manager, int conversations, int reader, CancellationToken cancellationToken)
    {
        var pages = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            var view = manager.As(UserOf((pages + reader) % conversations));
            if (await view.GetCurrentAsync(Agents.Own, cancellationToken: CancellationToken.None) is { } current)
                await view.GetMessagePageAsync(current.Id, new MessageQuery { NewestFirst = true }, cancellationToken: CancellationToken.None);
            pages++;
        }

        return pages;
    }

    private static string UserOf(int conversation) => string.Create(CultureInfo.InvariantCulture, $"user-{conversation}");

    private static long LogOf(string file) => new FileInfo(file + "-wal") is { Exists: true } log ? log.Length : 0;

    private static void InterlockedMax(ref long greatest, long value)
    {
        for (var seen = Volatile.Read(ref greatest); value > seen; seen = Volatile.Read(ref greatest))
        {
            if (Interlocked.CompareExchange(ref greatest, value, seen) == seen)
                return;
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Sample(long Memory, int Handles)
    {
        public static Sample Now()
        {
            using var process = Process.GetCurrentProcess();

            // The least of several, because the readers allocate meanwhile.
            var memory = Enumerable.Range(0, 5).Min(static _ => GC.GetTotalMemory(forceFullCollection: true));
            return new Sample(memory, OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Length : process.HandleCount);
        }
    }
}

using Conversations.Soak.Checking;

namespace Conversations.Soak.Faults;

/// <summary>Runs each fault once, and reports as not run what the operating system does not support.</summary>
internal static class FaultRuns
{
    private const string LinuxOnly = "there are no such signals and limits outside Linux";

    private static readonly TimeSpan[] Jumps = [TimeSpan.FromHours(1), TimeSpan.FromHours(-1)];

    public static async Task<Tally> RunAsync(int turns, TextWriter output)
    {
        var tally = new Tally("faults", output);
        if (OperatingSystem.IsLinux())
        {
            await RunAsync(tally, "a paused holder", ProcessFaults.PausedHolderAsync);
            await RunAsync(tally, "a limit on the size of files", ProcessFaults.FileSizeLimitAsync);
        }
        else
        {
            tally.NotRun("a paused holder", LinuxOnly);
            tally.NotRun("a limit on the size of files", LinuxOnly);
        }

        await RunAsync(tally, "two processes on one conversation", () => ProcessFaults.TwoProcessesAsync(turns, tally));
        await RunAsync(tally, "a full disk", FileFaults.FullDiskAsync);
        await RunAsync(tally, "a read-only file", FileFaults.ReadOnlyAsync);
        await RunAsync(tally, "a corrupt page", FileFaults.CorruptPageAsync);
        foreach (var jump in Jumps)
        {
            foreach (var open in new Func<TimeProvider, SoakStore>[] { clock => SoakStore.Memory(clock), clock => SoakStore.Sqlite(clock) })
            {
                await RunAsync(tally, $"the clock jumps by {jump}, another takes over", () => ClockFaults.TakenOverAsync(open, jump));
                await RunAsync(tally, $"the clock jumps by {jump}, the lease is renewed", () => ClockFaults.RenewedAsync(open, jump));
            }
        }

        return tally;
    }

    private static async Task RunAsync(Tally tally, string name, Func<Task<List<Finding>>> run) => tally.Add(name, await Guard.RunAsync(run));
}

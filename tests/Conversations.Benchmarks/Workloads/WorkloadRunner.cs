using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Spectre.Console;

namespace Conversations.Benchmarks.Workloads;

/// <summary>Runs workloads, shows how far they are, and prints what was measured.</summary>
internal static class WorkloadRunner
{
    public static readonly IReadOnlyList<IWorkload> All =
    [
        new OneConversation(),
        new InMemory(),
        new InTurn(),
        new AtTheSameTime(),
        new LatestOfMany(),
        new IdentityToConversation(),
        new WindowReads(),
        new Streams(),
        new Memory(),
        new LongWrites(),
    ];

    // Below it, a disk is as quick as those of build machines, and the goals for a quick disk apply.
    private static readonly TimeSpan SlowDisk = TimeSpan.FromMilliseconds(1);

    /// <summary>Runs workloads one after another, each in a separate folder that is deleted afterwards.</summary>
    /// <param name="console">Where it prints.</param>
    /// <param name="workloads">The workloads.</param>
    /// <param name="scale">How large they are.</param>
    /// <param name="folder">Where the databases are; null for the system's temporary folder.</param>
    /// <param name="cancellationToken">Ends the run; no files remain.</param>
    /// <exception cref="InvalidOperationException">The disk does not wait as long as configured.</exception>
    public static async Task<IReadOnlyList<Figure>> RunAsync(IAnsiConsole console, IReadOnlyList<IWorkload> workloads, Scale scale, string? folder = null, CancellationToken cancellationToken = default)
    {
        var isDelayed = FsyncDelay.Current >= SlowDisk;
        var start = Stopwatch.GetTimestamp();
        var root = Directory.CreateDirectory(Path.Combine(folder ?? Path.GetTempPath(), $"conversations-workloads-{Guid.NewGuid():N}"));
        try
        {
            var fsync = DiskProbe.Measure(Path.Combine(root.FullName, "probe.db"));
            if (fsync < FsyncDelay.Current)
                throw new InvalidOperationException("The delay did not take effect: an fsync is quicker than it was to be made.");
            if (!console.Profile.Out.IsTerminal)
                console.Profile.Width = 160;
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, an fsync takes {fsync.TotalMicroseconds:N0} µs; goals for a {(isDelayed ? "slow" : "quick")} disk"));

            var figures = await console.Progress().AutoClear(enabled: true).StartAsync(async progress =>
            {
                var tasks = workloads.Select(workload => progress.AddTask($"{workload.Name} {workload.Title}", maxValue: workload.Measurements(scale))).ToList();
                var found = new List<Figure>();
                foreach (var (workload, task) in workloads.Zip(tasks))
                {
                    var folder = root.CreateSubdirectory(workload.GetType().Name);
                    found.AddRange(await workload.RunAsync(new WorkloadContext(folder.FullName, scale, isDelayed, task.Increment, cancellationToken)));
                    folder.Delete(recursive: true);
                    GC.Collect();
                }

                return found;
            });

            FigureTable.Write(console, figures);
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{figures.Count(figure => figure.IsMet == true)} goals met, {figures.Count(figure => figure.IsMet == false)} not, in {Stopwatch.GetElapsedTime(start).TotalSeconds:N0} s"));
            return figures;
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}

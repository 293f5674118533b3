using System.CommandLine;
using System.ComponentModel;
using Spectre.Console;

namespace Conversations.Benchmarks.Workloads;

/// <summary>The command line of the workloads.</summary>
internal static class WorkloadCommand
{
    public static Command Make()
    {
        var names = new Argument<string[]>("workload") { Description = "Which: W1 to W9; all unless named.", Arity = ArgumentArity.ZeroOrMore };
        names.AcceptOnlyFromAmong([.. WorkloadRunner.All.Select(workload => workload.Name).Distinct()]);
        var json = new Option<FileInfo?>("--json") { Description = "Write the figures to a file, too." };
        var folder = new Option<DirectoryInfo?>("--folder") { Description = "Where the databases are: on /dev/shm no disk disturbs. The system's temporary folder unless named." };
        var delay = FsyncDelay.Option();
        var command = new Command("workloads", "Whole workloads beside the least that they can cost, which is measured in the same run, in turn with them.") { names, json, folder, delay };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            try
            {
                if (arguments.GetValue(delay) is { } asked && FsyncDelay.Current == TimeSpan.Zero)
                    return await FsyncDelay.RestartAsync(asked, Environment.GetCommandLineArgs().Skip(1), cancellationToken);

                // Opened first, so that a wrong name does not discard measurements of minutes.
                await using var output = arguments.GetValue(json) is { } file ? file.Create() : null;
                var named = arguments.GetValue(names) ?? [];
                var workloads = WorkloadRunner.All
                    .Where(workload => named.Length > 0 ? named.Contains(workload.Name) : workload.WaitsForDisk || FsyncDelay.Current == TimeSpan.Zero)
                    .ToList();
                var figures = await WorkloadRunner.RunAsync(AnsiConsole.Console, workloads, Scale.Full, arguments.GetValue(folder)?.FullName, cancellationToken);
                if (output is not null)
                    await FigureFile.WriteAsync(output, figures);
                return 0;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return 130;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException or PlatformNotSupportedException or Win32Exception)
            {
                await Console.Error.WriteLineAsync(exception.Message);
                return 1;
            }
        });
        return command;
    }
}

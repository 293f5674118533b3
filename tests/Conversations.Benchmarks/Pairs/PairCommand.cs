using System.CommandLine;
using System.ComponentModel;
using System.Text.Json;
using Conversations.Benchmarks.Workloads;
using Spectre.Console;

namespace Conversations.Benchmarks.Pairs;

/// <summary>The command line of the comparison of two builds.</summary>
internal static class PairCommand
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
        IncludeFields = true,
        WriteIndented = true,
    };

    public static Command Make()
    {
        var a = new Argument<DirectoryInfo>("a") { Description = "The folder with the assemblies of the first build: bin/Release/net10.0 of its benchmarks, for example." };
        var b = new Argument<DirectoryInfo>("b") { Description = "The folder with the assemblies of the second build." };
        var folder = new Option<DirectoryInfo?>("--folder") { Description = "The folder for databases; on /dev/shm no disk disturbs. The default is the temporary folder of the system." };
        var seconds = new Option<double>("--seconds") { Description = "How long each scenario is measured, in seconds.", DefaultValueFactory = _ => 10 };
        var json = new Option<FileInfo?>("--json") { Description = "Also write the figures to a file." };
        var isLong = new Option<bool>("--long") { Description = "Also measure a history of 100,000 messages." };
        var delay = FsyncDelay.Option();
        var command = new Command("pair", "Measures two builds of the library against each other, in turn.") { a, b, folder, seconds, json, isLong, delay };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            try
            {
                if (arguments.GetValue(delay) is { } asked && FsyncDelay.Current == TimeSpan.Zero)
                    return await FsyncDelay.RestartAsync(asked, Environment.GetCommandLineArgs().Skip(1), cancellationToken);

                await using var output = arguments.GetValue(json) is { } file ? file.Create() : null;
                var figures = await RunAsync(
                    arguments.GetRequiredValue(a).FullName,
                    arguments.GetRequiredValue(b).FullName,
                    arguments.GetValue(folder)?.FullName,
                    TimeSpan.FromSeconds(arguments.GetValue(seconds)),
                    PairScenario.All(arguments.GetValue(isLong)),
                    cancellationToken);
                if (output is not null)
                    await JsonSerializer.SerializeAsync(output, figures, Options, cancellationToken);
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

    private static async Task<IReadOnlyList<PairFigure>> RunAsync(
        string a, string b, string? folder, TimeSpan time, IReadOnlyList<PairScenario> scenarios, CancellationToken cancellationToken)
    {
        var root = Directory.CreateDirectory(Path.Combine(folder ?? Path.GetTempPath(), $"conversations-pair-{Guid.NewGuid():N}"));
        try
        {
            var (programA, programB) = (PairBuild.Make(a, Path.Combine(root.FullName, "a")), PairBuild.Make(b, Path.Combine(root.FullName, "b")));
            var runner = new PairRunner(programA, programB, root.FullName, time, title => Console.Error.WriteLine($"  {title}"));
            var figures = await runner.RunAsync(scenarios, cancellationToken);
            if (!AnsiConsole.Profile.Out.IsTerminal)
                AnsiConsole.Profile.Width = 160;
            PairFigure.Write(AnsiConsole.Console, figures);
            return figures;
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}

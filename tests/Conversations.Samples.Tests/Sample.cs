using System.Diagnostics;
using System.Reflection;

namespace Conversations.Samples.Tests;

/// <summary>Runs the programs that users see, each in a process and a folder of its own.</summary>
internal sealed class Sample : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conversations-samples-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The input of the program; empty by default.</summary>
    public string Input { get; set; } = "";

    /// <summary>Environment variables of the program in addition to ours; null removes one.</summary>
    public Dictionary<string, string?> Environment { get; } = [];

    public string File(string name) => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Runs a program to its end.</summary>
    public async Task<(int ExitCode, string Output, string Errors)> RunAsync(string program, params IEnumerable<string> arguments)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync(Cancellation);
        var errors = process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>Starts a program, and kills it as soon as a condition holds; false if it came to its end before.</summary>
    public async Task<bool> RunAndKillAsync(Func<Task<bool>> condition, string program, params IEnumerable<string> arguments)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync(Cancellation);
        var errors = process.StandardError.ReadToEndAsync(Cancellation);
        while (!process.HasExited && !await condition())
            await Task.Yield();
        process.Kill();
        await process.WaitForExitAsync(Cancellation);
        await Task.WhenAll(output, errors);
        return process.ExitCode != 0;
    }

    private Process Start(string program, IEnumerable<string> arguments)
    {
        var path = Path.Combine(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!, $"{program}.dll");
        var start = new ProcessStartInfo("dotnet", [path, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.FullName,
        };
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.StandardInput.Write(Input);
        process.StandardInput.Close();
        return process;
    }
}

using System.Diagnostics;
using System.Reflection;

namespace Conversations.Sqlite.Tests.Processes;

/// <summary>A process of its own; see the worker's program for what it can do.</summary>
internal sealed class Worker : IDisposable
{
    private readonly Process _process;

    private Worker(Process process) => _process = process;

    public static async Task<Worker> StartAsync(params IEnumerable<string> arguments)
    {
        var program = Path.Combine(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!, "Conversations.Worker.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var worker = new Worker(Process.Start(start)!);
        (await worker.ReadLineAsync()).Should().Be("ready");
        return worker;
    }

    public void Go() => _process.StandardInput.WriteLine();

    public async Task<string?> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);

    public async Task<List<string>> ReadToEndAsync()
    {
        var lines = new List<string>();
        while (await ReadLineAsync() is { } line)
            lines.Add(line);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return lines;
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}

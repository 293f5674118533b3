using System.Diagnostics;

namespace Conversations.Soak;

/// <summary>This program in another process.</summary>
internal sealed class ChildProcess : IDisposable
{
    /// <summary>The exit code of a killed process: 128 plus the number of the signal.</summary>
    private const int Killed = 137;

    // Longer than any step takes, so that a child that hangs does not hang the soak.
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(10);

    private readonly Process _process;
    private readonly CancellationTokenSource _end = new(LongestLife);

    private ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool WasKilled => OperatingSystem.IsWindows() ? _process.ExitCode == -1 : _process.ExitCode == Killed;

    /// <summary>Starts the process.</summary>
    /// <param name="arguments">The arguments after the word <c>child</c>.</param>
    public static ChildProcess Start(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(ChildProcess).Assembly.Location, "child", .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };

        // A limit on the size of files must not affect the files of the runtime.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        return new ChildProcess(Process.Start(start)!);
    }

    public void Say(string line) => _process.StandardInput.WriteLine(line);

    public async Task<string?> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync(_end.Token);

    /// <summary>Reads its output until it ends.</summary>
    public async Task<List<string>> ReadToEndAsync()
    {
        var lines = new List<string>();
        while (await ReadLineAsync() is { } line)
            lines.Add(line);
        await _process.WaitForExitAsync(_end.Token);
        return lines;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
        _end.Dispose();
    }
}

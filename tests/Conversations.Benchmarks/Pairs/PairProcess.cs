using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Conversations.Benchmarks.Pairs;

/// <summary>What a batch took, per turn.</summary>
/// <param name="Time">The time, in microseconds.</param>
/// <param name="Allocated">The allocated bytes.</param>
/// <param name="Processor">The time of the processor, in microseconds. Other programs on the machine hardly change it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PairBatch(double Time, double Allocated, double Processor);

/// <summary>A running child program: it does what it is asked, one command at a time.</summary>
internal sealed class PairProcess : IDisposable
{
    private readonly Process _process;

    private PairProcess(Process process) => _process = process;

    /// <summary>Starts a program that <see cref="PairBuild"/> compiled.</summary>
    public static PairProcess Start(string program)
    {
        // The delay of fsync is inherited: it is in the environment of this process.
        var start = new ProcessStartInfo("dotnet", ["exec", program]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        return new PairProcess(Process.Start(start)!);
    }

    /// <summary>Opens the store and fills the conversations of a scenario.</summary>
    public async Task PrepareAsync(PairScenario scenario, string database) =>
        await AskAsync($"prepare\t{scenario.Name}\t{(scenario.IsInMemory ? "-" : database)}\t{scenario.Messages.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>Has the program run a batch of turns.</summary>
    public async Task<PairBatch> RunAsync(int turns) => await MeasureAsync("batch", turns) is [var time, var allocated, var processor]
        ? new PairBatch(time, allocated, processor)
        : throw new InvalidOperationException("The child program did not answer as expected.");

    /// <summary>Has the program do something, and reads the numbers that it answers with.</summary>
    public async Task<double[]> MeasureAsync(string command, int count) =>
        [.. (await AskAsync($"{command}\t{count.ToString(CultureInfo.InvariantCulture)}")).Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];

    public void Dispose()
    {
        // The program ends at the end of its input. One that fails to is stopped.
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            _process.Kill();
        _process.Dispose();
    }

    private async Task<string> AskAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
        return await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"The child program ended at '{command.Replace('\t', ' ')}'.");
    }
}

using System.Diagnostics;

namespace Conversations.Benchmarks.Workloads;

/// <summary>Workers that run turns at the same time, each of its own conversation, one after another. It keeps the slowest turn and counts those that failed.</summary>
internal sealed class Crew(int workers, int turns, Func<int, Task> runAsync)
{
    private readonly int _turnsEach = Math.Max(1, turns / workers);
    private long _slowest;
    private int _failures;

    public int Turns => workers * _turnsEach;

    public TimeSpan Slowest => Stopwatch.GetElapsedTime(0, _slowest);

    public int Failures => _failures;

    /// <summary>Forgets what was kept until now.</summary>
    public void Forget() => (_slowest, _failures) = (0, 0);

    /// <summary>Runs the turns of all workers.</summary>
    /// <returns>How long it took until the last was done.</returns>
    public async Task<TimeSpan> RunAsync()
    {
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(() => WorkAsync(worker))));
        return Stopwatch.GetElapsedTime(start);
    }

    private async Task WorkAsync(int worker)
    {
        var slowest = 0L;
        for (var i = 0; i < _turnsEach; i++)
        {
            var start = Stopwatch.GetTimestamp();
            try
            {
                await runAsync(worker);
            }
            catch (ConversationException)
            {
                Interlocked.Increment(ref _failures);
            }

            slowest = Math.Max(slowest, Stopwatch.GetTimestamp() - start);
        }

        for (var seen = Volatile.Read(ref _slowest); slowest > seen;)
        {
            var before = Interlocked.CompareExchange(ref _slowest, slowest, seen);
            if (before == seen)
                break;
            seen = before;
        }
    }
}

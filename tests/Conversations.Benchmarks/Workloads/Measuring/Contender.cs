using System.Diagnostics;

namespace Conversations.Benchmarks.Workloads;

/// <summary>A contender of a measurement: it runs a batch of operations and returns their time.</summary>
internal sealed class Contender
{
    private readonly Func<Task<TimeSpan>> _runBatchAsync;

    private Contender(int operations, Func<Task<TimeSpan>> runBatchAsync)
    {
        Operations = operations;
        _runBatchAsync = runBatchAsync;
    }

    public int Operations { get; }

    public Samples Samples { get; } = new();

    /// <summary>Operations one after another, of which everything counts.</summary>
    public static Contender Of(int operations, Func<int, Task> runAsync) => new(operations, async () =>
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < operations; i++)
            await runAsync(i);
        return Stopwatch.GetElapsedTime(start);
    });

    /// <inheritdoc cref="Of(int, Func{int, Task})"/>
    public static Contender Of(int operations, Action<int> run) => new(operations, () =>
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < operations; i++)
            run(i);
        return Task.FromResult(Stopwatch.GetElapsedTime(start));
    });

    /// <summary>Operations that are prepared, which does not count.</summary>
    public static Contender Of(int operations, Func<Task> prepareAsync, Func<int, Task> runAsync) => new(operations, async () =>
    {
        await prepareAsync();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < operations; i++)
            await runAsync(i);
        return Stopwatch.GetElapsedTime(start);
    });

    /// <summary>Operations on what is prepared, which does not count.</summary>
    public static Contender Of(int operations, Func<long> prepare, Action<long> run) => new(operations, () =>
    {
        var prepared = prepare();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < operations; i++)
            run(prepared);
        return Task.FromResult(Stopwatch.GetElapsedTime(start));
    });

    /// <summary>A batch that measures the time itself, because only a part of it counts, or because many workers run at once.</summary>
    public static Contender OfBatch(int operations, Func<Task<TimeSpan>> runBatchAsync) => new(operations, runBatchAsync);

    public async Task<double> RunBatchAsync() => (await _runBatchAsync()).TotalMicroseconds / Operations;
}

using System.Globalization;

namespace Conversations.Benchmarks.Workloads;

/// <summary>W1 without a database: the cost of the library itself in a turn, and whether conversations share a lock.</summary>
internal sealed class InMemory : IWorkload
{
    private const int History = 20;
    private const int Workers = 8;

    // A batch must be long enough to measure, and the history grows with each.
    private const int TurnsForOne = 10;

    // So long that a busy machine is not mistaken for a lock.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    public string Name => "W1";

    public string Title => "one conversation, in memory";

    public bool WaitsForDisk => false;

    public int Measurements(Scale scale) => 2;

    public async Task<IReadOnlyList<Figure>> RunAsync(WorkloadContext context)
    {
        await using var host = new Host(new InMemoryConversationStore());
        for (var user = 0; user <= Workers; user++)
            await host.AddAsync(user, History);

        var turns = context.Scale.Turns * TurnsForOne;
        var turn = Contender.Of(turns, _ => host.TurnAsync(Workers));
        await Measurement.RunAsync(context, turn);

        var one = new Crew(1, turns, host.TurnAsync);
        var many = new Crew(Workers, turns, host.TurnAsync);
        var oneTime = Contender.OfBatch(one.Turns, one.RunAsync);
        var manyTime = Contender.OfBatch(many.Turns, many.RunAsync);
        await Measurement.RunAsync(context, oneTime, manyTime);

        return
        [
            new Figure(Name, "full turn in memory", turn.Samples.Median) { Goal = Goal.AtMost(3) },
            Figure.OfThroughput(Name, string.Create(CultureInfo.InvariantCulture, $"in memory: turns a second of {Workers} workers, beside one"), manyTime.Samples, oneTime.Samples),
            new Figure(Name, "in memory: others kept waiting by one that stopped in the middle of a write", await CountKeptWaitingAsync()) { Unit = "", Goal = Goal.AtMost(0) },
        ];
    }

    /// <summary>Stops a turn while the store holds its conversation's lock, and runs the others meanwhile.</summary>
    /// <returns>How many could not run: all if they share a lock, otherwise none.</returns>
    private static async Task<int> CountKeptWaitingAsync()
    {
        using var clock = new StoppingClock();
        await using var host = new Host(new InMemoryConversationStore(clock));
        for (var user = 0; user <= Workers; user++)
            await host.AddAsync(user, History);

        var stopped = clock.StopAsync(() => host.TurnAsync(Workers));
        var others = Enumerable.Range(0, Workers).Select(user => Task.Run(() => host.TurnAsync(user))).ToList();
        try
        {
            await Task.WhenAll(others).WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            // They are counted.
        }

        var keptWaiting = others.Count(other => !other.IsCompleted);
        clock.GoOn();
        await Task.WhenAll([stopped, .. others]);
        return keptWaiting;
    }
}

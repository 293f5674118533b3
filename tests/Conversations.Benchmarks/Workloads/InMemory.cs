using System.Globalization;

namespace Conversations.Benchmarks.Workloads;

/// <summary>W1 without a database: what a turn costs that is the library's own, and whether conversations share a lock.</summary>
internal sealed class InMemory : IWorkload
{
    private const int History = 20;
    private const int Workers = 8;

    // A batch must be long enough to see, and history grows by each.
    private const int TurnsForOne = 10;

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
        var contentions = 0L;
        var oneTime = Contender.OfBatch(one.Turns, one.RunAsync);
        var manyTime = Contender.OfBatch(many.Turns, async () =>
        {
            var before = Monitor.LockContentionCount;
            var time = await many.RunAsync();
            contentions += Monitor.LockContentionCount - before;
            return time;
        });
        await Measurement.RunAsync(context, oneTime, manyTime);

        var manyTurns = Math.Max(1, manyTime.Batches * (double)many.Turns);
        return
        [
            new Figure(Name, "full turn in memory", turn.Samples.Median) { Goal = Goal.AtMost(3) },
            Figure.OfThroughput(Name, string.Create(CultureInfo.InvariantCulture, $"in memory: turns a second of {Workers} workers, beside one"), manyTime.Samples, oneTime.Samples),
            new Figure(Name, string.Create(CultureInfo.InvariantCulture, $"in memory: waits for a lock in 1,000 turns of {Workers} workers"), contentions * 1000 / manyTurns)
            {
                Unit = "",
                Goal = Goal.AtMost(1),
            },
        ];
    }
}

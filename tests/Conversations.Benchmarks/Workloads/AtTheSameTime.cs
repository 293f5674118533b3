using System.Globalization;

namespace Conversations.Benchmarks.Workloads;

/// <summary>W3: workers at the same time, each on separate conversations, compared with as many that share the floor's one connection under a lock.</summary>
internal sealed class AtTheSameTime : IWorkload
{
    private const int History = 20;
    private const int LeastTurnsEach = 10;

    public string Name => "W3";

    public string Title => "workers at the same time";

    public bool WaitsForDisk => true;

    public int Measurements(Scale scale) => scale.Workers.Count;

    public async Task<IReadOnlyList<Figure>> RunAsync(WorkloadContext context)
    {
        await using var host = Host.OnSqlite(context.PathOf("w3"));
        using var floor = new Floor(context.PathOf("w3-floor"));
        for (var user = 0; user < context.Scale.Workers[^1]; user++)
        {
            await host.AddAsync(user, History);
            floor.AddConversation(user + 1, History);
        }

        var figures = new List<Figure>();
        foreach (var workers in context.Scale.Workers)
            figures.AddRange(await MeasureAsync(context, host, floor, workers));
        return figures;
    }

    private async Task<IReadOnlyList<Figure>> MeasureAsync(WorkloadContext context, Host host, Floor floor, int workers)
    {
        var gate = new Lock();
        var turns = Math.Max(context.Turns, workers * LeastTurnsEach);
        var full = new Crew(workers, turns, host.TurnAsync);
        var keyed = new Crew(workers, turns, host.KeyedTurnAsync);
        var bare = new Crew(workers, context.Turns, worker =>
        {
            lock (gate)
                floor.Turn(worker + 1);
            return Task.CompletedTask;
        });
        var fullTime = Contender.OfBatch(full.Turns, full.RunAsync);
        var keyedTime = Contender.OfBatch(keyed.Turns, keyed.RunAsync);
        var bareTime = Contender.OfBatch(bare.Turns, bare.RunAsync);

        // The time of compilation belongs to no turn.
        await full.RunAsync();
        full.Forget();
        await Measurement.RunAsync(context, fullTime, keyedTime, bareTime);

        var who = string.Create(CultureInfo.InvariantCulture, $"{workers:N0} {(workers == 1 ? "worker" : "workers")}");
        var isMany = workers > 8;
        var (goal, keyedGoal) = (workers, context.IsDelayed) switch
        {
            (8, false) => (Goal.AtLeast(1.3), Goal.AtLeast(1.1)),
            (64, false) => (Goal.AtLeast(1.8), Goal.AtLeast(1.4)),
            (8, true) => (Goal.AtLeast(2.5), null),
            (64, true) => (Goal.AtLeast(10), null),
            _ => ((Goal?)null, (Goal?)null),
        };
        return
        [
            Figure.OfThroughput(Name, $"{who}: turns a second", fullTime.Samples, bareTime.Samples, goal),
            Figure.OfThroughput(Name, $"{who}: turns a second, with keys", keyedTime.Samples, bareTime.Samples, keyedGoal),
            new Figure(Name, $"{who}: the slowest turn of all", full.Slowest.TotalMicroseconds)
            {
                Floor = bare.Slowest.TotalMicroseconds,
                Goal = isMany && !context.IsDelayed ? Goal.AtMost(25_000) : null,
            },
            new Figure(Name, $"{who}: turns that failed", full.Failures + keyed.Failures) { Unit = "", Goal = Goal.AtMost(0) },
        ];
    }
}

using System.Diagnostics;
using Conversations.Benchmarks.Workloads;

namespace Conversations.Benchmarks.Pairs;

/// <summary>Runs the scenarios with both builds in turn, A B, B A, …, so that both meet the same machine.</summary>
internal sealed class PairRunner(string programA, string programB, string folder, TimeSpan time, Action<string> report)
{
    private const int LeastRounds = 5;
    private const int PageSize = 4096 + 24; // With the header of a frame in the log.
    private const int PageTurns = 20;
    private const int FirstMessages = 25;
    private const int FirstRounds = 20;

    private int _databases;

    public async Task<IReadOnlyList<PairFigure>> RunAsync(IReadOnlyList<PairScenario> scenarios, CancellationToken cancellationToken)
    {
        var figures = new List<PairFigure>();
        var times = new Dictionary<PairScenario, PairSamples>();
        foreach (var scenario in scenarios)
        {
            report(scenario.Title);
            var (samples, allocated, processor) = await MeasureAsync(scenario, cancellationToken);
            times[scenario] = samples;
            figures.Add(scenario.IsThroughput ? Throughput(scenario, samples) : Of(scenario.Title, Figure.Microseconds, samples, scenario.Goal));
            figures.Add(Of($"processor, {scenario.Title}", Figure.Microseconds, processor, goal: null));
            if (scenario.AllocatedGoal is { } allocatedGoal)
                figures.Add(Of($"allocated, {scenario.Title}", "bytes", allocated, allocatedGoal));
        }

        figures.AddRange(Flatness(times));
        report("pages of the log");
        figures.Add(await PagesAsync());
        report("first messages");
        figures.AddRange(await FirstMessagesAsync());
        return figures;
    }

    private static PairFigure Of(string title, string unit, PairSamples samples, Goal? goal) =>
        new(title, unit, samples.A, samples.B, goal) { Ratio = samples.B / samples.A, Spread = samples.Spread(inverse: false) };

    private static PairFigure Throughput(PairScenario scenario, PairSamples samples) =>
        new(scenario.Title, "turns/s", 1_000_000 / samples.A, 1_000_000 / samples.B, scenario.Goal) { Ratio = samples.A / samples.B, Spread = samples.Spread(inverse: true) };

    /// <summary>How much longer a turn takes after a long history than after none.</summary>
    private static IEnumerable<PairFigure> Flatness(Dictionary<PairScenario, PairSamples> times)
    {
        var none = times.First(pair => pair.Key.Messages == 0).Value;
        return times.Where(pair => pair.Key.Name.StartsWith("turn-", StringComparison.Ordinal) && pair.Key.Messages > 0)
            .Select(pair => new PairFigure($"{pair.Key.Title}, to none", "ratio", pair.Value.A / none.A, pair.Value.B / none.B, Goal.AtMost(1.15)));
    }

    private async Task<(PairSamples Times, PairSamples Allocated, PairSamples Processor)> MeasureAsync(PairScenario scenario, CancellationToken cancellationToken)
    {
        using var a = await StartAsync(programA, scenario);
        using var b = await StartAsync(programB, scenario);
        var (times, allocated, processor) = (new PairSamples(), new PairSamples(), new PairSamples());

        // A fifth of the time warms up.
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time / 5)
            await RoundAsync(isAFirst: true);

        start = Stopwatch.GetTimestamp();
        for (var round = 0; round < LeastRounds || Stopwatch.GetElapsedTime(start) < time; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (ofA, ofB) = await RoundAsync(round % 2 == 0);
            times.Add(ofA.Time, ofB.Time);
            allocated.Add(ofA.Allocated, ofB.Allocated);
            processor.Add(ofA.Processor, ofB.Processor);
        }

        return (times, allocated, processor);

        async Task<(PairBatch A, PairBatch B)> RoundAsync(bool isAFirst)
        {
            if (isAFirst)
                return (await a.RunAsync(scenario.Turns), await b.RunAsync(scenario.Turns));
            var ofB = await b.RunAsync(scenario.Turns);
            return (await a.RunAsync(scenario.Turns), ofB);
        }
    }

    /// <summary>By how many pages the log grows with each turn. The turns are so few that the log does not begin again.</summary>
    private async Task<PairFigure> PagesAsync()
    {
        var scenario = new PairScenario("turn-0", "pages", PageTurns) { Messages = 20, Goal = Goal.AtMost(7) };
        var pages = new List<double>();
        foreach (var program in new[] { programA, programB })
        {
            using var child = await StartAsync(program, scenario);
            await child.RunAsync(PageTurns);
            pages.Add((await child.MeasureAsync("pages", PageTurns))[0] / PageSize);
        }

        return new PairFigure("pages written to the log by a turn", "pages", pages[0], pages[1], scenario.Goal);
    }

    private async Task<IReadOnlyList<PairFigure>> FirstMessagesAsync()
    {
        var scenario = new PairScenario("turn-0", "first messages", 1) { Goal = Goal.AtMost(3) };
        var (mean, highest) = (new List<double>(), new List<double>());
        foreach (var program in new[] { programA, programB })
        {
            using var child = await StartAsync(program, scenario);
            var rounds = new List<double[]>();
            for (var round = 0; round < FirstRounds; round++)
                rounds.Add(await child.MeasureAsync("first", FirstMessages));
            mean.Add(rounds.Average(round => round[0]));
            highest.Add(rounds.Max(round => round[1]));
        }

        return
        [
            new PairFigure($"{FirstMessages} first messages at once: loads per begin, mean", "loads", mean[0], mean[1], null),
            new PairFigure($"{FirstMessages} first messages at once: loads per begin, highest", "loads", highest[0], highest[1], double.IsNaN(highest[1]) ? null : scenario.Goal),
        ];
    }

    private async Task<PairProcess> StartAsync(string program, PairScenario scenario)
    {
        var child = PairProcess.Start(program);
        await child.PrepareAsync(scenario, Path.Combine(folder, $"pair-{++_databases}.db"));
        return child;
    }
}

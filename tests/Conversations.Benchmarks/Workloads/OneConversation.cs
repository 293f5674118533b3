using System.Diagnostics;
using System.Globalization;

namespace Conversations.Benchmarks.Workloads;

/// <summary>W1: the turns of one conversation, one after another, at several lengths of its history.</summary>
internal sealed class OneConversation : IWorkload
{
    public string Name => "W1";

    public string Title => "one conversation";

    public bool WaitsForDisk => true;

    public int Measurements(Scale scale) => 2;

    public async Task<IReadOnlyList<Figure>> RunAsync(WorkloadContext context)
    {
        await using var host = Host.OnSqlite(context.PathOf("w1"));
        using var floor = new Floor(context.PathOf("w1-floor"));
        var histories = context.Scale.Histories;

        // For turns without and with a key; then one for the parts of a turn, and one after all others, because an append at the end of a table is cheaper than elsewhere.
        foreach (var (user, messages) in histories.Concat(histories).Concat([0, 1]).Index())
        {
            await host.AddAsync(user, messages);
            floor.AddConversation(user + 1, messages);
        }

        var figures = await MeasureTurnsAsync(context, host, floor);
        figures.AddRange(await MeasurePartsAsync(context, host, floor, user: 2 * histories.Count));
        return figures;
    }

    private async Task<List<Figure>> MeasureTurnsAsync(WorkloadContext context, Host host, Floor floor)
    {
        var (turns, histories) = (context.Turns, context.Scale.Histories);
        var full = histories.Select((messages, user) => Contender.Of(turns, () => StartOverAsync(host, user, messages), _ => host.TurnAsync(user))).ToList();
        var keyed = histories.Select((messages, i) => (messages, user: i + histories.Count))
            .Select(at => Contender.Of(turns, () => StartOverAsync(host, at.user, at.messages), _ => host.KeyedTurnAsync(at.user))).ToList();
        var bare = histories.Select((messages, user) => (messages, conversation: user + 1L))
            .Select(at => Contender.Of(turns, () => at.messages == 0 ? floor.AddConversation(0) : at.conversation, floor.Turn)).ToList();
        await Measurement.RunAsync(context, [.. full.Zip(bare, keyed).SelectMany(at => new[] { at.First, at.Second, at.Third })]);

        var goal = Goal.AtMost(context.IsDelayed ? 1.12 : 1.5);
        var figures = new List<Figure>();
        foreach (var (i, messages) in histories.Index())
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"at {messages:N0}");
            figures.Add(Figure.Of(Name, $"full turn {at}", full[i].Samples, bare[i].Samples, goal));
            figures.Add(Figure.Of(Name, $"full turn {at}, with a key", keyed[i].Samples, bare[i].Samples, context.IsDelayed ? null : Goal.AtMost(1.6)));
        }

        var last = string.Create(CultureInfo.InvariantCulture, $"full turn at {histories[^1]:N0}, beside at {histories[0]:N0}");
        figures.Add(Figure.Of(Name, last, full[^1].Samples, full[0].Samples, Goal.AtMost(1.1)));
        return figures;
    }

    private async Task<IReadOnlyList<Figure>> MeasurePartsAsync(WorkloadContext context, Host host, Floor floor, int user)
    {
        var turns = context.Turns;
        var begin = Contender.OfBatch(turns, () => TimePartAsync(host, user, turns, isCommit: false));
        var commit = Contender.OfBatch(turns, () => TimePartAsync(host, user, turns, isCommit: true));
        var write = Contender.Of(turns, _ => floor.Write(user + 1));
        await Measurement.RunAsync(context, begin, commit, write);
        return
        [
            Figure.Of(Name, "begin and window alone, beside the same", begin.Samples, write.Samples),
            Figure.Of(Name, "commit alone, beside the floor's transaction", commit.Samples, write.Samples, context.IsDelayed ? null : Goal.AtMost(1.25)),
        ];
    }

    /// <summary>The measurement at 0 begins at 0 in each batch; long histories grow a little longer.</summary>
    private static async Task StartOverAsync(Host host, int user, int messages)
    {
        if (messages == 0)
            await host.AddAsync(user, messages);
    }

    /// <summary>Runs turns by hand, and returns the time of one of their two calls.</summary>
    private static async Task<TimeSpan> TimePartAsync(Host host, int user, int turns, bool isCommit)
    {
        var ticks = 0L;
        for (var i = 0; i < turns; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await using var turn = await host.BeginAsync(user);
            var begun = Stopwatch.GetTimestamp();
            turn.Add(ConversationMessage.Assistant(Texts.Answer));
            var answered = Stopwatch.GetTimestamp();
            await turn.CommitAsync();
            ticks += isCommit ? Stopwatch.GetTimestamp() - answered : begun - start;
        }

        return Stopwatch.GetElapsedTime(0, ticks);
    }
}

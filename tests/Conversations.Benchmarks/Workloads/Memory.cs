namespace Conversations.Benchmarks.Workloads;

/// <summary>W8: what an open turn holds, and what a turn allocates, compared with the messages themselves: those of the window, the question and the answer, each with its parts and its text.</summary>
internal sealed class Memory : IWorkload
{
    private const int History = 20;
    private const int Copies = 1_000;

    public string Name => "W8";

    public string Title => "memory";

    public bool WaitsForDisk => false;

    public int Measurements(Scale scale) => 2;

    public async Task<IReadOnlyList<Figure>> RunAsync(WorkloadContext context)
    {
        await using var host = Host.OnSqlite(context.PathOf("w8"));
        await using var memory = new Host(new InMemoryConversationStore());
        for (var user = 0; user <= context.Scale.OpenTurns; user++)
            await host.AddAsync(user, History);
        await memory.AddAsync(0, History);

        var window = SizeOf(History);
        var held = await HeldAsync(host, context.Scale.OpenTurns);
        context.Advance(1);
        var all = SizeOf(History + 2);
        var messages = SizeOf(2);
        var allocated = await AllocatedAsync(host, user: context.Scale.OpenTurns, context.Scale.Turns * 10);
        var allocatedInMemory = await AllocatedAsync(memory, user: 0, context.Scale.Turns * 10);
        context.Advance(1);
        return
        [
            new Figure(Name, "held by an open turn, beside its window", held) { Unit = "bytes", Floor = window, Ratio = held / window },
            new Figure(Name, "allocated by a turn, beside its messages", allocated) { Unit = "bytes", Floor = all, Ratio = allocated / all, Goal = Goal.AtMost(1.3) },
            new Figure(Name, "allocated by a turn in memory, beside its question and answer", allocatedInMemory) { Unit = "bytes", Floor = messages, Ratio = allocatedInMemory / messages },
        ];
    }

    /// <summary>The memory that so many kept messages take: questions and answers in turn.</summary>
    private static double SizeOf(int messages)
    {
        var kept = new ConversationMessage[messages * Copies];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < kept.Length; i++)
            kept[i] = Host.Copy(i + 1);
        var size = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(kept);
        return (double)size / Copies;
    }

    private static async Task<double> HeldAsync(Host host, int turns)
    {
        var open = new ConversationTurn[turns];

        // What the first one compiles and opens belongs to no turn.
        await using (var first = await host.BeginAsync(0))
            await first.CommitAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var user = 0; user < turns; user++)
            open[user] = await host.BeginAsync(user);
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        foreach (var turn in open)
            await turn.DisposeAsync();
        return (double)held / turns;
    }

    private static async Task<double> AllocatedAsync(Host host, int user, int turns)
    {
        for (var i = 0; i < turns; i++)
            await host.NewTurnAsync(user);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < turns; i++)
            await host.NewTurnAsync(user);
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)turns;
    }
}

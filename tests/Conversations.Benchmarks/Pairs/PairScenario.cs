namespace Conversations.Benchmarks.Pairs;

/// <summary>Something that both builds do, batch by batch.</summary>
/// <param name="Name">The name that the child program knows.</param>
/// <param name="Title">The name in the table.</param>
/// <param name="Turns">The turns of a batch; of each worker.</param>
internal sealed record PairScenario(string Name, string Title, int Turns)
{
    /// <summary>Gets the number of messages that each conversation has at first.</summary>
    public int Messages { get; init; }

    public bool IsInMemory { get; init; }

    /// <summary>Gets whether turns a second are compared rather than the time of a turn.</summary>
    public bool IsThroughput { get; init; }

    /// <summary>Gets the goal of the ratio of B to A.</summary>
    public required Workloads.Goal Goal { get; init; }

    /// <summary>Gets the goal of the ratio of allocated bytes; null if they are not compared.</summary>
    public Workloads.Goal? AllocatedGoal { get; init; }

    /// <summary>All scenarios.</summary>
    /// <param name="isLong">Whether a history of 100,000 messages is among them.</param>
    public static IReadOnlyList<PairScenario> All(bool isLong) =>
    [
        new("turn-0", "full turn, no history", 25) { Goal = Workloads.Goal.AtMost(0.93), AllocatedGoal = Workloads.Goal.AtMost(0.9) },
        new("turn-10000", "full turn, 10,000 messages", 25) { Messages = 10_000, Goal = Workloads.Goal.AtMost(0.93) },
        .. isLong ? [new PairScenario("turn-100000", "full turn, 100,000 messages", 25) { Messages = 100_000, Goal = Workloads.Goal.AtMost(0.93) }] : (PairScenario[])[],
        new("keyed", "full turn with a key", 25) { Messages = 20, Goal = Workloads.Goal.AtMost(0.93) },
        new("memory", "full turn in memory", 500) { Messages = 20, IsInMemory = true, Goal = Workloads.Goal.AtMost(0.7), AllocatedGoal = Workloads.Goal.AtMost(0.9) },
        new("workers-8", "8 workers", 15) { Messages = 20, IsThroughput = true, Goal = Workloads.Goal.AtLeast(1) },
        new("workers-64", "64 workers", 5) { Messages = 20, IsThroughput = true, Goal = Workloads.Goal.AtLeast(1) },
    ];
}

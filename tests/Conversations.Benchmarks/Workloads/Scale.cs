namespace Conversations.Benchmarks.Workloads;

/// <summary>How large the workloads are, and for how long they are measured.</summary>
internal sealed record Scale
{
    public static readonly Scale Full = new()
    {
        Turns = 200,
        DelayedTurns = 100,
        Reads = 400,
        Rounds = 100,
        WarmUp = TimeSpan.FromSeconds(2),
        Time = TimeSpan.FromSeconds(12),
        Histories = [0, 10_000, 100_000],
        Conversations = [1_000, 100_000, 1_000_000],
        InTurn = 1_000,
        Workers = [1, 8, 64],
        OpenTurns = 1_000,
        Segments = [10, 1_000],
    };

    /// <summary>As small as possible, to test that it runs.</summary>
    public static readonly Scale Tiny = new()
    {
        Turns = 2,
        DelayedTurns = 2,
        Reads = 2,
        Rounds = 1,
        WarmUp = TimeSpan.Zero,
        Time = TimeSpan.Zero,
        Histories = [0, 20, 40],
        Conversations = [40, 200, 400],
        InTurn = 4,
        Workers = [1, 2, 3],
        OpenTurns = 2,
        Segments = [1, 3],
    };

    /// <summary>How many turns a batch has: so many that each checkpoints.</summary>
    public required int Turns { get; init; }

    /// <summary>How many turns a batch has where the disk is slow, so that there are enough rounds.</summary>
    public required int DelayedTurns { get; init; }

    /// <summary>How many reads a batch has.</summary>
    public required int Reads { get; init; }

    /// <summary>How many rounds there are at most.</summary>
    public required int Rounds { get; init; }

    public required TimeSpan WarmUp { get; init; }

    /// <summary>When a measurement ends, however many rounds there were.</summary>
    public required TimeSpan Time { get; init; }

    /// <summary>How many messages a conversation has, from the least to the most.</summary>
    public required IReadOnlyList<int> Histories { get; init; }

    /// <summary>How many conversations a database has, from the least to the most.</summary>
    public required IReadOnlyList<int> Conversations { get; init; }

    /// <summary>How many conversations have their turns one after another.</summary>
    public required int InTurn { get; init; }

    public required IReadOnlyList<int> Workers { get; init; }

    public required int OpenTurns { get; init; }

    /// <summary>How many segments a stream has.</summary>
    public required IReadOnlyList<int> Segments { get; init; }
}

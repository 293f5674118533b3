namespace Conversations.Benchmarks.Workloads;

/// <summary>One line of the result.</summary>
/// <param name="Workload">W1 to W9.</param>
/// <param name="Variant">What is measured of it.</param>
/// <param name="Value">The median, in <see cref="Unit"/>.</param>
internal sealed record Figure(string Workload, string Variant, double Value)
{
    public const string Microseconds = "µs";

    public string Unit { get; init; } = Microseconds;

    /// <summary>What it is compared with, in the same unit; null if it is not.</summary>
    public double? Floor { get; init; }

    /// <summary>The ratio that is judged; null if the value itself is.</summary>
    public double? Ratio { get; init; }

    public Goal? Goal { get; init; }

    /// <summary>Whether the goal is met; null if there is none.</summary>
    public bool? IsMet => Goal?.IsMetBy(Ratio ?? Value);

    /// <summary>A time beside that of a floor, as the ratio of the two medians.</summary>
    public static Figure Of(string workload, string variant, Samples time, Samples floor, Goal? goal = null) =>
        new(workload, variant, time.Median) { Floor = floor.Median, Ratio = time.Median / floor.Median, Goal = goal };

    /// <summary>How many operations a second there are for each of a floor's, as the ratio of the two medians.</summary>
    public static Figure OfThroughput(string workload, string variant, Samples time, Samples floor, Goal? goal = null) =>
        new(workload, variant, time.Median) { Floor = floor.Median, Ratio = floor.Median / time.Median, Goal = goal };
}

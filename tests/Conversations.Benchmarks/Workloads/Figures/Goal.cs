using System.Globalization;

namespace Conversations.Benchmarks.Workloads;

/// <summary>What a figure should be: its ratio to the floor, or its value where it has none.</summary>
internal sealed record Goal(double Bound, bool IsUpper)
{
    public static Goal AtMost(double bound) => new(bound, IsUpper: true);

    public static Goal AtLeast(double bound) => new(bound, IsUpper: false);

    public bool IsMetBy(double value) => IsUpper ? value <= Bound : value >= Bound;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsUpper ? '≤' : '≥')} {Bound:0.##}");
}

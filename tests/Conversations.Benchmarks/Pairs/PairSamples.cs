namespace Conversations.Benchmarks.Pairs;

/// <summary>What two builds measured, round by round.</summary>
internal sealed class PairSamples
{
    private readonly List<double> _a = [];
    private readonly List<double> _b = [];

    public double A => At(_a, 0.5);

    public double B => At(_b, 0.5);

    /// <summary>Adds one round.</summary>
    public void Add(double a, double b)
    {
        _a.Add(a);
        _b.Add(b);
    }

    /// <summary>The ratio of B to A in the rounds: the tenth, of 100, from below and from above.</summary>
    /// <param name="inverse">Whether it is the ratio of A to B, as for turns a second.</param>
    public (double Low, double High) Spread(bool inverse)
    {
        var ratios = _a.Zip(_b, (a, b) => inverse ? a / b : b / a).ToList();
        return (At(ratios, 0.1), At(ratios, 0.9));
    }

    private static double At(List<double> values, double place) => values.Count == 0 ? double.NaN : values.Order().ElementAt((int)((values.Count - 1) * place));
}

namespace Conversations.Benchmarks.Workloads;

/// <summary>What the batches of one contender took, in microseconds an operation.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    /// <summary>The median, which a disturbance of fewer than half of the batches does not change.</summary>
    public double Median => _values.Count == 0 ? double.NaN : _values.Order().ElementAt(_values.Count / 2);

    public void Add(double value) => _values.Add(value);
}

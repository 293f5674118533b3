using OpenTelemetry.Metrics;

namespace Conversations.Tests.Diagnostics;

/// <summary>The measurements of an instrument with certain tags.</summary>
internal sealed record Measured(string Instrument, string Unit, MetricType Type, IReadOnlyDictionary<string, object?> Tags, double Sum, long Count, IReadOnlyList<double> Bounds)
{
    public static IEnumerable<Measured> Of(Metric metric)
    {
        var points = new List<Measured>();
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            var tags = new Dictionary<string, object?>(StringComparer.Ordinal);
            foreach (var (name, value) in point.Tags)
                tags.Add(name, value);

            var isHistogram = metric.MetricType == MetricType.Histogram;
            var bounds = new List<double>();
            if (isHistogram)
            {
                foreach (var bucket in point.GetHistogramBuckets())
                    bounds.Add(bucket.ExplicitBound);
            }

            points.Add(new Measured(
                metric.Name,
                metric.Unit,
                metric.MetricType,
                tags,
                isHistogram ? point.GetHistogramSum() : point.GetSumLong(),
                isHistogram ? point.GetHistogramCount() : 0,
                bounds));
        }

        return points;
    }
}

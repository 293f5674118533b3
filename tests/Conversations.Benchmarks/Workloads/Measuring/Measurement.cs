using System.Diagnostics;

namespace Conversations.Benchmarks.Workloads;

/// <summary>Measures contenders side by side: in rounds of one short batch each. Every round begins with another contender, so that all run under the same conditions.
/// What counts is the median of a contender's batches, and the ratio of two medians.</summary>
internal static class Measurement
{
    private const int LeastRounds = 5;

    public static async Task RunAsync(WorkloadContext context, params IReadOnlyList<Contender> contenders)
    {
        var scale = context.Scale;
        var start = Stopwatch.GetTimestamp();
        do
        {
            foreach (var contender in contenders)
            {
                context.CancellationToken.ThrowIfCancellationRequested();
                await contender.RunBatchAsync();
            }
        }
        while (Stopwatch.GetElapsedTime(start) < scale.WarmUp);

        start = Stopwatch.GetTimestamp();
        var progress = 0.0;
        for (var round = 0; round < scale.Rounds && (round < LeastRounds || Stopwatch.GetElapsedTime(start) < scale.Time); round++)
        {
            for (var i = 0; i < contenders.Count; i++)
            {
                context.CancellationToken.ThrowIfCancellationRequested();
                var contender = contenders[(round + i) % contenders.Count];
                contender.Samples.Add(await contender.RunBatchAsync());
            }

            var done = Math.Min(1, Math.Max((round + 1.0) / scale.Rounds, Stopwatch.GetElapsedTime(start) / scale.Time));
            context.Advance(done - progress);
            progress = done;
        }

        context.Advance(1 - progress);
    }
}

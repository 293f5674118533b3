using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Conversations.Storage;

/// <summary>The measurements of the store, in the meter of the library.</summary>
internal static class SqliteTelemetry
{
    /// <summary>What must be on the disk when a write of it has returned: `full` for commits of turns and whatever else survives the death of the machine; `process` for begins, renewals and streams, which survive that of the process.</summary>
    private const string Durability = "conversations.sqlite.durability";
    private const string ErrorType = "error.type";

    private static readonly Meter Meter = new(ConversationTelemetry.MeterName, typeof(SqliteTelemetry).Assembly.GetName().Version?.ToString(3));

    private static readonly Histogram<int> CommitGroupSize = Meter.CreateHistogram(
        "conversations.sqlite.commit.group_size",
        "{write}",
        "Writes that went to the database in one transaction, when it is committed.",
        tags: null,
        new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128] });

    private static readonly Histogram<double> CommitDuration = Meter.CreateHistogram(
        "conversations.sqlite.commit.duration",
        "s",
        "How long the commit of a transaction took, which is mostly the wait for the disk; one that failed, too.",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5] });

    private static readonly ConcurrentDictionary<DatabaseFile, bool> OpenFiles = new();

    static SqliteTelemetry() => Meter.CreateObservableUpDownCounter(
        "conversations.sqlite.log.size",
        SumLogs,
        "By",
        "Size of the write-ahead logs of the databases that are open in this process.");

    /// <summary>Gets whether there is a listener.</summary>
    public static bool IsOn => CommitGroupSize.Enabled || CommitDuration.Enabled;

    /// <summary>Begins to measure the log of a database.</summary>
    public static void Open(DatabaseFile file) => OpenFiles.TryAdd(file, value: true);

    /// <summary>Ends it.</summary>
    public static void Close(DatabaseFile file) => OpenFiles.TryRemove(file, out _);

    private static long SumLogs() => OpenFiles.Keys.DistinctBy(static file => file.LogPath, StringComparer.Ordinal).Sum(static file => file.LogSize);

    /// <summary>Records a commit.</summary>
    /// <param name="writes">The number of writes in the transaction.</param>
    /// <param name="durability">The durability of the transaction.</param>
    /// <param name="duration">The duration of the commit.</param>
    /// <param name="error">The error code; null if the commit succeeded.</param>
    public static void Record(int writes, SqliteDurability durability, TimeSpan duration, string? error)
    {
        var asked = new KeyValuePair<string, object?>(Durability, durability == SqliteDurability.Full ? "full" : "process");
        if (error is null)
        {
            CommitGroupSize.Record(writes, asked);
            CommitDuration.Record(duration.TotalSeconds, asked);
        }
        else
        {
            CommitDuration.Record(duration.TotalSeconds, asked, new KeyValuePair<string, object?>(ErrorType, error));
        }
    }
}

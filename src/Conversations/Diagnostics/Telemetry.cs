using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Conversations;

/// <summary>The source of spans and the instruments.</summary>
/// <remarks>The bucket boundaries are those that the conventions recommend, if any.</remarks>
internal static class Telemetry
{
    private static readonly string? Version = typeof(Telemetry).Assembly.GetName().Version?.ToString(3);

    public static readonly ActivitySource Source = new(ConversationTelemetry.SourceName, Version);

    private static readonly Meter Meter = new(ConversationTelemetry.MeterName, Version);

    public static readonly Histogram<long> UsedTokens = Meter.CreateHistogram<long>(
        "gen_ai.client.token.usage",
        "{token}",
        "Total input and output tokens of a turn or a summary, recorded at its end if the agent or the summarizer reported them.",
        tags: null,
        new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864] });

    public static readonly Histogram<double> OperationDuration = Meter.CreateHistogram(
        "gen_ai.client.operation.duration",
        "s",
        "Duration of a turn, from the request to the end, for every outcome.",
        tags: null,
        Boundaries(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92));

    public static readonly Histogram<double> AgentDuration = Meter.CreateHistogram(
        "gen_ai.invoke_agent.duration",
        "s",
        "Duration of a turn, under the newer name of the conventions for agents.",
        tags: null,
        Boundaries(0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6));

    public static readonly Histogram<double> LockWaits = Meter.CreateHistogram(
        "conversations.lock.wait.duration",
        "s",
        "Duration of the wait for a busy conversation, recorded at the end of the wait. Turns that do not wait are not recorded.",
        tags: null,
        Boundaries(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300));

    public static readonly Counter<long> LeasesLost = Meter.CreateCounter<long>(
        "conversations.lease.lost", "{lease}", "Leases that turns of this process lost, recorded when the loss is detected.");

    public static readonly UpDownCounter<long> ActiveTurns = Meter.CreateUpDownCounter<long>(
        "conversations.turn.active", "{turn}", "Turns of this process that hold a lease. Turns that began before there was a listener are not counted.");

    public static readonly Histogram<long> WindowMessages = Meter.CreateHistogram<long>(
        "conversations.window.messages",
        "{message}",
        "Messages of the history that the first prompt of a turn shows, recorded when the turn begins.",
        tags: null,
        new InstrumentAdvice<long> { HistogramBucketBoundaries = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] });

    public static readonly Histogram<long> WindowTokens = Meter.CreateHistogram<long>(
        "conversations.window.tokens",
        "{token}",
        "Tokens of the history in the first prompt of a turn, including the summary, by the agent's counter, recorded when the turn begins.",
        tags: null,
        new InstrumentAdvice<long> { HistogramBucketBoundaries = [0, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576] });

    public static readonly Histogram<long> OmittedMessages = Meter.CreateHistogram<long>(
        "conversations.window.omitted_messages",
        "{message}",
        "Positions of the history that the first prompt of a turn does not show, by reason, recorded when the turn begins.",
        tags: null,
        new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576] });

    public static readonly Counter<long> StreamSegments = Meter.CreateCounter<long>(
        "conversations.stream.saved_segments", "{segment}", "Stream segments that were saved during turns.");

    /// <summary>Gets whether there is a listener of turns.</summary>
    public static bool IsOn =>
        Source.HasListeners() || UsedTokens.Enabled || OperationDuration.Enabled || AgentDuration.Enabled
        || WindowMessages.Enabled || WindowTokens.Enabled || OmittedMessages.Enabled;

    /// <summary>A tag.</summary>
    public static KeyValuePair<string, object?> Tag(string name, object? value) => new(name, value);

    private static InstrumentAdvice<double> Boundaries(params double[] boundaries) => new() { HistogramBucketBoundaries = boundaries };
}

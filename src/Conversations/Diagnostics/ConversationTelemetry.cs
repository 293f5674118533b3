namespace Conversations;

/// <summary>The names under which the library records what it does, for a host that listens: <c>tracing.AddSource(ConversationTelemetry.SourceName)</c> and
/// <c>metrics.AddMeter(ConversationTelemetry.MeterName)</c> of OpenTelemetry, or any other listener of <c>System.Diagnostics</c>. Without a listener the cost is negligible.</summary>
/// <remarks><c>docs/telemetry.md</c> lists what is recorded. Content is recorded only if <c>ConversationOptions.RecordContent</c> is set. The stores of the library use the same names.</remarks>
public static class ConversationTelemetry
{
    /// <summary>The name of the source of spans.</summary>
    public const string SourceName = "Conversations";

    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Conversations";
}

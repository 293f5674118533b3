namespace Conversations;

/// <summary>The names under which the library records what it does, for a host that listens: <c>tracing.AddSource(ConversationTelemetry.SourceName)</c> and
/// <c>metrics.AddMeter(ConversationTelemetry.MeterName)</c> of OpenTelemetry, or any other listener of <c>System.Diagnostics</c>. Where nobody listens it costs next to nothing.</summary>
/// <remarks>What is recorded stands in <c>docs/telemetry.md</c>: never content, unless <c>ConversationOptions.RecordContent</c> says so. The stores of the library record under the same names.</remarks>
public static class ConversationTelemetry
{
    /// <summary>The name of the source of spans.</summary>
    public const string SourceName = "Conversations";

    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Conversations";
}

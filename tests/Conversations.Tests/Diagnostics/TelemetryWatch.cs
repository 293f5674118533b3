using System.Collections.Concurrent;
using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Conversations.Tests.Diagnostics;

/// <summary>OpenTelemetry, as a host switches it on, with exporters that remember. Tests run side by side in one process: what is looked for goes by the name of an agent that no other test has.</summary>
internal sealed class TelemetryWatch : IDisposable
{
    private static int _agents;

    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ConcurrentQueue<Activity> _begun = new();
    private readonly TracerProvider _tracing;
    private readonly MeterProvider _metrics;
    private List<Measured> _points = [];

    public TelemetryWatch()
    {
        _tracing = Sdk.CreateTracerProviderBuilder()
            .AddSource(ConversationTelemetry.SourceName)
            .AddSource(Host.Name)
            .AddProcessor(new Noticing(_begun.Enqueue))
            .AddProcessor(new SimpleActivityExportProcessor(new Remembering<Activity>(_spans.Enqueue)))
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .AddMeter(ConversationTelemetry.MeterName)
            .AddReader(new BaseExportingMetricReader(new Remembering<Metric>(metric => _points.AddRange(Measured.Of(metric)))))
            .Build();
    }

    /// <summary>A source of the host's own.</summary>
    public static ActivitySource Host { get; } = new("Conversations.Tests.Host");

    /// <summary>The spans that have ended, in the order of their ends.</summary>
    public IReadOnlyList<Activity> Spans => [.. _spans];

    /// <summary>The measurements until now.</summary>
    public IReadOnlyList<Measured> Points
    {
        get
        {
            _points = [];
            _metrics.ForceFlush();
            return _points;
        }
    }

    /// <summary>A name for an agent that no other test has.</summary>
    public static string NewAgent() => $"watched-{Interlocked.Increment(ref _agents)}";

    /// <summary>The spans of an agent's turns that have ended.</summary>
    public IReadOnlyList<Activity> Turns(string agent) => [.. Spans.Where(span => string.Equals(span.DisplayName, $"invoke_agent {agent}", StringComparison.Ordinal))];

    /// <summary>The spans of a name that belong to an agent.</summary>
    public IReadOnlyList<Activity> Named(string name, string agent) =>
        [.. Spans.Where(span => string.Equals(span.DisplayName, name, StringComparison.Ordinal) && agent.Equals(span.GetTagItem("gen_ai.agent.name")))];

    /// <summary>Waits until as many turns of an agent wait for a conversation, or have waited.</summary>
    public async Task UntilWaitingAsync(string agent, int turns)
    {
        while (_begun.Count(span => string.Equals(span.OperationName, "conversations.lock.wait", StringComparison.Ordinal) && agent.Equals(span.GetTagItem("gen_ai.agent.name"))) < turns)
            await Task.Yield();
    }

    /// <summary>The measurements of an agent.</summary>
    public IReadOnlyList<Measured> Of(string instrument, string agent) =>
        [.. Points.Where(point => string.Equals(point.Instrument, instrument, StringComparison.Ordinal) && agent.Equals(point.Tags.GetValueOrDefault("gen_ai.agent.name")))];

    public void Dispose()
    {
        _tracing.Dispose();
        _metrics.Dispose();
    }

    private sealed class Noticing(Action<Activity> notice) : BaseProcessor<Activity>
    {
        public override void OnStart(Activity data) => notice(data);
    }

    private sealed class Remembering<T>(Action<T> remember) : BaseExporter<T>
        where T : class
    {
        public override ExportResult Export(in Batch<T> batch)
        {
            foreach (var item in batch)
                remember(item);
            return ExportResult.Success;
        }
    }
}

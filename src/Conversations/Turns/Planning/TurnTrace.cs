using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Records a turn for telemetry listeners: its span, from the request to the end, and its measurements. It is created only if there is a listener.</summary>
/// <remarks>It ends once. It does not reference the turn, because it records the end of a turn that was dropped.</remarks>
internal sealed class TurnTrace
{
    private readonly TurnSettings _settings;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly long _askedAt;
    private bool _hasBegun;
    private int _isOver;

    private TurnTrace(TurnSettings settings, string? channel, bool regenerates, TimeProvider timeProvider, ILogger logger)
    {
        _settings = settings;
        _timeProvider = timeProvider;
        _logger = logger;
        _askedAt = timeProvider.GetTimestamp();
        if (!Telemetry.Source.HasListeners())
            return;

        // Samplers can use these tags, so they are set from the beginning.
        Activity = Recording.Start(
            logger,
            $"{TelemetryNames.TurnSpan} {settings.Agent}",
            tags: [Telemetry.Tag(TelemetryNames.Operation, TelemetryNames.TurnSpan), Telemetry.Tag(TelemetryNames.Agent, settings.Agent), Telemetry.Tag(TelemetryNames.Channel, channel)]);
        if (regenerates)
            Span?.SetTag(TelemetryNames.Regenerates, value: true);
    }

    /// <summary>Gets the span; null if no listener records spans, or it is not sampled.</summary>
    public Activity? Activity { get; }

    private Activity? Span => Activity is { IsAllDataRequested: true } ? Activity : null;

    /// <summary>Begins to trace a requested turn. Call it from an asynchronous method: the span is the current one within that method and what it calls.</summary>
    /// <returns>Null if there is no listener.</returns>
    public static TurnTrace? Begin(TurnSettings settings, string? channel, bool regenerates, TimeProvider timeProvider, ILogger logger) =>
        Telemetry.IsOn ? new TurnTrace(settings, channel, regenerates, timeProvider, logger) : null;

    /// <summary>Makes the span the current one.</summary>
    public void Enter()
    {
        if (Activity is not null)
            Recording.Do(_logger, Activity, static span => Activity.Current = span);
    }

    /// <summary>Records that the turn has begun.</summary>
    public void HasBegun(string conversationId, string runId)
    {
        _hasBegun = true;
        Span?.SetTag(TelemetryNames.ConversationId, conversationId).SetTag(TelemetryNames.RunId, runId);
    }

    /// <summary>Records the first prompt.</summary>
    /// <param name="window">The window; null for a turn without history.</param>
    /// <param name="input">The input.</param>
    public void Shows(HistoryWindow? window, IReadOnlyList<ConversationMessage> input)
    {
        if (window is not null)
            Measure(window);
        if (!_settings.RecordContent || Span is not { } span)
            return;

        if (_settings.SystemPrompt is { } systemPrompt)
            span.SetTag(TelemetryNames.SystemInstructions, TurnContent.Instructions(systemPrompt));
        var history = window is null ? [] : window.First.MessagesFor(model: null);
        var summary = window?.First.Summary;
        span.SetTag(TelemetryNames.InputMessages, TurnContent.Input([.. summary is null ? [] : new[] { summary }, .. history, .. input]));
    }

    /// <summary>Records that the request was answered before.</summary>
    public void Replay(TurnEnd turn) => End(turn, TurnOutcomes.Replayed, error: null);

    /// <summary>Records that the turn was committed.</summary>
    public void Commit(TurnEnd turn, RunStatus status) => End(turn, status == RunStatus.RequiresAction ? TurnOutcomes.Waiting : TurnOutcomes.Completed, error: null);

    /// <summary>Records that the turn failed.</summary>
    public void Fail(TurnEnd turn, RunStatus status, Exception? error)
    {
        var outcome = turn.IsLeaseLost ? TurnOutcomes.LeaseLost : TurnOutcomes.Of(status, error);
        var isUnnamed = error is null or OperationCanceledException;
        End(turn, outcome, outcome is TurnOutcomes.LeaseLost && isUnnamed ? new LeaseLostException(turn.RunId!) : error);
    }

    /// <summary>Records that the turn did not begin, or was given up before it was returned.</summary>
    public void Refuse(Exception error)
    {
        if (TryEnd())
            Finish(error is OperationCanceledException ? TurnOutcomes.Cancelled : _hasBegun ? TurnOutcomes.Failed : TurnOutcomes.Refused, error is OperationCanceledException ? null : TurnOutcomes.ErrorType(error), model: null);
    }

    /// <summary>Records that the turn was dropped without an end.</summary>
    public void Drop()
    {
        if (TryEnd())
            Finish(TurnOutcomes.Dropped, TurnOutcomes.Dropped, model: null);
    }

    private void End(TurnEnd turn, string outcome, Exception? error)
    {
        if (!TryEnd())
            return;

        try
        {
            if (Span is { } span)
                Describe(span, turn, outcome);
            foreach (var used in turn.UsageByModel ?? [])
                UsageTrace.Measure(_logger, _settings, TelemetryNames.TurnSpan, used.Model, used.Usage);
            if (turn.UsageByModel is null)
                UsageTrace.Measure(_logger, _settings, TelemetryNames.TurnSpan, turn.Model, turn.Usage);
        }
        finally
        {
            Finish(outcome, outcome is TurnOutcomes.Cancelled ? null : TurnOutcomes.ErrorType(error), turn.Model);
        }
    }

    private void Describe(Activity span, TurnEnd turn, string outcome)
    {
        span.SetTag(TelemetryNames.IsPersisted, turn.IsPersisted);
        UsageTrace.Describe(span, turn.Model, turn.Usage);
        if (turn.FinishReason is { } reason)
            span.SetTag(TelemetryNames.FinishReasons, new[] { reason });
        if (outcome is TurnOutcomes.Replayed)
        {
            span.SetTag(TelemetryNames.ConversationId, turn.ConversationId).SetTag(TelemetryNames.RunId, turn.RunId);
            return;
        }

        span.SetTag(TelemetryNames.AddedMessages, turn.Added.Count);
        if (_settings.RecordContent)
            span.SetTag(TelemetryNames.OutputMessages, TurnContent.Output(turn.Added, isWhole: outcome is TurnOutcomes.Completed or TurnOutcomes.Waiting, turn.FinishReason));
    }

    private void Measure(HistoryWindow window)
    {
        var agent = Telemetry.Tag(TelemetryNames.Agent, _settings.Agent);
        Record(Telemetry.WindowMessages, window.First.MessagesFor(model: null).Count, [agent]);
        Record(Telemetry.WindowTokens, window.First.HistoryTokens, [agent]);
        Span?.SetTag(TelemetryNames.WindowMessages, window.First.MessagesFor(model: null).Count).SetTag(TelemetryNames.WindowTokens, window.First.HistoryTokens);
        if (window.IsAllShown)
        {
            Span?.SetTag(TelemetryNames.OmittedMessages, 0L);
            return;
        }

        if (Span is null && !Telemetry.OmittedMessages.Enabled)
            return;

        var omitted = 0L;
        foreach (var reason in window.Describe(window.First).Excluded.GroupBy(omission => omission.Reason, omission => omission.To - omission.From + 1))
        {
            omitted += reason.Sum();
            Record(Telemetry.OmittedMessages, reason.Sum(), [agent, Telemetry.Tag(TelemetryNames.OmissionReason, TurnOutcomes.NameOf(reason.Key))]);
        }

        Span?.SetTag(TelemetryNames.OmittedMessages, omitted);
    }

    private void Finish(string outcome, string? error, string? model)
    {
        var duration = _timeProvider.GetElapsedTime(_askedAt).TotalSeconds;
        KeyValuePair<string, object?>[] failure = error is null ? [] : [Telemetry.Tag(TelemetryNames.ErrorType, error)];
        Record(Telemetry.OperationDuration, duration, [.. Tags(model), .. failure]);
        Record(Telemetry.AgentDuration, duration, [.. Tags(model: null), .. failure]);
        if (Span is { } span)
        {
            span.SetTag(TelemetryNames.TurnOutcome, outcome);
            if (error is not null)
                span.SetTag(TelemetryNames.ErrorType, error).SetStatus(ActivityStatusCode.Error);
        }

        Recording.End(_logger, Activity);
    }

    private void Record<T>(Histogram<T> instrument, T value, KeyValuePair<string, object?>[] tags)
        where T : struct =>
        Recording.Do(_logger, (instrument, value, tags), static measured => measured.instrument.Record(measured.value, measured.tags));

    private KeyValuePair<string, object?>[] Tags(string? model) => UsageTrace.Tags(_settings, TelemetryNames.TurnSpan, model);

    private bool TryEnd() => Interlocked.Exchange(ref _isOver, 1) == 0;
}

using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Records the wait of a turn for a busy conversation. Created when the wait begins.</summary>
internal sealed class LockWait(string agent, string conversationId, TimeProvider timeProvider, ILogger logger)
{
    private readonly long _begunAt = timeProvider.GetTimestamp();

    private readonly Activity? _span = Recording.Start(
        logger,
        TelemetryNames.LockWaitSpan,
        tags: [Telemetry.Tag(TelemetryNames.Agent, agent), Telemetry.Tag(TelemetryNames.ConversationId, conversationId)]);

    /// <summary>Records that the turn has begun, or was answered before.</summary>
    public void End(bool isReplay) => End(isReplay ? TurnOutcomes.Replayed : "acquired", error: null);

    /// <summary>Records that the turn does not begin.</summary>
    public void Fail(Exception error)
    {
        var outcome = error switch
        {
            OperationCanceledException => TurnOutcomes.Cancelled,
            ConversationLockedException or TurnInProgressException => "locked",
            _ => TurnOutcomes.Failed,
        };
        var type = outcome is TurnOutcomes.Cancelled ? null : TurnOutcomes.ErrorType(error);
        Log.WaitRefused(logger, conversationId, timeProvider.GetElapsedTime(_begunAt), type ?? outcome);
        End(outcome, type);
    }

    private void End(string outcome, string? error)
    {
        Recording.Do(
            logger,
            (Waited: timeProvider.GetElapsedTime(_begunAt), Agent: agent, Outcome: outcome),
            static wait => Telemetry.LockWaits.Record(wait.Waited.TotalSeconds, Telemetry.Tag(TelemetryNames.Agent, wait.Agent), Telemetry.Tag(TelemetryNames.LockOutcome, wait.Outcome)));
        if (_span is { IsAllDataRequested: true })
        {
            _span.SetTag(TelemetryNames.LockOutcome, outcome);
            if (error is not null)
                _span.SetTag(TelemetryNames.ErrorType, error).SetStatus(ActivityStatusCode.Error);
        }

        Recording.End(logger, _span);
    }
}

namespace Conversations;

public sealed partial class ConversationTurn
{
    private bool _isEnding;
    private bool _isStopAsked;
    private bool _wasStopped;

    private TurnEnd End => new()
    {
        IsPersisted = IsPersisted,
        ConversationId = ConversationId,
        RunId = RunId,
        Model = Model,
        FinishReason = FinishReason,
        Usage = Usage,
        UsageByModel = _usageByModel,
        Added = Added,
        IsLeaseLost = IsLeaseLost,
    };

    /// <summary>Ends the turn from outside its agent, which did not stop in time. A commit that has begun is left alone; if it fails, the turn ends then.</summary>
    internal Task StopAsync()
    {
        lock (_added)
        {
            _isStopAsked = true;
            if (IsOver || _isEnding)
                return Task.CompletedTask;
            IsOver = _wasStopped = true;
        }

        return RecordEndAsync(RunStatus.Cancelled, error: null);
    }

    internal Task EndAsync(RunStatus status, Exception? error)
    {
        lock (_added)
        {
            if (IsOver)
                return Task.CompletedTask;
            IsOver = true;
        }

        return RecordEndAsync(status, error);
    }

    private async Task RecordEndAsync(RunStatus status, Exception? error)
    {
        EndStream(isWhole: false, isCounted: false);
        if (_session is not null)
            await RecordEndAsync(_session, status, error).ConfigureAwait(false);
        _plan.Trace?.Fail(End, status, error);
    }

    private async Task RecordEndAsync(TurnSession session, RunStatus status, Exception? error)
    {
        // If partial output is not kept, followers have nothing but the saved segments.
        var isKept = _plan.Settings.KeepPartialOutput;
        if (!isKept && session.Saver is { } saver)
            await saver.SaveRestAsync(CancellationToken.None).ConfigureAwait(false);

        // An unfinished second answer is superseded; the first one remains current. That of a replaced message is superseded by the rules.
        var command = Command(session.Lease, status, isKept ? [.. _added.Select(static message => message with { IsPartial = true })] : []) with { AreSuperseded = _plan.Again is not null };
        await session.GiveUpAsync(command with { Error = status == RunStatus.Failed ? error?.GetType().FullName : null }).ConfigureAwait(false);
        if (!_takesPlace)
            SummarizeUnseen();
    }

    /// <summary>Begins the commit, so that the manager does not end the turn.</summary>
    private void BeginEnd()
    {
        lock (_added)
        {
            ThrowIfOver();
            _isEnding = true;
        }
    }

    /// <summary>Continues after a commit that has failed.</summary>
    private Task ContinueAsync()
    {
        bool isStopAsked;
        lock (_added)
        {
            _isEnding = false;
            isStopAsked = _isStopAsked;
        }

        return isStopAsked ? StopAsync() : Task.CompletedTask;
    }

    private void ThrowIfOver()
    {
        if (_wasStopped)
            throw new OperationCanceledException("The manager was disposed or its host stopped before the agent ended, and the run was recorded as cancelled. Send the request again.", Stopping);
        if (IsReplay)
            throw new InvalidOperationException("The turn is a replay of an answered request, and nothing can be added. Check IsReplay first.");
        if (IsOver)
            throw new InvalidOperationException("The turn has ended. RunTurnAsync ends the turn itself, after its function has returned; otherwise begin another turn.");
    }
}

using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Tells once that a lease was lost, to those who ask; what that takes is made when the first one asks.</summary>
internal sealed class LeaseLoss(string runId, ILogger logger) : IDisposable
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _source;
    private CancellationToken _token; // It outlives its source, which says no more once it is disposed.
    private bool _isTold;
    private bool _isOver;

    /// <summary>Cancelled when the lease is lost, and never once the turn has ended.</summary>
    public CancellationToken Token
    {
        get
        {
            lock (_gate)
            {
                if (_source is null && _isTold)
                    return new CancellationToken(canceled: true);
                if (_source is null && !_isOver)
                    _token = (_source = new CancellationTokenSource()).Token;
                return _token;
            }
        }
    }

    /// <summary>Whether it was told.</summary>
    public bool IsTold
    {
        get
        {
            lock (_gate)
                return _isTold;
        }
    }

    /// <summary>Says that the lease is lost, and does not wait for what others do about it.</summary>
    /// <param name="agent">The agent whose turn it is.</param>
    public void Tell(string agent)
    {
        CancellationTokenSource? source;
        lock (_gate)
        {
            if (_isTold || _isOver)
                return;
            _isTold = true;
            source = _source;
        }

        Log.LeaseLost(logger, runId);
        Recording.Do(logger, agent, static agent => Telemetry.LeasesLost.Add(1, Telemetry.Tag(TelemetryNames.Agent, agent)));
        if (source is not null)
            _ = CancelAsync(source);
    }

    /// <summary>Lets go of those who asked. A source that was cancelled has let go of them already, and may be at work on it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            if (!_isTold)
                _source?.Dispose();
        }
    }

    private async Task CancelAsync(CancellationTokenSource source)
    {
        try
        {
            // The host's own code: it runs on a thread of the pool, not on the one that renews.
            await source.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException exception)
        {
            Log.LeaseLostCallbackFailed(logger, runId, exception.InnerExceptions[0].GetType().FullName ?? "");
        }
    }
}

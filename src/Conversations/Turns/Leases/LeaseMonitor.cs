using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Renews the lease of an open turn each time a third of its duration has passed, looks between renewals whether the run was asked to stop, and cancels <see cref="Stopping"/> when the lease is lost or the turn is asked to stop.</summary>
/// <remarks>
/// Thread-safe. A lease counts as lost when the store refuses a renewal, or when it expires because no renewal succeeded. It is not renewed after
/// <see cref="TurnSettings.MaxTurnDuration"/>, or when nothing references the turn any more: a turn that hangs or was dropped must not lock its conversation for ever.
/// </remarks>
internal sealed class LeaseMonitor : IAsyncDisposable
{
    // Another process asks a run to stop through the store. The holder learns it at the next renewal, and looks more often than it renews: reading costs less than writing.
    internal static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();
    private readonly ConversationEngine _engine;
    private readonly HeldTurn _held;
    private readonly TurnPlan _plan;
    private readonly OpenTurns _open;
    private readonly WeakReference<IStoppable> _owner;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private ITimer? _timer;
    private CancellationTokenSource? _noRenewal; // Created by the first renewal.
    private CancellationTokenSource? _stopSource; // Created when Stopping is read first.
    private CancellationToken _stopToken; // It outlives its source, which is disposed with the turn.
    private long _heldAt; // When the lease was last known to be held: when it was taken, or when the last successful renewal was sent.
    private long _triedAt; // When the last renewal was sent.
    private Task _renewal = Task.CompletedTask;
    private Task _look = Task.CompletedTask; // Whether the run was asked to stop.
    private bool _isOpenTooLong;
    private bool _isCounted; // A listener that subscribes later has not seen the turn begin.
    private bool _isLost;
    private bool _isStopping; // It is asked to stop, or its lease is lost.
    private bool _isOver;
    private volatile bool _isEnding;

    public LeaseMonitor(ConversationEngine engine, HeldTurn held, TurnPlan plan, OpenTurns open, IStoppable owner, TimeProvider timeProvider, ILogger logger)
    {
        _engine = engine;
        _held = held;
        _plan = plan;
        _open = open;
        _owner = new WeakReference<IStoppable>(owner);
        _timeProvider = timeProvider;
        _logger = logger;
        _heldAt = _triedAt = held.DecidedAt;
    }

    /// <summary>Gets whether the turn is being committed or was committed. Its own commit releases the lease, so a refused renewal has no meaning then.</summary>
    public bool IsEnding
    {
        get => _isEnding;
        set => _isEnding = value;
    }

    /// <summary>Gets whether the lease is known to be lost.</summary>
    public bool IsLost
    {
        get
        {
            lock (_gate)
                return _isLost;
        }
    }

    /// <summary>Gets a token that is canceled when the lease is lost or the turn is asked to stop, and never after the turn has ended.</summary>
    public CancellationToken Stopping
    {
        get
        {
            lock (_gate)
            {
                if (_stopSource is null && _isStopping)
                    return new CancellationToken(canceled: true);
                if (_stopSource is null && !_isOver)
                    _stopToken = (_stopSource = new CancellationTokenSource()).Token;
                return _stopToken;
            }
        }
    }

    /// <summary>Gets the turn; null if nothing references it any more.</summary>
    public IStoppable? Owner => _owner.TryGetTarget(out var owner) ? owner : null;

    private bool IsStopping
    {
        get
        {
            lock (_gate)
                return _isStopping;
        }
    }

    private string RunId => ConversationIds.Run(_held.Lease.ConversationId, _held.Lease.RunNumber);

    private ITimer Timer
    {
        get
        {
            lock (_gate)
                return _timer!;
        }
    }

    private TimeSpan HeldFor => _held.Lease.Duration - _timeProvider.GetElapsedTime(Volatile.Read(ref _heldAt));

    private TimeSpan UntilRenewal => _held.Lease.Duration / 3 - _timeProvider.GetElapsedTime(_triedAt);

    private bool MayRenew => !_isOpenTooLong && Volatile.Read(ref _renewal).IsCompleted;

    private TimeSpan RenewedFor => _plan.Settings.MaxTurnDuration - _timeProvider.GetElapsedTime(_held.DecidedAt);

    /// <summary>Begins to renew the lease.</summary>
    /// <exception cref="ObjectDisposedException">The manager is closing.</exception>
    public void Start()
    {
        _open.Add(this);
        if (Telemetry.ActiveTurns.Enabled)
            Count(isHeld: true);

        // The first tick can come at once, and uses the timer.
        lock (_gate)
            _timer = _timeProvider.CreateTimer(static monitor => ((LeaseMonitor)monitor!).Tick(), this, NextTick(), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Marks the lease as lost, and cancels <see cref="Stopping"/> without waiting for registered callbacks. The store decides whether the turn can still write.</summary>
    public void Lose()
    {
        lock (_gate)
        {
            if (_isLost || _isOver)
                return;
            _isLost = true;
        }

        Count(isHeld: false);
        Log.LeaseLost(_logger, RunId);
        Recording.Do(_logger, _plan.Settings.Agent, static agent => Telemetry.LeasesLost.Add(1, Telemetry.Tag(TelemetryNames.Agent, agent)));
        Stop();
    }

    /// <summary>Returns whether it is the monitor of a run.</summary>
    public bool IsOf(string conversationId, long number) => _held.Lease.RunNumber == number && string.Equals(_held.Lease.ConversationId, conversationId, StringComparison.Ordinal);

    /// <summary>Asks the turn to stop: cancels <see cref="Stopping"/> without waiting for registered callbacks. The lease is renewed until the turn ends.</summary>
    public void Stop()
    {
        CancellationTokenSource? source;
        lock (_gate)
        {
            if (_isStopping || _isOver)
                return;
            _isStopping = true;
            source = _stopSource;
        }

        if (source is not null)
            _ = CancelAsync(source);
    }

    /// <summary>Stops the renewals.</summary>
    public async ValueTask DisposeAsync()
    {
        Count(isHeld: false);
        _open.Remove(this);
        if (_timer is not null)
            await _timer.DisposeAsync().ConfigureAwait(false);

        // Most turns end before their first renewal, and cancellation takes a thread of the pool.
        var requests = Task.WhenAll(Volatile.Read(ref _renewal), Volatile.Read(ref _look));
        if (!requests.IsCompleted)
        {
            await _noRenewal!.CancelAsync().ConfigureAwait(false);
            await requests.ConfigureAwait(false);
        }

        lock (_gate)
        {
            _isOver = true;
            if (!_isStopping)
                _stopSource?.Dispose(); // One that was canceled may still be running what is registered with it.
        }
    }

    private void Tick()
    {
        if (Owner is null)
        {
            Count(isHeld: false);
            _open.Remove(this);
            _plan.Trace?.Drop();
            return;
        }

        if (HeldFor <= TimeSpan.Zero && !_isEnding)
            Lose();
        if (IsLost)
        {
            // Nothing is renewed any more. The turn can still be dropped.
            Timer.Change(NextTick(), Timeout.InfiniteTimeSpan);
            return;
        }

        if (!_isOpenTooLong && RenewedFor <= TimeSpan.Zero)
        {
            _isOpenTooLong = true;
            Log.OpenTooLong(_logger, RunId, _plan.Settings.MaxTurnDuration);
        }

        // One renewal at a time: a slow one is not overtaken by the next.
        var isDue = MayRenew && UntilRenewal <= TimeSpan.Zero;
        if (isDue)
            _triedAt = _timeProvider.GetTimestamp();
        Timer.Change(NextTick(), Timeout.InfiniteTimeSpan);
        if (isDue)
            Volatile.Write(ref _renewal, LookAsync(renews: true));
        else if (!IsStopping && Volatile.Read(ref _look).IsCompleted)
            Volatile.Write(ref _look, LookAsync(renews: false));
    }

    /// <summary>Renews the lease, or only looks whether the run was asked to stop. Whether the lease is lost is left to the renewals and the commit.</summary>
    private async Task LookAsync(bool renews)
    {
        var sentAt = _timeProvider.GetTimestamp();
        var stop = _noRenewal ??= new CancellationTokenSource();
        try
        {
            var state = renews
                ? await _engine.RenewAsync(_held, stop.Token).ConfigureAwait(false)
                : await _engine.ReadStateAsync(_held, stop.Token).ConfigureAwait(false);
            if (renews && state != LeaseState.Lost)
                Volatile.Write(ref _heldAt, sentAt);
            else if (renews && !_isEnding)
                Lose();
            if (state == LeaseState.StopRequested)
                Stop();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The turn has ended and needs no lease.
        }
        catch (ObjectDisposedException)
        {
            // The host has disposed the store. That is not a failure, and the turn cannot end any more.
        }
        catch (Exception exception)
        {
            // The store can throw anything, and the next tick tries again. If no renewal succeeds, the lease expires.
            if (renews)
                Log.RenewalFailed(_logger, RunId, TurnOutcomes.ErrorType(exception)!);
            else
                Log.StopNotRead(_logger, RunId, TurnOutcomes.ErrorType(exception)!);
        }
    }

    private void Count(bool isHeld)
    {
        if (Interlocked.Exchange(ref _isCounted, isHeld) != isHeld)
            Recording.Do(_logger, (Change: isHeld ? 1 : -1, _plan.Settings.Agent), static turns => Telemetry.ActiveTurns.Add(turns.Change, Telemetry.Tag(TelemetryNames.Agent, turns.Agent)));
    }

    private async Task CancelAsync(CancellationTokenSource source)
    {
        try
        {
            // Registered callbacks are the host's code: they run on a thread of the pool, not on the one that renews.
            await source.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException exception)
        {
            Log.StoppingCallbackFailed(_logger, RunId, exception.InnerExceptions[0].GetType().FullName ?? "");
        }
    }

    /// <summary>Returns the time until the next look, or until the next renewal, the end of the lease or the end of the renewals if that is sooner. The begin may have had to wait, so that the first renewal can be due.</summary>
    private TimeSpan NextTick()
    {
        var next = LongestWait;
        if (MayRenew && UntilRenewal < next)
            next = UntilRenewal;
        foreach (var end in (ReadOnlySpan<TimeSpan>)[HeldFor, RenewedFor])
        {
            if (end > TimeSpan.Zero && end < next)
                next = end;
        }

        return next < ShortestWait ? ShortestWait : next;
    }
}

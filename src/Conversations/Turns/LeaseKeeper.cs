using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Renews a lease, each time a third of it has passed, for as long as the turn is open, not open for too long, and somebody holds it: a turn that
/// was dropped without an end, or hangs, must not lock for ever. Tells the holder when the lease is lost.</summary>
internal sealed class LeaseKeeper : IAsyncDisposable
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    private readonly IConversationStore _store;
    private readonly TurnLease _lease;
    private readonly TurnPlan _plan;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly WeakReference<TurnSession> _holder;
    private readonly long _begunAt;
    private ITimer? _timer;
    private CancellationTokenSource? _end; // Made by the first renewal.
    private long _heldAt; // When the lease was last known to be held: when it was taken, and then when the last renewal that succeeded was sent.
    private Task _renewal = Task.CompletedTask;
    private int _isRenewing;
    private bool _isOpenTooLong;
    private bool _isCounted; // Whoever begins to listen later has not seen it come.
    private volatile bool _isLost;

    public LeaseKeeper(IConversationStore store, TurnLease lease, TurnPlan plan, TurnSession holder, TimeProvider timeProvider, ILogger logger)
    {
        _holder = new WeakReference<TurnSession>(holder);
        _store = store;
        _lease = lease;
        _plan = plan;
        _timeProvider = timeProvider;
        _logger = logger;
        _begunAt = _heldAt = timeProvider.GetTimestamp();
    }

    /// <summary>Begins to renew it.</summary>
    public void Start()
    {
        if (Telemetry.ActiveTurns.Enabled)
            Count(isHeld: true);
        _timer = _timeProvider.CreateTimer(static keeper => ((LeaseKeeper)keeper!).Tick(), this, NextTick(), Timeout.InfiniteTimeSpan);
    }

    private TimeSpan HeldFor => _lease.Duration - _timeProvider.GetElapsedTime(Volatile.Read(ref _heldAt));

    private TimeSpan RenewedFor => _plan.Settings.MaxTurnDuration - _timeProvider.GetElapsedTime(_begunAt);

    public async ValueTask DisposeAsync()
    {
        Count(isHeld: false);
        if (_timer is not null)
            await _timer.DisposeAsync().ConfigureAwait(false);

        // Most turns end before their first renewal, and cancelling takes a thread of the pool.
        var renewal = Volatile.Read(ref _renewal);
        if (renewal.IsCompleted)
            return;

        await _end!.CancelAsync().ConfigureAwait(false);
        await renewal.ConfigureAwait(false);
    }

    private void Tick()
    {
        if (!_holder.TryGetTarget(out var holder))
        {
            Count(isHeld: false);
            _plan.Trace?.Drop();
            return;
        }

        if (_isLost)
            return;

        if (HeldFor <= TimeSpan.Zero && !holder.IsEnding)
        {
            Lose(holder);
            return;
        }

        if (!_isOpenTooLong && RenewedFor <= TimeSpan.Zero)
        {
            _isOpenTooLong = true;
            Log.OpenTooLong(_logger, holder.RunId, _plan.Settings.MaxTurnDuration);
        }

        _timer!.Change(NextTick(), Timeout.InfiniteTimeSpan);

        // One at a time: a slow renewal is not overtaken by the next.
        if (!_isOpenTooLong && Interlocked.Exchange(ref _isRenewing, 1) == 0)
            Volatile.Write(ref _renewal, RenewAsync());
    }

    private async Task RenewAsync()
    {
        var sentAt = _timeProvider.GetTimestamp();
        var end = _end ??= new CancellationTokenSource();
        try
        {
            if (await _store.RenewLeaseAsync(_lease, end.Token).ConfigureAwait(false))
                Volatile.Write(ref _heldAt, sentAt);
            else if (_holder.TryGetTarget(out var holder) && !holder.IsEnding)
                Lose(holder); // It cannot be won back. (While the turn ends it may be its own commit that released the lease.)
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The turn has ended; what it was renewed for is over.
        }
        catch (ObjectDisposedException)
        {
            // The host has put the store away: nothing is wrong, and nothing will come of the turn.
        }
        catch (Exception exception)
        {
            // Whatever a store throws, the next tick tries again. If none succeeds the lease expires, and the fence keeps the turn from writing.
            Log.RenewalFailed(_logger, ConversationIds.Run(_lease.ConversationId, _lease.Fence), exception);
        }
        finally
        {
            Volatile.Write(ref _isRenewing, 0);
        }
    }

    private void Count(bool isHeld)
    {
        if (Interlocked.Exchange(ref _isCounted, isHeld) != isHeld)
            Recording.Do(_logger, (Change: isHeld ? 1 : -1, _plan.Settings.Agent), static turns => Telemetry.ActiveTurns.Add(turns.Change, Telemetry.Tag(TelemetryNames.Agent, turns.Agent)));
    }

    private void Lose(TurnSession holder)
    {
        _isLost = true;
        Count(isHeld: false);
        holder.LoseLease();
    }

    /// <summary>The next renewal, or what comes before it: the end of the lease if it is not renewed, the end of the time in which it is.</summary>
    private TimeSpan NextTick()
    {
        var next = _lease.Duration / 3;
        foreach (var end in (ReadOnlySpan<TimeSpan>)[HeldFor, RenewedFor])
        {
            if (end > TimeSpan.Zero && end < next)
                next = end;
        }

        return next < ShortestWait ? ShortestWait : next;
    }
}

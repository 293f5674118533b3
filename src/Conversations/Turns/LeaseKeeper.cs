using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Renews a lease, each time a third of it has passed, for as long as the turn is open and somebody holds it: a turn that was dropped without an end must not lock for ever.</summary>
internal sealed class LeaseKeeper : IAsyncDisposable
{
    private readonly IConversationStore _store;
    private readonly TurnLease _lease;
    private readonly ILogger _logger;
    private readonly WeakReference<TurnSession> _holder;
    private readonly ITimer _timer;
    private Task _renewal = Task.CompletedTask;

    public LeaseKeeper(IConversationStore store, TurnLease lease, TurnSession holder, TimeProvider timeProvider, ILogger logger)
    {
        _holder = new WeakReference<TurnSession>(holder);
        _store = store;
        _lease = lease;
        _logger = logger;
        var third = lease.Duration / 3;
        _timer = timeProvider.CreateTimer(static keeper => ((LeaseKeeper)keeper!).Renew(), this, third, third);
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        await Volatile.Read(ref _renewal).ConfigureAwait(false);
    }

    private void Renew()
    {
        if (!_holder.TryGetTarget(out _))
            Stop();
        else if (Volatile.Read(ref _renewal).IsCompleted)
            Volatile.Write(ref _renewal, RenewAsync()); // One at a time: a slow renewal is not overtaken by the next.
    }

    private async Task RenewAsync()
    {
        try
        {
            // A lease that was lost cannot be won back; the commit will say so.
            if (!await _store.RenewLeaseAsync(_lease).ConfigureAwait(false))
                Stop();
        }
        catch (ObjectDisposedException)
        {
            Stop();
        }
        catch (Exception exception)
        {
            // Whatever a store throws, the next tick tries again. If none succeeds the lease expires, and the fence keeps the turn from writing.
            Log.RenewalFailed(_logger, ConversationIds.Run(_lease.ConversationId, _lease.Fence), exception);
        }
    }

    private void Stop() => _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
}

using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Renews a lease, each time a third of it has passed, for as long as the turn is open.</summary>
internal sealed class LeaseKeeper : IAsyncDisposable
{
    private readonly IConversationStore _store;
    private readonly TurnLease _lease;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private Task _renewal = Task.CompletedTask;

    public LeaseKeeper(IConversationStore store, TurnLease lease, TimeProvider timeProvider, ILogger logger)
    {
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
        // One at a time: a renewal that takes longer than a third of the lease is not overtaken by the next.
        if (Volatile.Read(ref _renewal).IsCompleted)
            Volatile.Write(ref _renewal, RenewAsync());
    }

    private async Task RenewAsync()
    {
        try
        {
            // A lease that was lost cannot be won back; the commit will say so.
            if (!await _store.RenewLeaseAsync(_lease).ConfigureAwait(false))
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        catch (Exception exception) when (exception is ConversationStoreException or ObjectDisposedException)
        {
            // The next tick tries again. If none succeeds the lease expires, and the fence keeps the turn from writing.
            Log.RenewalFailed(_logger, ConversationIds.Run(_lease.ConversationId, _lease.Fence), exception);
        }
    }
}

using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>The stored side of an open turn: its lease, kept alive, and the one commit that ends it.</summary>
internal sealed class TurnSession : IAsyncDisposable
{
    private readonly IConversationStore _store;
    private readonly TurnPlan _plan;
    private readonly ILogger _logger;
    private readonly TurnQueue _lines;
    private readonly RunSignals _signals;
    private readonly LeaseKeeper _keeper;
    private readonly LeaseLoss _loss;
    private bool _mayBeCommitted;
    private volatile bool _isEnding;

    public TurnSession(IConversationStore store, TurnPlan plan, TurnLease lease, TimeProvider timeProvider, ILogger logger, TurnQueue lines, RunSignals signals)
    {
        _store = store;
        Lease = lease;
        _plan = plan;
        _logger = logger;
        _lines = lines;
        _signals = signals;
        RunId = ConversationIds.Run(lease.ConversationId, lease.Fence);
        _loss = new LeaseLoss(RunId, logger);
        _keeper = new LeaseKeeper(store, lease, plan, this, timeProvider, logger);
    }

    public TurnLease Lease { get; }

    public string ConversationId => Lease.ConversationId;

    public string RunId { get; }

    /// <summary>Cancelled when the lease is lost.</summary>
    public CancellationToken LeaseLost => _loss.Token;

    /// <summary>Whether the lease is known to be lost: it was told, or the turn's end was refused.</summary>
    public bool IsLeaseLost => _loss.IsTold;

    /// <summary>Whether it is being committed, which releases the lease, or was.</summary>
    public bool IsEnding => _isEnding;

    /// <summary>Begins to keep the lease alive.</summary>
    public void KeepLease() => _keeper.Start();

    /// <summary>The message as it stands, or will stand, in the conversation. While the lease is held nobody else gives positions, so they are known ahead.</summary>
    public ConversationMessage Stored(ConversationMessage message, long position) =>
        message with { ConversationId = Lease.ConversationId, Position = position, RunNumber = Lease.Fence };

    /// <summary>What saves the turn's messages while it is running; null until it streams, or where the store has nothing for that.</summary>
    public StreamSaver? Saver { get; private set; }

    /// <summary>Begins to save the turn's messages while it is running.</summary>
    public void OpenStream(TimeProvider timeProvider)
    {
        if (Saver is null && _store.GetFeature<IConversationStreamStore>() is { } streams)
            Saver = new StreamSaver(streams, this, _plan, timeProvider, _signals, _logger);
    }

    /// <summary>Tells those who asked that the lease is lost. Nothing else: whether the turn can still write is up to the fence.</summary>
    public void LoseLease() => _loss.Tell(_plan.Settings.Agent);

    /// <summary>Ends the turn. After an exception other than a lost lease it is still open.</summary>
    /// <exception cref="LeaseLostException">The lease is no longer the current one; nothing was written.</exception>
    public async ValueTask CommitAsync(CommitTurnCommand command, CancellationToken cancellationToken)
    {
        _isEnding = true;
        bool committed;
        try
        {
            if (Saver is not null)
                await Saver.PauseAsync().ConfigureAwait(false);
            committed = await CommitOnceAsync(command, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _isEnding = false;
            Saver?.Resume();
            throw;
        }

        if (!committed)
            LoseLease();
        await DisposeAsync().ConfigureAwait(false);
        if (!committed)
            throw new LeaseLostException(RunId);

        Log.RunEnded(_logger, RunId, command.Status.ToString());
        if (command.Error is not null)
            Log.RunFailed(_logger, RunId, command.Error);
    }

    /// <summary>Ends the turn because of an exception, which the caller is about to throw; a second one is logged, not thrown.</summary>
    public async Task GiveUpAsync(CommitTurnCommand command)
    {
        try
        {
            await CommitAsync(command, CancellationToken.None).ConfigureAwait(false);
        }
        catch (LeaseLostException)
        {
            // There is nothing left to record: whoever took the conversation has marked the run interrupted, or deleted it.
        }
        catch (Exception second)
        {
            // Whatever a store throws here: what the caller is about to throw is the cause, and the lease must not be renewed any longer.
            await DisposeAsync().ConfigureAwait(false);
            Log.EndNotRecorded(_logger, RunId, second);
        }
    }

    /// <summary>Stops the renewals and calls the next in line, and those who follow.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Saver is not null)
            await Saver.DisposeAsync().ConfigureAwait(false);
        await _keeper.DisposeAsync().ConfigureAwait(false);
        _loss.Dispose();
        _lines.Released(Lease.ConversationId);
        _signals.Tell(RunId);
    }

    private async ValueTask<bool> CommitOnceAsync(CommitTurnCommand command, CancellationToken cancellationToken)
    {
        try
        {
            return await _store.CommitTurnAsync(command, cancellationToken).ConfigureAwait(false)
                || (_mayBeCommitted && IsClosed(await ReadRunAsync().ConfigureAwait(false)));
        }
        catch (ConversationStoreException exception) when (exception.Code is ConversationErrorCodes.CommitOutcomeUnknown)
        {
            _mayBeCommitted = true;
            return await ResolveAsync(command, exception).ConfigureAwait(false);
        }
    }

    /// <summary>Asks the run, which a commit closes in the same transaction. A commit that did not take place is done; the fence sees to it that it is done once.</summary>
    private async Task<bool> ResolveAsync(CommitTurnCommand command, ConversationStoreException unknown)
    {
        try
        {
            var run = await ReadRunAsync().ConfigureAwait(false);
            return run?.Status == RunStatus.Running
                ? await _store.CommitTurnAsync(command, CancellationToken.None).ConfigureAwait(false)
                : IsClosed(run);
        }
        catch (Exception exception) when (exception is ConversationStoreException or ObjectDisposedException)
        {
            // A second failure tells nothing of the first: the outcome is as unknown as it was.
            throw new ConversationStoreException(unknown.Code, unknown.Message, new AggregateException(unknown, exception));
        }
    }

    private async Task<ConversationRun?> ReadRunAsync() =>
        await _store.GetRunAsync(Lease.ConversationId, Lease.Fence, _plan.Access, CancellationToken.None).ConfigureAwait(false);

    /// <summary>Whether the run was closed by its own commit. Others can interrupt or delete it.</summary>
    private static bool IsClosed(ConversationRun? run) => run?.Outcome is not (null or RunStatus.Running or RunStatus.Interrupted);
}

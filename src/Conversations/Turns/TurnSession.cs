using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>The stored side of an open turn: its lease, kept alive, and the one commit that ends it.</summary>
internal sealed class TurnSession : IAsyncDisposable
{
    private readonly IConversationStore _store;
    private readonly ConversationAccess _access;
    private readonly ILogger _logger;
    private readonly WaitingLines _lines;
    private readonly LeaseKeeper _keeper;
    private bool _mayBeCommitted;

    public TurnSession(IConversationStore store, TurnLease lease, ConversationAccess access, TimeProvider timeProvider, ILogger logger, WaitingLines lines)
    {
        _store = store;
        Lease = lease;
        _access = access;
        _logger = logger;
        _lines = lines;
        RunId = ConversationIds.Run(lease.ConversationId, lease.Fence);
        _keeper = new LeaseKeeper(store, lease, this, timeProvider, logger);
    }

    public TurnLease Lease { get; }

    public string ConversationId => Lease.ConversationId;

    public string RunId { get; }

    /// <summary>The message as it stands, or will stand, in the conversation. While the lease is held nobody else gives positions, so they are known ahead.</summary>
    public ConversationMessage Stored(ConversationMessage message, long position) =>
        message with { ConversationId = Lease.ConversationId, Position = position, RunNumber = Lease.Fence };

    /// <summary>Ends the turn. After an exception other than a lost lease it is still open.</summary>
    /// <exception cref="LeaseLostException">The lease is no longer the current one; nothing was written.</exception>
    public async Task CommitAsync(CommitTurnCommand command, CancellationToken cancellationToken)
    {
        var committed = await CommitOnceAsync(command, cancellationToken).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
        if (!committed)
            throw new LeaseLostException(RunId);

        Log.RunEnded(_logger, RunId, command.Status.ToString());
    }

    /// <summary>Ends the turn because of an exception, which the caller is about to throw; a second one is logged, not thrown.</summary>
    public async Task GiveUpAsync(CommitTurnCommand command)
    {
        try
        {
            await CommitAsync(command, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception second)
        {
            // Whatever a store throws here: what the caller is about to throw is the cause, and the lease must not be renewed any longer.
            await DisposeAsync().ConfigureAwait(false);
            Log.EndNotRecorded(_logger, RunId, second);
        }
    }

    /// <summary>Stops the renewals and calls the next in line.</summary>
    public async ValueTask DisposeAsync()
    {
        await _keeper.DisposeAsync().ConfigureAwait(false);
        _lines.Released(Lease.ConversationId);
    }

    private async Task<bool> CommitOnceAsync(CommitTurnCommand command, CancellationToken cancellationToken)
    {
        try
        {
            return await _store.CommitTurnAsync(command, cancellationToken).ConfigureAwait(false)
                || (_mayBeCommitted && IsClosed(await ReadStatusAsync().ConfigureAwait(false)));
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
            var status = await ReadStatusAsync().ConfigureAwait(false);
            return status == RunStatus.Running
                ? await _store.CommitTurnAsync(command, CancellationToken.None).ConfigureAwait(false)
                : IsClosed(status);
        }
        catch (Exception exception) when (exception is ConversationStoreException or ObjectDisposedException)
        {
            // A second failure tells nothing of the first: the outcome is as unknown as it was.
            throw new ConversationStoreException(unknown.Code, unknown.Message, new AggregateException(unknown, exception));
        }
    }

    private async Task<RunStatus?> ReadStatusAsync()
    {
        var run = await _store.GetRunAsync(Lease.ConversationId, Lease.Fence, _access, CancellationToken.None).ConfigureAwait(false);
        return run?.Status;
    }

    /// <summary>Whether the run was closed by its own commit: nobody else can do more than interrupt or delete it.</summary>
    private static bool IsClosed(RunStatus? status) => status is not (null or RunStatus.Running or RunStatus.Interrupted);
}

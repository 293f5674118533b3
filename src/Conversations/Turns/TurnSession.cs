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

    public TurnSession(IConversationStore store, TurnLease lease, ConversationAccess access, TimeProvider timeProvider, ILogger logger, WaitingLines lines)
    {
        _store = store;
        Lease = lease;
        _access = access;
        _logger = logger;
        _lines = lines;
        RunId = ConversationIds.Run(lease.ConversationId, lease.Fence);
        _keeper = new LeaseKeeper(store, lease, timeProvider, logger);
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
    public async Task GiveUpAsync(RunStatus status, Exception? error, IReadOnlyList<ConversationMessage> partial)
    {
        try
        {
            var command = new CommitTurnCommand
            {
                Lease = Lease,
                Status = status,
                Error = status == RunStatus.Failed ? error?.GetType().FullName : null,
                Messages = partial,
            };
            await CommitAsync(command, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception second) when (second is ConversationException or ObjectDisposedException)
        {
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
            return await _store.CommitTurnAsync(command, cancellationToken).ConfigureAwait(false);
        }
        catch (ConversationStoreException exception) when (exception.Code is ConversationErrorCodes.CommitOutcomeUnknown)
        {
            // The run knows: the commit closes it in the same transaction.
            var run = await _store.GetRunAsync(Lease.ConversationId, Lease.Fence, _access, CancellationToken.None).ConfigureAwait(false);
            return run?.Status switch
            {
                RunStatus.Running => await _store.CommitTurnAsync(command, CancellationToken.None).ConfigureAwait(false),
                null or RunStatus.Interrupted => false,
                _ => true,
            };
        }
    }
}

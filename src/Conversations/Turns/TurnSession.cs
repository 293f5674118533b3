using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>The stored side of an open turn: its lease, which is renewed, and the one commit that ends it.</summary>
internal sealed class TurnSession : IAsyncDisposable, IStoppable
{
    private readonly IConversationStore _store;
    private readonly ConversationEngine _engine;
    private readonly TurnPlan _plan;
    private readonly ILogger _logger;
    private readonly TurnQueue _lines;
    private readonly RunSignals _signals;
    private readonly LeaseMonitor _monitor;

    public TurnSession(IConversationStore store, ConversationEngine engine, TurnPlan plan, TurnBegun begun, TimeProvider timeProvider, ILogger logger, TurnQueue lines, RunSignals signals, OpenTurns open)
    {
        _store = store;
        _engine = engine;
        Held = new HeldTurn(begun.Lease, plan.Access, begun.Conversation, begun.State.Now, timeProvider, begun.DecidedAt);
        _plan = plan;
        _logger = logger;
        _lines = lines;
        _signals = signals;
        RunId = ConversationIds.Run(Lease.ConversationId, Lease.RunNumber);
        _monitor = new LeaseMonitor(engine, Held, plan, open, owner: this, timeProvider, logger);
    }

    /// <summary>Gets what is known of the conversation while the turn is open.</summary>
    public HeldTurn Held { get; }

    public TurnLease Lease => Held.Lease;

    public string ConversationId => Lease.ConversationId;

    public string RunId { get; }

    /// <summary>Gets or sets the turn; null while it is being begun.</summary>
    public ConversationTurn? Turn { get; set; }

    /// <summary>Gets a token that is canceled when the lease is lost or the turn is asked to stop.</summary>
    public CancellationToken Stopping => _monitor.Stopping;

    /// <summary>Gets whether the lease is known to be lost.</summary>
    public bool IsLeaseLost => _monitor.IsLost;

    /// <summary>Begins to renew the lease.</summary>
    /// <exception cref="ObjectDisposedException">The manager is closing.</exception>
    public void KeepLease() => _monitor.Start();

    /// <inheritdoc/>
    public Task StopAsync() => Turn?.StopAsync() ?? Task.CompletedTask;

    /// <summary>Gets what saves the output while the turn is running; null before it streams, or if the store does not support streams.</summary>
    public StreamSaver? Saver { get; private set; }

    /// <summary>Begins to save the output while the turn is running.</summary>
    public void OpenStream(TimeProvider timeProvider)
    {
        if (Saver is null && _store.GetFeature<IConversationStreamStore>() is { } streams)
            Saver = new StreamSaver(streams, Held, _monitor, _plan.Settings.Agent, timeProvider, _signals, _logger);
    }

    /// <summary>Loads data of a message of the conversation; null if they cannot be read.</summary>
    public ValueTask<DataPart?> LoadDataAsync(StoredMessage message, DataPart part, CancellationToken cancellationToken) =>
        _store.LoadDataAsync(message, part, _plan.Access, cancellationToken);

    /// <summary>Ends the turn. After an exception other than a lost lease, the turn remains open.</summary>
    /// <exception cref="LeaseLostException">The lease was taken over or released. Nothing was written.</exception>
    public async ValueTask CommitAsync(CommitTurnCommand command, CancellationToken cancellationToken)
    {
        _monitor.IsEnding = true;
        bool committed;
        try
        {
            if (Saver is not null)
                await Saver.PauseAsync(cancellationToken).ConfigureAwait(false);
            committed = await _engine.CommitAsync(Held, Saver is { HasSent: true } ? command with { HasSegments = true } : command, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _monitor.IsEnding = false;
            Saver?.Resume();
            throw;
        }

        if (!committed)
            _monitor.Lose();
        await DisposeAsync().ConfigureAwait(false);
        if (!committed)
            throw new LeaseLostException(RunId);

        Log.RunEnded(_logger, RunId, Enum.GetName(command.Status)!);
        if (command.Error is not null)
            Log.RunFailed(_logger, RunId, command.Error);
    }

    /// <summary>Ends the turn because of an exception that the caller is about to throw. A second exception is logged and not thrown.</summary>
    public async Task GiveUpAsync(CommitTurnCommand command)
    {
        try
        {
            await CommitAsync(command, CancellationToken.None).ConfigureAwait(false);
        }
        catch (LeaseLostException)
        {
            // Nothing is left to record: the takeover has closed the run as interrupted, or the conversation was deleted.
        }
        catch (Exception second)
        {
            // The store can throw anything here. The exception of the caller is the cause, and the lease must not be renewed any longer.
            await DisposeAsync().ConfigureAwait(false);
            Log.EndNotRecorded(_logger, RunId, TurnOutcomes.ErrorType(second)!);
        }
    }

    /// <summary>Stops the renewals, and signals the next turn in the queue and the followers.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Saver is not null)
            await Saver.DisposeAsync().ConfigureAwait(false);
        await _monitor.DisposeAsync().ConfigureAwait(false);
        _lines.Released(Lease.ConversationId);
        _signals.Tell(RunId);
    }
}

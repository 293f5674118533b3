using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>The open turns of a manager, which are asked to stop when the manager closes.</summary>
/// <remarks>Thread-safe. It holds the monitors, which hold their turns weakly: a turn that was dropped is not kept alive.</remarks>
internal sealed class OpenTurns(ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly HashSet<LeaseMonitor> _open = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _beginning;
    private TaskCompletionSource? _empty; // Set when the manager closes.

    /// <summary>Gets a token that is canceled when the manager closes.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Gets a task that completes when the manager closes, for turns that wait.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Gets or sets whether the manager is disposed, and not only closing because its host stops.</summary>
    public bool IsDisposed { get; set; }

    /// <summary>Throws if the manager is closing: no turn begins any more.</summary>
    public void ThrowIfClosing()
    {
        if (_closed.Task.IsCompleted)
            throw ClosedException();
    }

    /// <summary>Records that a turn is about to begin. The manager waits for <see cref="HasBegun"/>.</summary>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The host stops.</exception>
    public void Begin()
    {
        lock (_gate)
        {
            if (_empty is not null)
                throw ClosedException();
            _beginning++;
        }
    }

    /// <summary>Records that the turn has begun or does not begin.</summary>
    public void HasBegun()
    {
        lock (_gate)
        {
            _beginning--;
            CompleteIfEmpty();
        }
    }

    /// <summary>Adds a turn that has begun.</summary>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The host stops.</exception>
    public void Add(LeaseMonitor turn)
    {
        lock (_gate)
        {
            if (_empty is not null)
                throw ClosedException();
            _open.Add(turn);
        }
    }

    /// <summary>Removes a turn that has ended or was dropped.</summary>
    public void Remove(LeaseMonitor turn)
    {
        lock (_gate)
        {
            _open.Remove(turn);
            CompleteIfEmpty();
        }
    }

    /// <summary>Refuses further turns, and asks the open ones to stop.</summary>
    /// <returns>A task that completes when all have ended.</returns>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            if (_empty is not null)
                return _empty.Task;
            _empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _open.RemoveWhere(static turn => turn.Owner is null);
            CompleteIfEmpty();
        }

        _closed.SetResult();
        var open = Snapshot();
        Log.Closing(logger, open.Count);
        _ = CancelAsync();
        foreach (var turn in open)
            turn.Stop();
        return _empty.Task;
    }

    /// <summary>Asks the turn of a run to stop, if it is one of this manager.</summary>
    public void Stop(string conversationId, long number)
    {
        foreach (var turn in Snapshot())
        {
            if (turn.IsOf(conversationId, number))
                turn.Stop();
        }
    }

    /// <summary>Returns the turns that have not ended.</summary>
    public IReadOnlyList<LeaseMonitor> Snapshot()
    {
        lock (_gate)
            return [.. _open];
    }

    /// <summary>Ends the turns that have not ended. A turn that was dropped needs no end.</summary>
    public Task StopAsync()
    {
        var stopped = new List<Task>();
        foreach (var turn in Snapshot())
        {
            if (turn.Owner is { } owner)
                stopped.Add(Task.Run(() => StopAsync(owner)));
            else
                Remove(turn);
        }

        return Task.WhenAll(stopped);
    }

    private async Task StopAsync(IStoppable turn)
    {
        try
        {
            await turn.StopAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The host's code and the store can throw anything, and the other turns must end.
            Log.EndNotRecorded(logger, turn.RunId, TurnOutcomes.ErrorType(exception)!);
        }
    }

    private void CompleteIfEmpty()
    {
        if (_open.Count == 0 && _beginning == 0)
            _empty?.TrySetResult();
    }

    // A host that stops is no error of the workers that ask for turns: they end as on cancellation.
    private Exception ClosedException() => IsDisposed
        ? new ObjectDisposedException("ConversationManager", "The manager was disposed. The input of a request that was beginning can be stored already; send it again with its idempotency key.")
        : new OperationCanceledException("The host is stopping, and no turn begins. The input of a request that was beginning can be stored already; send it again with its idempotency key.", Closing);

    private async Task CancelAsync()
    {
        try
        {
            // What is registered is the code of agents whose turns are not stored: it runs on a thread of the pool.
            await _closing.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException exception)
        {
            Log.StoppingCallbackFailed(logger, "not stored", exception.InnerExceptions[0].GetType().FullName ?? "");
        }
    }
}

/// <summary>A turn that can be ended by others than its agent.</summary>
internal interface IStoppable
{
    /// <summary>Gets the id of its run.</summary>
    string RunId { get; }

    /// <summary>Ends the turn as cancelled, with the output that it has. Nothing can be added to it afterwards.</summary>
    /// <returns>A task that completes when the end was recorded, or could not be recorded and was logged.</returns>
    Task StopAsync();
}

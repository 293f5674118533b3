using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>The open turns of a manager, which are asked to stop when the manager closes.</summary>
/// <remarks>Thread-safe. It holds the monitors, which hold their turns weakly: a turn that was dropped is not kept alive.</remarks>
internal sealed class OpenTurns(ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly HashSet<LeaseMonitor> _open = [];
    private readonly CancellationTokenSource _closing = new();
    private TaskCompletionSource? _empty; // Set when the manager closes.

    /// <summary>Gets a token that is canceled when the manager closes.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Throws if the manager is closing: no turn begins any more.</summary>
    public void ThrowIfClosing()
    {
        if (_closing.IsCancellationRequested)
            throw Closed();
    }

    /// <summary>Adds a turn that has begun.</summary>
    /// <exception cref="ObjectDisposedException">The manager is closing.</exception>
    public void Add(LeaseMonitor turn)
    {
        lock (_gate)
        {
            if (_empty is not null)
                throw Closed();
            _open.Add(turn);
        }
    }

    /// <summary>Removes a turn that has ended or was dropped.</summary>
    public void Remove(LeaseMonitor turn)
    {
        lock (_gate)
        {
            _open.Remove(turn);
            if (_open.Count == 0)
                _empty?.TrySetResult();
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
            if (_open.Count == 0)
                _empty.SetResult();
        }

        var open = Snapshot();
        Log.Closing(logger, open.Count);
        _ = CancelAsync();
        foreach (var turn in open)
            turn.Stop();
        return _empty.Task;
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
                stopped.Add(owner.StopAsync());
            else
                Remove(turn);
        }

        return Task.WhenAll(stopped);
    }

    private static ObjectDisposedException Closed() => new("ConversationManager", "The manager was disposed, or its host is stopping. Send the request again to another process, or after the restart.");

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
    /// <summary>Ends the turn as cancelled, with the output that it has. Nothing can be added to it afterwards.</summary>
    /// <returns>A task that completes when the end was recorded, or could not be recorded and was logged.</returns>
    Task StopAsync();
}

using Conversations.Storage;

namespace Conversations;

public partial class ConversationMaintenance
{
    // No conversation has it: ids are drawn at random, and begin with the time.
    private const string NoConversation = "conv_00000000000000000000000000000000";

    // Longer than the lock timeout of stores, and shorter than the timeout of probes.
    private static readonly TimeSpan LongestCheck = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private Task _probing = Task.CompletedTask;

    /// <summary>Checks that the store is readable and writable. It calls <see cref="IConversationStore.PingAsync"/>, for which the store acquires its write lock but writes nothing, and loads a conversation that does not exist.
    /// The check fails if the store cannot be opened, is damaged where it is read, returns what does not exist, is read-only, is locked by others, or does not respond within ten seconds. A full disk is detected only by the next write.</summary>
    /// <remarks>Use it for health probes. It costs a load and a write without content, and uses the store's queue like these, so its duration shows how busy the store is. Only one check runs at a time: while the store
    /// does not respond, later checks wait for the first one, for ten seconds at most. A store that creates its database on first use, such as the SQLite store, also creates it here.</remarks>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <returns>The health of the store. Exceptions of the store are reported in the result and not thrown.</returns>
    public virtual async Task<StoreHealth> CheckHealthAsync(CancellationToken cancellationToken = default)
    {
        _ = Store;
        cancellationToken.ThrowIfCancellationRequested();
        var begunAt = _timeProvider.GetTimestamp();
        var code = await FindFailureAsync(cancellationToken).ConfigureAwait(false);
        return new StoreHealth(code, _timeProvider.GetElapsedTime(begunAt));
    }

    private async Task<string?> FindFailureAsync(CancellationToken cancellationToken)
    {
        using var end = new CancellationTokenSource();
        var probe = ProbeAloneAsync(end.Token);
        try
        {
            // A store that hangs may ignore its token, so the wait is limited.
            return await probe.WaitAsync(LongestCheck, _timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (ConversationException exception)
        {
            return exception.Code;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // The check timed out, the store was disposed, or it threw an unexpected exception.
            return ConversationErrorCodes.StoreUnavailable;
        }
        finally
        {
            if (!probe.IsCompletedSuccessfully)
                await LeaveAsync(probe, end).ConfigureAwait(false);
        }
    }

    /// <summary>Abandons a probe that failed or is still running.</summary>
    private static async Task LeaveAsync(Task probe, CancellationTokenSource end)
    {
        // The result is no longer awaited, so a later exception is ignored.
        _ = probe.ContinueWith(static left => _ = left.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await end.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException)
        {
            // From what the store has registered with its token, which is the store's own affair: it was not healthy before.
        }
    }

    /// <summary>Probes when no other probe is under way, so that a store that hangs keeps one thread and not one for each that asks.</summary>
    private async Task<string?> ProbeAloneAsync(CancellationToken cancellationToken)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (!TryBegin(mine.Task, out var other))
            await other.WaitAsync(cancellationToken).ConfigureAwait(false);

        try
        {
            // A driver may block its thread.
            return await Task.Run(() => ProbeAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            mine.SetResult();
        }
    }

    /// <summary>Makes a probe the one that is under way, unless another one is.</summary>
    private bool TryBegin(Task mine, out Task other)
    {
        lock (_gate)
        {
            other = _probing;
            if (!other.IsCompleted)
                return false;

            _probing = mine;
            return true;
        }
    }

    /// <summary>Asks the store, and loads a conversation that does not exist.</summary>
    /// <returns>The code of an answer that cannot be right; null if it is right.</returns>
    private async Task<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        await Store.PingAsync(cancellationToken).ConfigureAwait(false);
        var state = await Store.LoadAsync(new ConversationLookup { Access = Access, ConversationId = NoConversation }, cancellationToken).ConfigureAwait(false);
        return state.Conversation is null ? null : ConversationErrorCodes.StoreCorrupt;
    }
}

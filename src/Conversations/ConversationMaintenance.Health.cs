using Conversations.Storage;

namespace Conversations;

public sealed partial class ConversationMaintenance
{
    // No conversation has it: ids are drawn at random, and begin with the time.
    private const string NoConversation = "conv_00000000000000000000000000000000";

    // A position that no conversation has. Twice over, nothing can begin.
    private const long Nowhere = -1;

    // Longer than stores wait for one another, and shorter than those wait who ask.
    private static readonly TimeSpan LongestCheck = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private Task _probing = Task.CompletedTask;

    /// <summary>Looks whether the store can be read and written to: reads a conversation that does not exist, and asks for a turn of it, for which a store takes what it writes with and then writes nothing.
    /// A store that cannot be opened, is damaged where that looks, finds or begins what does not exist, is read-only, locked by others, or does not answer within ten seconds is found. That its disk is full is found by the first write alone.</summary>
    /// <remarks>For a health probe. It costs what a read and a turn's begin cost, and goes through the store's queue like these: how long it took tells how busy the store is. One at a time: while the store
    /// leaves one unanswered, the next ones wait for that, no longer than ten seconds either. A store that creates its database at its first use, such as that of SQLite, does so here, too.</remarks>
    /// <param name="cancellationToken">Cancels the check, and throws then.</param>
    /// <returns>How the store is; what a store throws is told here, too, and not thrown.</returns>
    public async Task<StoreHealth> CheckHealthAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var begunAt = _timeProvider.GetTimestamp();
        var code = await FindFailureAsync(cancellationToken).ConfigureAwait(false);
        return new StoreHealth(code is null, code, _timeProvider.GetElapsedTime(begunAt));
    }

    private async Task<string?> FindFailureAsync(CancellationToken cancellationToken)
    {
        using var end = new CancellationTokenSource();
        var probe = ProbeAloneAsync(end.Token);
        try
        {
            // A store that hangs need not listen to its token: it is not waited for longer than so.
            return await probe.WaitAsync(LongestCheck, _timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (ConversationException exception)
        {
            return exception.Code;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // It took too long, the store was disposed of, or it throws what no store should.
            return ConversationErrorCodes.StoreUnavailable;
        }
        finally
        {
            if (!probe.IsCompletedSuccessfully)
                await LeaveAsync(probe, end).ConfigureAwait(false);
        }
    }

    /// <summary>Leaves a probe that has failed or goes on behind.</summary>
    private static async Task LeaveAsync(Task probe, CancellationTokenSource end)
    {
        // Nobody waits for it any more, and what it throws later is no news.
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

    /// <summary>Reads and asks for a turn.</summary>
    /// <returns>The code of what the store answers that cannot be; null if it answers as it should.</returns>
    private async Task<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        var found = await _store.GetConversationAsync(NoConversation, _access, cancellationToken).ConfigureAwait(false);
        var now = _timeProvider.GetUtcNow();
        var command = new BeginTurnCommand
        {
            Access = _access,
            Agent = "health",
            ConversationId = NoConversation,
            NewConversationId = ConversationIds.NewConversation(now),
            Input = [ConversationMessage.User("health") with { CreatedAt = now }],
            Caller = "",
            ExpectedLastPosition = Nowhere,
            LeaseDuration = TimeSpan.FromSeconds(1),
        };
        var outcome = await _store.BeginTurnAsync(command, cancellationToken).ConfigureAwait(false);
        return found is null && outcome is TurnNotFound ? null : ConversationErrorCodes.StoreCorrupt;
    }
}

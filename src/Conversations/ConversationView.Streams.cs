using Conversations.Storage;

namespace Conversations;

public abstract partial class ConversationView
{
    /// <summary>Follows the output of a run from any process: first the stored output, then new output, then the status. A follower that was disconnected continues from the
    /// <see cref="StreamUpdate.NextOffset"/> of the last update that it received, and receives every character once.</summary>
    /// <remarks>Output of <see cref="ConversationTurn.StreamAsync(IAsyncEnumerable{string}, CancellationToken)"/> arrives with a short delay, in segments that may differ from the pieces of the agent. Other output
    /// arrives when the run ends. A run whose lease has expired and that writes nothing for two seconds is marked interrupted, and its stored output becomes its message. Ending the enumeration does not stop the run.</remarks>
    /// <param name="runId">The id of the run.</param>
    /// <param name="fromOffset">The offset to begin at; 0 for the beginning. If it is within a surrogate pair, the stream begins after the pair.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The updates. Only the last one has a value for <see cref="StreamUpdate.EndedAs"/>.</returns>
    /// <exception cref="ConversationNotFoundException">The run id is unknown; thrown when the enumeration begins.</exception>
    /// <exception cref="ArgumentException">The id is empty or blank, contains a NUL character or is not well-formed UTF-16; thrown at the call.</exception>
    /// <exception cref="NotSupportedException">The store does not keep streams.</exception>
    public virtual IAsyncEnumerable<StreamUpdate> FollowAsync(string runId, long fromOffset = 0, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(runId, nameof(runId));
        ArgumentOutOfRangeException.ThrowIfNegative(fromOffset);
        var streams = Store.GetFeature<IConversationStreamStore>() ?? throw new NotSupportedException("The store does not keep streams: it lacks IConversationStreamStore.");
        if (!ConversationIds.TryParseRun(runId, out var conversationId, out var number))
            return FollowUnknownAsync(runId);

        return new StreamFollower(Store, Engine, streams, Services.Turns.Signals, Services.TimeProvider, Services.Logger).FollowAsync(runId, conversationId, number, Access, fromOffset, cancellationToken);
    }

    /// <summary>Asks an open run to stop, for example when a user presses Stop. Any process can do so. The token of the agent is cancelled, at once if the run is one of this manager and within about 3 seconds otherwise.</summary>
    /// <remarks>The agent decides how fast it stops. What it has added is kept and marked partial, and the run is <see cref="RunStatus.Cancelled"/>; a follower receives the end. An answer that the agent completes nevertheless is committed.
    /// A run whose process is dead, so that its lease has expired, is interrupted.</remarks>
    /// <param name="runId">The id of the run (<see cref="ConversationTurn.RunId"/>).</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns><see langword="true"/> if the run was open, also if it had been asked before; <see langword="false"/> if it has ended.</returns>
    /// <exception cref="ConversationNotFoundException">The run does not exist or cannot be accessed by the caller.</exception>
    public virtual async Task<bool> StopAsync(string runId, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(runId, nameof(runId));
        if (!ConversationIds.TryParseRun(runId, out var conversationId, out var number))
            throw new ConversationNotFoundException(runId);
        return await Services.Turns.StopAsync(conversationId, number, Access, cancellationToken).ConfigureAwait(false)
            || (await Store.FindRunAsync(conversationId, number, Access, cancellationToken).ConfigureAwait(false) is null ? throw new ConversationNotFoundException(runId) : false);
    }

    /// <summary>Throws when the enumeration begins, as for a run that does not exist.</summary>
    private static async IAsyncEnumerable<StreamUpdate> FollowUnknownAsync(string runId)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        ThrowNotFound(runId);
        yield break;
    }

    private static void ThrowNotFound(string id) => throw new ConversationNotFoundException(id);
}

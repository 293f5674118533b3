using Conversations.Storage;

namespace Conversations;

public abstract partial class ConversationView
{
    /// <summary>Follows what a run adds, from any process: first what is there already, then what comes, then how it ended. Whoever was cut off goes on from the
    /// <see cref="StreamUpdate.NextOffset"/> of the last update that arrived, and gets every character once.</summary>
    /// <remarks>What a turn adds by <see cref="ConversationTurn.StreamAsync(IAsyncEnumerable{string}, CancellationToken)"/> comes a moment after it was said, in pieces of their own cut; what it adds otherwise
    /// comes with its end. A run whose lease has run out and of which nothing is heard for two seconds is marked interrupted, as its process will have died, and what it had saved becomes its message. To leave stops nothing.</remarks>
    /// <param name="runId">The run.</param>
    /// <param name="fromOffset">Where to begin: 0 for the beginning. Within a character that takes two code units, it begins behind it.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <returns>The updates; the last one, and it alone, tells how the run <see cref="StreamUpdate.EndedAs"/>.</returns>
    /// <exception cref="ConversationNotFoundException">The run does not exist or is not reached; thrown while it is enumerated.</exception>
    /// <exception cref="NotSupportedException">The store does not keep streams.</exception>
    public IAsyncEnumerable<StreamUpdate> FollowAsync(string runId, long fromOffset = 0, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(runId, nameof(runId));
        ArgumentOutOfRangeException.ThrowIfNegative(fromOffset);
        if (!ConversationIds.TryParseRun(runId, out var conversationId, out var number))
            throw new ArgumentException("It is no run's id.", nameof(runId));

        var streams = Store.GetFeature<IConversationStreamStore>() ?? throw new NotSupportedException("The store does not keep streams: it lacks IConversationStreamStore.");
        return new StreamFollower(Store, streams, _services.Turns.Signals, _services.TimeProvider, _services.Logger).FollowAsync(runId, conversationId, number, _access, fromOffset, cancellationToken);
    }
}

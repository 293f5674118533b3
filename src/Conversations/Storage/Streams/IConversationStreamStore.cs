namespace Conversations.Storage;

/// <summary>What a store may have beyond the core: what a run adds is saved while it is running, so that others can follow it and a crash leaves it behind [20].</summary>
/// <remarks>Found by <see cref="IConversationStore.GetFeature{T}"/>. What holds for the members of a store holds for these.</remarks>
public interface IConversationStreamStore
{
    /// <summary>Saves what a running turn has added since the last time [20.1].</summary>
    /// <param name="command">What is asked.</param>
    /// <param name="cancellationToken">Cancels before the write begins [12].</param>
    /// <returns><see langword="false"/> if the lease is no longer the current one or was released; nothing is changed then [4].</returns>
    ValueTask<bool> AppendSegmentsAsync(AppendSegmentsCommand command, CancellationToken cancellationToken = default);

    /// <summary>Reads a run and what was saved of its stream [20.2].</summary>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The run, with its segments as of the same moment; <see langword="null"/> if it doesn't exist or is out of reach.</returns>
    ValueTask<StreamRead?> ReadStreamAsync(StreamQuery query, CancellationToken cancellationToken = default);

    /// <summary>Interrupts a run whose lease has expired, as whoever begins the next turn would [20.6].</summary>
    /// <param name="conversationId">The conversation it belongs to.</param>
    /// <param name="number">Its number.</param>
    /// <param name="access">What the caller reaches [16].</param>
    /// <param name="cancellationToken">Cancels before the write begins [12].</param>
    /// <returns><see langword="false"/>, with nothing changed, if it is not running, holds an unexpired lease, doesn't exist or is out of reach.</returns>
    ValueTask<bool> InterruptRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default);
}

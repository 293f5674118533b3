using Conversations.Storage;

namespace Conversations.StoreSpecification;

/// <summary>Creates the stores that the specification tests. Derive one class for each store; it needs a parameterless constructor.</summary>
/// <remarks>Each test creates its own fixture and disposes it after its stores.</remarks>
public abstract class StoreFixture : IAsyncDisposable
{
    /// <summary>Creates an empty store. Each call creates another one.</summary>
    /// <param name="timeProvider">The clock of the store.</param>
    /// <returns>The store. The caller disposes it.</returns>
    public abstract ValueTask<IConversationStore> CreateAsync(TimeProvider timeProvider);

    /// <summary>Removes what the stores leave behind, such as files.</summary>
    /// <returns>A task that completes when it is removed.</returns>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

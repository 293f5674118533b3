using Conversations.Storage;

namespace Conversations.StoreSpecification;

/// <summary>How the specification gets at a store: derive from it once for each store, with a constructor without parameters.</summary>
/// <remarks>Each test makes a fixture of its own and disposes of it when it is done, after its stores.</remarks>
public abstract class StoreFixture : IAsyncDisposable
{
    /// <summary>Makes an empty store, another one at each call.</summary>
    /// <param name="timeProvider">Its clock.</param>
    /// <returns>The store. Who asked for it disposes of it.</returns>
    public abstract ValueTask<IConversationStore> CreateAsync(TimeProvider timeProvider);

    /// <summary>Removes what the stores left behind, such as files.</summary>
    /// <returns>A task that ends when it is gone.</returns>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

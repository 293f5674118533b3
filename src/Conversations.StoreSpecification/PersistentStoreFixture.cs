using Conversations.Storage;

namespace Conversations.StoreSpecification;

/// <summary>How the specification gets at a store whose data outlive it.</summary>
public abstract class PersistentStoreFixture : StoreFixture
{
    private int _last;

    /// <summary>The name of the data that <see cref="CreateAsync"/> opened last.</summary>
    internal string LastName => $"store{_last}";

    /// <summary>Opens a store on the data of a name; empty if the name was not used before.</summary>
    /// <param name="name">The name, of ASCII letters and digits; each fixture has names of its own.</param>
    /// <param name="timeProvider">Its clock.</param>
    /// <returns>The store. Who asked for it disposes of it.</returns>
    public abstract ValueTask<IConversationStore> OpenAsync(string name, TimeProvider timeProvider);

    /// <summary>Copies the data of a name to another, as they are outside the process at this moment: what would be left if it died now. A store has them open, and nothing is being written.</summary>
    /// <param name="name">The name of the data.</param>
    /// <param name="copy">The name of the copy, which was not used before.</param>
    /// <returns>A task that ends when they are copied.</returns>
    public abstract ValueTask CopyAsync(string name, string copy);

    /// <inheritdoc/>
    public sealed override ValueTask<IConversationStore> CreateAsync(TimeProvider timeProvider) =>
        OpenAsync($"store{Interlocked.Increment(ref _last)}", timeProvider);
}

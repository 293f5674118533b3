namespace Conversations.StoreSpecification;

/// <summary>How the specification gets at a store that marks its data with a version.</summary>
public abstract class VersionedStoreFixture : PersistentStoreFixture
{
    /// <summary>Marks data with a version, whatever they hold. No store has them open.</summary>
    /// <param name="name">The name of the data.</param>
    /// <param name="version">The version.</param>
    /// <returns>A task that ends when they are marked.</returns>
    public abstract ValueTask SetVersionAsync(string name, int version);

    /// <summary>The version that data are marked with. No store has them open.</summary>
    /// <param name="name">The name of the data.</param>
    /// <returns>The version.</returns>
    public abstract ValueTask<int> GetVersionAsync(string name);
}

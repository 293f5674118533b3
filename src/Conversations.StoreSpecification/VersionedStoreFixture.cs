namespace Conversations.StoreSpecification;

/// <summary>Creates stores that mark their data with a version.</summary>
public abstract class VersionedStoreFixture : PersistentStoreFixture
{
    /// <summary>Marks data with a version and changes nothing else. No store has the data open.</summary>
    /// <param name="name">The name of the data.</param>
    /// <param name="version">The version.</param>
    /// <returns>A task that completes when the data are marked.</returns>
    public abstract ValueTask SetVersionAsync(string name, int version);

    /// <summary>Gets the version with which data are marked. No store has the data open.</summary>
    /// <param name="name">The name of the data.</param>
    /// <returns>The version.</returns>
    public abstract ValueTask<int> GetVersionAsync(string name);
}

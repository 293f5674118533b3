using Conversations.Storage;

namespace Conversations.StoreSpecification;

/// <summary>Creates stores whose data outlive them.</summary>
public abstract class PersistentStoreFixture : StoreFixture
{
    private int _last;

    /// <summary>Gets the name of the data that <see cref="CreateAsync"/> opened last.</summary>
    internal string LastName => $"store{_last}";

    /// <summary>Opens a store on the data with a name, which is empty if the name was not used before.</summary>
    /// <param name="name">The name: ASCII letters and digits. Names of different fixtures are independent.</param>
    /// <param name="timeProvider">The clock of the store.</param>
    /// <returns>The store. The caller disposes it.</returns>
    public abstract ValueTask<IConversationStore> OpenAsync(string name, TimeProvider timeProvider);

    /// <summary>Copies the data with a name as they exist outside the process at this moment: what would remain if the process died now. A store has the data open, and nothing is being written.</summary>
    /// <param name="name">The name of the data.</param>
    /// <param name="copy">The name of the copy, which was not used before.</param>
    /// <returns>A task that completes when the data are copied.</returns>
    public abstract ValueTask CopyAsync(string name, string copy);

    /// <summary>Determines whether a file or a connection of this process is still open on the data with a name.</summary>
    /// <param name="name">The name of the data, which a store has used.</param>
    /// <returns><see langword="true"/> if one is open.</returns>
    /// <remarks>For example, SQLite removes the file that ends with <c>-wal</c> with the last connection; a file that is not open can be opened exclusively; a server lists its sessions.</remarks>
    public abstract ValueTask<bool> IsOpenAsync(string name);

    /// <summary>Holds the lock that every write of the data with a name needs, as another program that writes to the database does. <see cref="LockedDataSpecification{TFixture}"/> needs it.</summary>
    /// <param name="name">The name of the data, which a store has used.</param>
    /// <returns>What releases the lock when it is disposed.</returns>
    /// <exception cref="NotSupportedException">The fixture does not override this method. <see cref="StoreLacksAttribute"/> excludes the specification.</exception>
    public virtual ValueTask<IAsyncDisposable> HoldWritesAsync(string name) => throw new NotSupportedException("The fixture holds no lock. See StoreLacksAttribute.");

    /// <inheritdoc/>
    public sealed override ValueTask<IConversationStore> CreateAsync(TimeProvider timeProvider) =>
        OpenAsync($"store{Interlocked.Increment(ref _last)}", timeProvider);
}

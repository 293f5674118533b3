using Conversations.Storage;

namespace Conversations.StoreSpecification;

/// <summary>Creates stores that open data of older versions.</summary>
public abstract class MigratingStoreFixture : VersionedStoreFixture
{
    /// <summary>Gets the older versions whose data the store opens; at least one.</summary>
    public abstract IReadOnlyList<int> OlderVersions { get; }

    /// <summary>Creates data as an older version wrote them; preferably a copy of data that it did write. They contain conversations of the default project,
    /// at least one of them with messages, a closed run and an idempotency key.</summary>
    /// <param name="name">The name of the data, which was not used before.</param>
    /// <param name="version">The older version.</param>
    /// <returns>The conversations in the data, as this version reads them.</returns>
    public abstract ValueTask<IReadOnlyList<OlderConversation>> CreateOlderAsync(string name, int version);
}

/// <summary>A conversation that an older version of a store has written.</summary>
/// <param name="Conversation">The conversation.</param>
/// <param name="Messages">Its messages in order.</param>
/// <param name="Runs">Its runs, newest first, the open run included.</param>
public sealed record OlderConversation(StoredConversation Conversation, IReadOnlyList<StoredMessage> Messages, IReadOnlyList<StoredRun> Runs)
{
    /// <summary>Returns the id, which is safe to log.</summary>
    /// <returns>The id.</returns>
    public override string ToString() => Conversation.Conversation.Id;
}

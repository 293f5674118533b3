namespace Conversations.StoreSpecification;

/// <summary>How the specification gets at a store that had other versions before this one.</summary>
public abstract class MigratingStoreFixture : VersionedStoreFixture
{
    /// <summary>The versions before this one whose data the store opens; at least one.</summary>
    public abstract IReadOnlyList<int> OlderVersions { get; }

    /// <summary>Puts in place what an older version has written: conversations of the default project, at least one with messages and a run, and runs with idempotency keys and one with an open lease if that version had such. Best of all is a copy of data that it really wrote.</summary>
    /// <param name="name">The name of the data, which was not used before.</param>
    /// <param name="version">The version.</param>
    /// <returns>What the older version said of its conversations.</returns>
    public abstract ValueTask<IReadOnlyList<OlderConversation>> CreateOlderAsync(string name, int version);
}

/// <summary>What an older version of a store said of a conversation.</summary>
/// <param name="Conversation">The conversation.</param>
/// <param name="Messages">Its messages, in order. Only their positions, roles, parts, times and runs are compared.</param>
/// <param name="Runs">Its runs.</param>
public sealed record OlderConversation(Conversation Conversation, IReadOnlyList<ConversationMessage> Messages, IReadOnlyList<ConversationRun> Runs)
{
    /// <summary>What is safe to log: the id.</summary>
    /// <returns>The id.</returns>
    public override string ToString() => Conversation.Id;
}

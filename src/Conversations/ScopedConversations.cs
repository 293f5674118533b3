using Conversations.Storage;

namespace Conversations;

/// <summary>What one identity can do: it reaches what it owns and the shared conversations within its <c>PartitionBy</c> fields, for reading and for writing. Anything else does not exist here.</summary>
/// <remarks>Safe from any thread. Made by <see cref="ConversationManager.ForIdentity"/>.</remarks>
public sealed class ScopedConversations : ConversationView
{
    internal ScopedConversations(ConversationServices services, ConversationAccess access, ConversationIdentity identity)
        : base(services, access, identity) => Identity = identity;

    /// <summary>Whose view it is.</summary>
    public ConversationIdentity Identity { get; }
}

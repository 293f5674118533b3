using Conversations.Storage;

namespace Conversations;

/// <summary>Provides the operations of one identity. It can read and write the conversations that it owns, the shared conversations within its <c>PartitionBy</c> fields, and threads that the host grants or that a request names. Other conversations are not found.</summary>
/// <remarks>
/// <para>This type is thread-safe. <see cref="ConversationManager.ForIdentity"/> returns it.</para>
/// <para>To substitute this class in tests, derive from it, use the parameterless constructor, and override the members that are called.</para>
/// </remarks>
public class ScopedConversations : ConversationView
{
    private readonly ConversationIdentity? _identity;

    internal ScopedConversations(ConversationServices services, ConversationAccess access, ConversationIdentity identity, ConversationGrants grants)
        : base(services, access, identity, grants) => _identity = identity;

    /// <summary>Initializes a substitute for tests. It has no store: a member that is not overridden throws <see cref="NotSupportedException"/>.</summary>
    protected ScopedConversations()
    {
    }


    /// <summary>Gets the identity of the view.</summary>
    public virtual ConversationIdentity Identity => _identity ?? throw NotOverridden();
}

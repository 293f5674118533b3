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


    /// <summary>Returns a view of the same caller that also reaches a thread in every member, as if the host had granted it (<see cref="ConversationGrants.Threads"/>).</summary>
    /// <param name="thread">The thread key.</param>
    /// <returns>The view. It is cheap to create.</returns>
    /// <exception cref="ArgumentException">The key is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public virtual ScopedConversations ForThread(string thread)
    {
        var grants = Grants with { Threads = [.. Grants.Threads, WellFormed.Key(thread, nameof(thread))] };
        return new ScopedConversations(Services, Services.Agents.AccessOf(Identity, grants), Identity, grants);
    }

    /// <summary>Gets the identity of the view.</summary>
    public virtual ConversationIdentity Identity => _identity ?? throw NotOverridden();
}

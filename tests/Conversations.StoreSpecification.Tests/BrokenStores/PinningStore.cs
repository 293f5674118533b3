using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A right store whose pointers from scopes to conversations can be bent.</summary>
public abstract class PinningStore(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, string?> _pinned = new(StringComparer.Ordinal);

    public override async ValueTask<Conversation?> GetCurrentAsync(ConversationScope scope, CancellationToken cancellationToken = default)
    {
        if (!_pinned.TryGetValue(scope.SessionId, out var id))
            return await base.GetCurrentAsync(scope, cancellationToken);

        return id is null ? null : await Inner.GetConversationAsync(id, new ConversationAccess(scope.Project, null), cancellationToken);
    }

    /// <summary>Makes a scope point to a conversation, or to none, for ever.</summary>
    protected void Pin(string sessionId, string? conversationId) => _pinned[sessionId] = conversationId;
}

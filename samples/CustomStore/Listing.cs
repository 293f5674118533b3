using Conversations;
using Conversations.Storage;

namespace CustomStore;

/// <summary>Lists conversations [8.2, 8.3, 8.4]. It looks at each: an index is for stores that must be quick.</summary>
internal static class Listing
{
    public static IReadOnlyList<Conversation> Of(IEnumerable<StoredConversation> all, ConversationListing query) =>
    [
        .. all
            .Where(stored => query.Access.Reaches(stored.Scope))
            .Select(stored => stored.ToConversation())
            .Where(conversation => Matches(conversation, query))
            .OrderByDescending(conversation => conversation.LastActivityAt)
            .ThenByDescending(conversation => conversation.Id, StringComparer.Ordinal)
            .Take(query.Limit),
    ];

    private static bool Matches(Conversation conversation, ConversationListing query) =>
        IsWanted(query.Agent, conversation.Agent)
        && IsWanted(query.UserId, conversation.UserId)
        && IsWanted(query.Channel, conversation.Channel)
        && IsWanted(query.Thread, conversation.Thread)
        && (query.Status is null || query.Status == conversation.Status)
        && (query.ActiveFrom is null || conversation.LastActivityAt >= query.ActiveFrom)
        && (query.ActiveBefore is null || conversation.LastActivityAt < query.ActiveBefore)
        && (query.After is null || ComesAfter(conversation, query.After));

    private static bool IsWanted(string? wanted, string? value) => wanted is null || string.Equals(wanted, value, StringComparison.Ordinal);

    private static bool ComesAfter(Conversation conversation, ListPosition place) =>
        conversation.LastActivityAt < place.LastActivityAt
        || (conversation.LastActivityAt == place.LastActivityAt && string.CompareOrdinal(conversation.Id, place.ConversationId) < 0);
}

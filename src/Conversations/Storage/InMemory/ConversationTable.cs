using System.Collections.Concurrent;

namespace Conversations.Storage;

/// <summary>All conversations of a store by id. Thread-safe.</summary>
internal sealed class ConversationTable
{
    private readonly ConcurrentDictionary<string, ConversationEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>Gets the lock of listings and of writes of several conversations at once. It is taken after the gate of a scope, if both are.</summary>
    public Lock Listing { get; } = new();

    /// <summary>Adds a conversation; <see langword="false"/> if its id exists.</summary>
    public bool TryAdd(ConversationEntry entry) => _entries.TryAdd(entry.Data.Conversation.Id, entry);

    public void Remove(ConversationEntry entry) => _entries.TryRemove(new(entry.Data.Conversation.Id, entry));

    public ConversationEntry? Find(string id) => _entries.GetValueOrDefault(id);

    public ConversationEntry? Find(string id, ConversationAccess access) =>
        Find(id) is { } entry && access.Reaches(entry.Scope.Scope) ? entry : null;

    /// <summary>Finds the conversations whose runs a usage query selects.</summary>
    public IEnumerable<ConversationEntry> Find(ConversationAccess access, UsageQuery query) =>
        (query.ConversationId is { } id ? Find(id) is { } entry ? [entry] : [] : _entries.Select(pair => pair.Value))
            .Where(entry => access.Reaches(entry.Scope.Scope) && Matches(query.Agent, entry.Scope.Scope.Agent));

    /// <summary>Finds the conversations whose feedback a range includes.</summary>
    public IEnumerable<ConversationEntry> Find(FeedbackRange range) =>
        (range.ConversationId is { } id ? Find(id) is { } entry ? [entry] : [] : _entries.Select(pair => pair.Value))
            .Where(entry => range.Access.Reaches(entry.Scope.Scope) && Matches(range.Agent, entry.Scope.Scope.Agent));

    /// <summary>Lists in the order of rule 5.6. It looks at every conversation of the store and sorts those that match.</summary>
    public List<Conversation> List(ConversationListing listing) =>
        [.. Find(listing)
            .OrderByDescending(conversation => conversation.LastActivityAt)
            .ThenByDescending(conversation => conversation.Id, StringComparer.Ordinal)
            .Take(listing.Limit)];

    private List<Conversation> Find(ConversationListing listing)
    {
        lock (Listing)
        {
            return [.. _entries
                .Where(pair => listing.Access.Reaches(pair.Value.Scope.Scope))
                .Select(pair => pair.Value.Data.Conversation)
                .Where(conversation => Matches(conversation, listing.Query) && listing.MatchesMetadata(conversation.Metadata) && (listing.After is null || ComesAfter(conversation, listing.After)))];
        }
    }

    private static bool Matches(Conversation conversation, ConversationQuery query) =>
        Matches(query.Agent, conversation.Agent)
        && Matches(query.UserId, conversation.UserId)
        && Matches(query.Channel, conversation.Channel)
        && Matches(query.Thread, conversation.Thread)
        && (query.Status is null || query.Status == conversation.Status)
        && (query.LastRunStatus is null || query.LastRunStatus == conversation.LastRunStatus)
        && (query.ActiveFrom is null || conversation.LastActivityAt >= query.ActiveFrom)
        && (query.ActiveBefore is null || conversation.LastActivityAt < query.ActiveBefore);

    private static bool Matches(string? wanted, string? actual) => wanted is null || string.Equals(wanted, actual, StringComparison.Ordinal);

    private static bool ComesAfter(Conversation conversation, ListPosition place)
    {
        var order = conversation.LastActivityAt.CompareTo(place.LastActivityAt);
        return order < 0 || (order == 0 && string.CompareOrdinal(conversation.Id, place.ConversationId) < 0);
    }
}

using System.Collections.Concurrent;

namespace Conversations.Storage;

/// <summary>All conversations of a store by id, the numbers of its runs and their streams. Safe from any thread.</summary>
internal sealed class ConversationTable
{
    private readonly ConcurrentDictionary<string, ConversationEntry> _entries = new(StringComparer.Ordinal);
    private long _lastRunNumber;

    /// <summary>The streams of its runs.</summary>
    public StreamTable Streams { get; } = new();

    /// <summary>The next run number. One row of numbers for the whole store: a fence is higher than any before it, whatever was deleted (rule 4.1).</summary>
    public long NextRunNumber() => Interlocked.Increment(ref _lastRunNumber);

    /// <summary>Refuses an id that is in use (rule 2.5).</summary>
    public void RequireUnused(string id)
    {
        if (_entries.ContainsKey(id))
            throw new ArgumentException("A conversation with this id exists.", nameof(id));
    }

    public void Add(ConversationEntry entry) => _entries[entry.Id] = entry;

    public void Remove(ConversationEntry entry) => _entries.TryRemove(new(entry.Id, entry));

    public ConversationEntry? Find(string id) => _entries.GetValueOrDefault(id);

    public ConversationEntry? Find(string id, ConversationAccess access) =>
        Find(id) is { } entry && access.Reaches(entry.Scope.Scope) ? entry : null;

    /// <summary>Finds the conversations whose runs are meant.</summary>
    public IEnumerable<ConversationEntry> Find(UsageSumQuery query) =>
        (query.ConversationId is { } id ? Find(id) is { } entry ? [entry] : [] : _entries.Select(pair => pair.Value))
            .Where(entry => query.Access.Reaches(entry.Scope.Scope) && Same(query.Agent, entry.Scope.Scope.Agent));

    /// <summary>Lists in the order of rule 8.2. It looks at every conversation of the store and sorts those that pass.</summary>
    public List<Conversation> List(ConversationListing query) =>
        [.. _entries
            .Where(pair => query.Access.Reaches(pair.Value.Scope.Scope))
            .Select(pair => pair.Value.Data)
            .Where(conversation => Passes(conversation, query))
            .OrderByDescending(conversation => conversation.LastActivityAt)
            .ThenByDescending(conversation => conversation.Id, StringComparer.Ordinal)
            .Take(query.Limit)];

    private static bool Passes(Conversation conversation, ConversationListing query) =>
        Same(query.Agent, conversation.Agent)
        && Same(query.UserId, conversation.UserId)
        && Same(query.Channel, conversation.Channel)
        && Same(query.Thread, conversation.Thread)
        && (query.Status is null || query.Status == conversation.Status)
        && (query.ActiveFrom is null || conversation.LastActivityAt >= query.ActiveFrom)
        && (query.ActiveBefore is null || conversation.LastActivityAt < query.ActiveBefore)
        && (query.After is null || ComesAfter(conversation, query.After));

    private static bool Same(string? wanted, string? actual) => wanted is null || string.Equals(wanted, actual, StringComparison.Ordinal);

    private static bool ComesAfter(Conversation conversation, ListPosition place)
    {
        var order = conversation.LastActivityAt.CompareTo(place.LastActivityAt);
        return order < 0 || (order == 0 && string.CompareOrdinal(conversation.Id, place.ConversationId) < 0);
    }
}

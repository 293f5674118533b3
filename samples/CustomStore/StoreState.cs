using Conversations;
using Conversations.Storage;

namespace CustomStore;

/// <summary>What the journal says, in memory. Not safe from several threads: the store lets one in at a time.</summary>
internal sealed class StoreState
{
    private readonly Dictionary<string, StoredConversation> _conversations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _current = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Session, string Caller, string Key), RunRow> _keys = [];

    /// <summary>The highest number that a run was ever given, in any conversation, deleted ones included [2.3].</summary>
    public long LastRun { get; private set; }

    public StoredConversation? Find(string id) => _conversations.GetValueOrDefault(id);

    public StoredConversation? Find(string id, ConversationAccess access) => Find(id) is { } found && access.Reaches(found.Scope) ? found : null;

    public StoredConversation? Current(ConversationScope scope) => _current.TryGetValue(scope.SessionId, out var id) ? _conversations[id] : null;

    public RunRow? FindRun(ConversationScope scope, string caller, string key) => _keys.GetValueOrDefault((scope.SessionId, caller, key));

    /// <summary>Looks at every conversation: an index is for stores that must be quick.</summary>
    public IReadOnlyList<Conversation> List(ConversationListing query) =>
    [
        .. _conversations.Values
            .Where(stored => query.Access.Reaches(stored.Scope))
            .Select(stored => stored.Row.Conversation)
            .Where(conversation => IsListed(conversation, query))
            .OrderByDescending(conversation => conversation.LastActivityAt)
            .ThenByDescending(conversation => conversation.Id, StringComparer.Ordinal)
            .Take(query.Limit),
    ];

    public void Apply(JournalLine line)
    {
        foreach (var row in line.Conversations ?? [])
        {
            if (Find(row.Conversation.Id) is { } known)
                known.Row = row;
            else
                _conversations.Add(row.Conversation.Id, new StoredConversation(row));
        }

        foreach (var row in line.Runs ?? [])
            Put(_conversations[row.Run.ConversationId], row);
        foreach (var message in line.Messages ?? [])
            _conversations[message.ConversationId].Add(message.ToMessage());
        if (line.Current is { } current)
            _current[_conversations[current].Scope.SessionId] = current;
        if (line.DeletedMessage is { } position)
            _conversations[line.Conversations![0].Conversation.Id].RemoveMessage(position);
        if (line.DeletedConversation is { } deleted)
            Remove(_conversations[deleted]);
    }

    private void Put(StoredConversation conversation, RunRow row)
    {
        if (conversation.Runs.TryGetValue(row.Run.Number, out var before))
            RemoveKey(conversation, before.Run);
        conversation.Runs[row.Run.Number] = row;
        LastRun = Math.Max(LastRun, row.Run.Number);
        if (row.Run.IdempotencyKey is { } key)
            _keys.Add((conversation.Scope.SessionId, row.Run.Caller ?? "", key), row);
    }

    private void RemoveKey(StoredConversation conversation, ConversationRun run)
    {
        if (run.IdempotencyKey is { } key)
            _keys.Remove((conversation.Scope.SessionId, run.Caller ?? "", key));
    }

    private void Remove(StoredConversation conversation)
    {
        foreach (var row in conversation.Runs.Values)
            RemoveKey(conversation, row.Run);
        if (Current(conversation.Scope) == conversation)
            _current.Remove(conversation.Scope.SessionId);
        _conversations.Remove(conversation.Id);
    }

    private static bool IsListed(Conversation conversation, ConversationListing query) =>
        IsWanted(query.Agent, conversation.Agent)
        && IsWanted(query.UserId, conversation.UserId)
        && IsWanted(query.Channel, conversation.Channel)
        && IsWanted(query.Thread, conversation.Thread)
        && (query.Status is null || query.Status == conversation.Status)
        && (query.ActiveFrom is null || conversation.LastActivityAt >= query.ActiveFrom)
        && (query.ActiveBefore is null || conversation.LastActivityAt < query.ActiveBefore)
        && (query.After is not { } place || conversation.LastActivityAt < place.LastActivityAt
            || (conversation.LastActivityAt == place.LastActivityAt && string.CompareOrdinal(conversation.Id, place.ConversationId) < 0));

    private static bool IsWanted(string? wanted, string? value) => wanted is null || string.Equals(wanted, value, StringComparison.Ordinal);
}

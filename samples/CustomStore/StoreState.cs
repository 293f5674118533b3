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

    public IEnumerable<StoredConversation> All => _conversations.Values;

    public StoredConversation? Find(string id) => _conversations.GetValueOrDefault(id);

    public StoredConversation? Find(string id, ConversationAccess access) => Find(id) is { } found && access.Reaches(found.Scope) ? found : null;

    public StoredConversation? Current(ConversationScope scope) => _current.TryGetValue(scope.SessionId, out var id) ? _conversations[id] : null;

    public bool HasActive(ConversationScope scope) => Current(scope) is { IsActive: true };

    public RunRow? FindRun(ConversationScope scope, string caller, string key) => _keys.GetValueOrDefault((scope.SessionId, caller, key));

    public void Apply(JournalLine line)
    {
        foreach (var row in line.Conversations ?? [])
        {
            if (Find(row.Id) is { } known)
                known.Row = row;
            else
                _conversations.Add(row.Id, new StoredConversation(row));
        }

        foreach (var run in line.Runs ?? [])
            Put(run);
        foreach (var message in line.Messages ?? [])
            _conversations[message.ConversationId].Add(message.ToMessage());
        if (line.Current is { } current)
            _current[_conversations[current].Row.Session] = current;
        if (line.DeletedMessage is { } position)
            _conversations[line.Conversations![0].Id].RemoveMessage(position);
        if (line.DeletedConversation is { } deleted)
            Remove(_conversations[deleted]);
    }

    private void Put(RunRow run)
    {
        var conversation = _conversations[run.ConversationId];
        if (conversation.Runs.TryGetValue(run.Number, out var before))
            RemoveKey(conversation, before);
        conversation.Runs[run.Number] = run;
        LastRun = Math.Max(LastRun, run.Number);
        if (run.IdempotencyKey is { } key)
            _keys.Add((conversation.Row.Session, run.Caller, key), run);
    }

    private void RemoveKey(StoredConversation conversation, RunRow run)
    {
        if (run.IdempotencyKey is { } key)
            _keys.Remove((conversation.Row.Session, run.Caller, key));
    }

    private void Remove(StoredConversation conversation)
    {
        foreach (var run in conversation.Runs.Values)
            RemoveKey(conversation, run);
        if (ReferenceEquals(Current(conversation.Scope), conversation))
            _current.Remove(conversation.Row.Session);
        _conversations.Remove(conversation.Row.Id);
    }
}

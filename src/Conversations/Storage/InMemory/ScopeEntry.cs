namespace Conversations.Storage;

/// <summary>A scope: the conversation that it points to, its idempotency keys, and the one lock of all its conversations.</summary>
/// <remarks>A conversation never changes its scope, and no code holds two gates at once.
/// Every method is called under <see cref="Gate"/>.</remarks>
internal sealed class ScopeEntry(ConversationScope scope, ConversationTable table)
{
    private readonly KeyTable _keys = new();
    private ConversationEntry? _current;
    private int _conversations;

    public Lock Gate { get; } = new();

    /// <summary>Gets the data that are kept beside the messages of all conversations.</summary>
    public DataTable Data { get; } = new();

    public ConversationScope Scope { get; } = scope;

    /// <summary>Gets whether the scope holds no conversation, so that the store can forget it.</summary>
    public bool IsEmpty => _conversations == 0;

    /// <summary>Gets whether the store has forgotten the scope. A call that waited for the gate looks the scope up again.</summary>
    public bool IsForgotten { get; set; }

    public ConversationState Load(ConversationLookup lookup, ConversationEntry? named, DateTimeOffset now)
    {
        var conversation = lookup.Scope is null ? named : _current;
        var keyed = lookup.Key is { } key && (conversation is not null || lookup.Scope is not null) ? _keys.Find(key) : null;
        var summary = lookup.SummaryBefore is { } position ? conversation?.Summaries.NewestBefore(position) : null;
        return new ConversationState
        {
            Now = now,
            Conversation = conversation?.Data,
            KeyedRun = keyed?.Conversation.FindRun(keyed.Number),
            KeyedConversation = keyed?.Conversation.Data,
            Summary = summary,
            Window = lookup.Window is { } window && conversation is not null ? conversation.Messages.Window(window, summary?.Through ?? 0) : [],
        };
    }

    /// <summary>Applies a batch if all its conditions hold [2].</summary>
    public bool TryWrite(ConversationBatch batch, EntryWrite[] writes)
    {
        if (batch.PointerChange is { } pointer && !string.Equals(pointer.Expected, _current?.Data.Conversation.Id, StringComparison.Ordinal))
            return false;

        var entries = new ConversationEntry?[writes.Length];
        for (var i = 0; i < writes.Length; i++)
        {
            entries[i] = table.Find(writes[i].Target.Conversation.Id);
            if (!IsExpected(batch.Access, entries[i], writes[i]))
                return false;
        }

        if (!_keys.AreFree(writes) || !Data.Has(writes) || !TryApply(entries, writes))
            return false;

        if (batch.PointerChange is not null)
            _current = table.Find(batch.PointerChange.Current);
        return true;
    }

    public void Delete(ConversationEntry conversation)
    {
        conversation.IsDeleted = true;
        if (_current == conversation)
            _current = null;
        _keys.Free(conversation);
        Data.Release(conversation);
        table.Remove(conversation);
        _conversations--;
    }

    private bool IsExpected(ConversationAccess access, ConversationEntry? entry, EntryWrite write) =>
        (write.Target.Version == 0
            ? entry is null
            : entry is not null && entry.Scope == this && access.Reaches(Scope) && entry.Data.Version == write.Target.Version
                && (write.ExpectedToken is null || write.ExpectedToken == entry.Data.OpenRun?.Token))
        && ConversationEntry.AreFree(write.Messages, entry?.Messages.LastPosition ?? 0);

    private bool TryApply(ConversationEntry?[] entries, EntryWrite[] writes)
    {
        // A listing shows all conversations of a batch as before or as after it [3.1].
        if (writes.Length == 1)
            return TryApplyEach(entries, writes);
        lock (table.Listing)
            return TryApplyEach(entries, writes);
    }

    private bool TryApplyEach(ConversationEntry?[] entries, EntryWrite[] writes)
    {
        if (!TryAddNew(entries, writes))
            return false;

        for (var i = 0; i < writes.Length; i++)
            _keys.FreeReplaced(entries[i]!, writes[i]);
        for (var i = 0; i < writes.Length; i++)
        {
            entries[i]!.Apply(writes[i]);
            _keys.Take(entries[i]!, writes[i]);
        }

        return true;
    }

    /// <summary>Adds the new conversations, or none if an id exists.</summary>
    private bool TryAddNew(ConversationEntry?[] entries, EntryWrite[] writes)
    {
        var added = 0;
        for (var i = 0; i < writes.Length; i++)
        {
            if (entries[i] is not null)
                continue;

            var entry = new ConversationEntry(this, writes[i].Target);
            if (!table.TryAdd(entry))
            {
                foreach (var other in entries.Take(i).OfType<ConversationEntry>().Where(other => other.Data.Version == 0))
                    table.Remove(other);
                return false;
            }

            entries[i] = entry;
            added++;
        }

        _conversations += added;
        return true;
    }
}

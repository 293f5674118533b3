namespace Conversations.Storage;

/// <summary>Applies a batch if all its conditions hold [2]. Most batches write one conversation: one statement checks its version, one writes it, and one
/// writes each run and each message.</summary>
internal sealed class BatchWrite : ISqliteWrite<bool>
{
    private readonly ConversationAccess _access;
    private readonly ConversationScope? _scope;
    private readonly PointerChange? _pointer;
    private readonly ConversationUpdate[] _updates;

    public BatchWrite(ConversationBatch batch)
    {
        _access = batch.Access;
        _scope = batch.Scope;
        _pointer = batch.PointerChange;
        _updates = new ConversationUpdate[batch.Conversations.Count];
        for (var i = 0; i < _updates.Length; i++)
            _updates[i] = new ConversationUpdate(batch.Conversations[i]);
    }

    /// <summary>Gets what creates a long conversation; null if nothing does.</summary>
    public ConversationUpdate? Long => Array.Find(_updates, static update => update.IsLong);

    public long Size
    {
        get
        {
            var size = 0L;
            foreach (var update in _updates)
                size += update.Size;
            return size;
        }
    }

    public bool Deletes => Array.Exists(_updates, static update => update.Deletes);

    public Written<bool> Run(SqliteSession session, long now)
    {
        // What a batch that is not applied has written by then is rolled back.
        var scope = _scope is null ? (long?)null : ScopeRow.FindOrCreate(session, _scope);
        if (FindTargets(session, scope) is not { } targets || !KeyChanges.TryApply(session, targets, _updates))
            return Written.Nothing(false);

        for (var i = 0; i < _updates.Length; i++)
        {
            if (!targets[i].IsNew)
                targets[i].Update(session, _updates[i]);
            if (!_updates[i].TryApply(session, targets[i].Key))
                return Written.Nothing(false);
        }

        return _pointer is null || ScopeRow.TryMovePointer(session, targets[0].Scope, _pointer) ? Written.Keep(true) : Written.Nothing(false);
    }

    /// <summary>Finds the conversations, and creates the new ones.</summary>
    /// <returns><see langword="null"/> if one has another version or another scope, does not exist, or exists already, or if a position is taken.</returns>
    private TargetRow[]? FindTargets(SqliteSession session, long? scope)
    {
        var targets = new TargetRow[_updates.Length];
        for (var i = 0; i < targets.Length; i++)
        {
            var update = _updates[i];
            var found = update.Target.Version != 0 ? TargetRow.Find(session, update, _access)
                : _scope is not null ? TargetRow.Create(session, update, _scope, scope!.Value)
                : null;
            if (found is not { } target || target.Scope != (scope ??= target.Scope) || !(target.IsNew || update.ArePositionsFree(target.UsedPosition)))
                return null;

            targets[i] = target;
        }

        return targets;
    }
}

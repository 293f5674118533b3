namespace Conversations.Storage;

/// <summary>Maintains the idempotency keys of a batch. What counts is which runs have which keys after the whole batch, so keys are freed first [6.1].</summary>
/// <remarks>A run that keeps its key, as a run does that is closed, costs no statement.</remarks>
internal sealed class KeyChanges
{
    private readonly List<KeyOfRun> _freed = [];
    private readonly List<KeyOfRun> _taken = [];

    /// <summary>Frees and takes the keys of the runs that a batch writes.</summary>
    /// <returns><see langword="false"/> if a key is taken.</returns>
    public static bool TryApply(SqliteSession session, TargetRow[] targets, ConversationUpdate[] updates)
    {
        KeyChanges? changes = null;
        for (var i = 0; i < targets.Length; i++)
        {
            var (target, update) = (targets[i], updates[i]);
            if (target.OpenKey is { } openKey)
                (changes ??= new()).Free(target.Key, target.OpenNumber, openKey);
            if (update.Target.OpenRun is { } open && RequestKey.Of(open.Run) is { } taken)
                (changes ??= new()).Take(target.Key, open.Run.Number, taken);
            foreach (var run in update.Runs)
            {
                // The open run has no other row.
                if (run.Run.Number != target.OpenNumber && !target.IsNew && FindKey(session, target.Key, run.Run.Number) is { } freed)
                    (changes ??= new()).Free(target.Key, run.Run.Number, freed);
                if (RequestKey.Of(run.Run) is { } key)
                    (changes ??= new()).Take(target.Key, run.Run.Number, key);
            }
        }

        return changes is null || changes.TryApply(session, targets[0].Scope);
    }

    private static RequestKey? FindKey(SqliteSession session, long conversation, long number)
    {
        using var find = session.Use(SqliteStatements.FindKeyOfRun);
        find.Bind(1, RowValues.Key(conversation, number));
        return find.Step() && find.OptionalText(1) is { } value ? new RequestKey(find.Text(0), value) : null;
    }

    private static void Free(SqliteSession session, long scope, KeyOfRun key)
    {
        using var free = session.Use(SqliteStatements.FreeKey);
        key.Bind(free, scope);
        free.Run();
    }

    private static bool TryTake(SqliteSession session, long scope, KeyOfRun key)
    {
        using var take = session.Use(SqliteStatements.TakeKey);
        key.Bind(take, scope);
        return take.Run() > 0;
    }

    private void Free(long conversation, long number, RequestKey key) => _freed.Add(new KeyOfRun(RowValues.Key(conversation, number), key));

    private void Take(long conversation, long number, RequestKey key) => _taken.Add(new KeyOfRun(RowValues.Key(conversation, number), key));

    private bool TryApply(SqliteSession session, long scope)
    {
        foreach (var key in _freed)
        {
            if (!_taken.Contains(key))
                Free(session, scope, key);
        }

        foreach (var key in _taken)
        {
            if (!_freed.Contains(key) && !TryTake(session, scope, key))
                return false;
        }

        return true;
    }

    private sealed record KeyOfRun(long Run, RequestKey Key)
    {
        public void Bind(SqliteStatement statement, long scope)
        {
            statement.Bind(1, scope);
            statement.Bind(2, Key.Caller);
            statement.Bind(3, Key.Value);
            statement.Bind(4, Run);
        }
    }
}

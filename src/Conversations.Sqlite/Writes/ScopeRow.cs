namespace Conversations.Storage;

/// <summary>Writes rows of scopes.</summary>
internal static class ScopeRow
{
    /// <summary>Finds the key of a scope, and creates the scope if it is new.</summary>
    public static long FindOrCreate(SqliteSession session, ConversationScope scope)
    {
        using (var find = session.Use(SqliteStatements.FindScope))
        {
            find.Bind(1, scope.SessionId);
            if (find.Step())
                return find.Int64(0);
        }

        using var insert = session.Use(SqliteStatements.InsertScope);
        insert.Bind(1, scope.SessionId);
        insert.Bind(2, scope.Project);
        insert.Bind(3, scope.Agent);
        insert.Bind(4, scope.Channel);
        insert.Bind(5, scope.Owner.Identity?.UserId);
        insert.Bind(6, scope.Owner.Thread);
        insert.Bind(7, scope.Owner.Audience);
        insert.Run();
        return session.LastInsertedKey;
    }

    /// <summary>Moves the pointer of a scope.</summary>
    /// <returns><see langword="false"/> if it does not point to the expected conversation [7.1].</returns>
    public static bool TryMovePointer(SqliteSession session, long scope, PointerChange change)
    {
        using var move = session.Use(SqliteStatements.MovePointer);
        move.Bind(1, scope);
        move.Bind(2, change.Expected);
        move.Bind(3, change.Current);
        return move.Run() > 0;
    }

    /// <summary>Clears the pointer of a scope if it points to a conversation [7.2].</summary>
    public static void ClearPointer(SqliteSession session, long scope, long conversation)
    {
        using var clear = session.Use(SqliteStatements.ClearPointer);
        clear.Bind(1, scope);
        clear.Bind(2, conversation);
        clear.Run();
    }
}

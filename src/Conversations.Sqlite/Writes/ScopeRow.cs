namespace Conversations.Storage;

/// <summary>Finds and creates scopes and conversations, within a write.</summary>
internal static class ScopeRow
{
    /// <summary>The scope's key and the key of its current conversation; the scope is created if it is new.</summary>
    public static (long Key, long? Current) FindOrCreate(SqliteSession session, ConversationScope scope)
    {
        using (var find = session.Use(SqliteStatements.FindScope))
        {
            find.Bind(1, scope.SessionId);
            if (find.Step())
                return (find.Int64(0), find.OptionalInt64(1));
        }

        return (Create(session, scope), null);
    }

    /// <summary>Creates a scope.</summary>
    /// <returns>Its key.</returns>
    public static long Create(SqliteSession session, ConversationScope scope)
    {
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

    /// <summary>Moves the scope's pointer, by <see cref="SqliteStatements.SetCurrent"/>, <see cref="SqliteStatements.SetCurrentUnlessActive"/>
    /// or <see cref="SqliteStatements.ClearCurrent"/>.</summary>
    public static void Point(SqliteSession session, string statement, long scope, long conversation)
    {
        using var update = session.Use(statement);
        update.Bind(1, scope);
        update.Bind(2, conversation);
        update.Run();
    }

    /// <summary>Creates an active conversation of the scope, with room for the messages that the caller writes.</summary>
    /// <returns>Its key.</returns>
    /// <exception cref="ArgumentException">The id is in use [2.5].</exception>
    public static long CreateConversation(
        SqliteSession session, ConversationScope scope, long scopeKey, string id, string? title, MessageRow[] messages, long createdAt, long now, string? forkedFrom = null)
    {
        using var insert = session.Use(SqliteStatements.InsertConversation);
        insert.Bind(1, id);
        insert.Bind(2, scopeKey);
        insert.Bind(3, scope.Project);
        insert.Bind(4, scope.Owner.Audience);
        insert.Bind(5, messages.Length);
        insert.Bind(6, createdAt);
        insert.Bind(7, now);
        if (messages.Length > 0)
            insert.Bind(8, messages[^1].CreatedAt);
        insert.Bind(9, title);
        insert.Bind(10, forkedFrom);
        return insert.Run() == 0 ? throw new ArgumentException("A conversation with this id exists.", nameof(id)) : session.LastInsertedKey;
    }
}

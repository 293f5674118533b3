namespace Conversations.Storage;

/// <summary>A conversation that a batch writes, as it is before the batch.</summary>
/// <param name="Key">The key.</param>
/// <param name="Scope">The key of the scope.</param>
/// <param name="UsedPosition">The highest position that a message has had.</param>
/// <param name="LastActivityAt">The last activity, in ticks; -1 for a conversation that the batch has created.</param>
/// <param name="OpenNumber">The number of the open run; 0 if none is open.</param>
/// <param name="OpenKey">The idempotency key of the open run.</param>
internal readonly record struct TargetRow(long Key, long Scope, long UsedPosition, long LastActivityAt, long OpenNumber, RequestKey? OpenKey)
{
    private const long Created = -1;

    /// <summary>Gets whether the batch has created the conversation.</summary>
    public bool IsNew => LastActivityAt == Created;

    /// <summary>Finds a conversation that has the version, and the open run, on which the batch was decided [2.1].</summary>
    public static TargetRow? Find(SqliteSession session, ConversationUpdate update, ConversationAccess access)
    {
        using var find = session.Use(SqliteStatements.FindTarget);
        find.BindAccess(update.Target.Conversation.Id, access);
        find.Bind(6, update.Target.Version);
        find.Bind(7, update.ExpectedToken);
        if (!find.Step())
            return null;

        var openKey = find.OptionalText(6) is { } value ? new RequestKey(find.OptionalText(5) ?? "", value) : null;
        return new TargetRow(find.Int64(0), find.Int64(1), find.Int64(2), find.Int64(3), find.Int64(4), openKey);
    }

    /// <summary>Creates a conversation.</summary>
    /// <returns><see langword="null"/> if its id exists [2.2], or its messages, which were written before, have been removed.</returns>
    public static TargetRow? Create(SqliteSession session, ConversationUpdate update, ConversationScope scope, long scopeKey)
    {
        if (update.Key is { } key && !Removal.TryComplete(session, key))
            return null;

        var usedPosition = update.UsedPosition(0);
        using var insert = session.Use(SqliteStatements.InsertConversation);
        insert.Bind(1, update.Key);
        ConversationRow.Bind(insert, update.Target, usedPosition);
        insert.Bind(31, update.Target.Conversation.LastActivityAt.UtcTicks);
        insert.Bind(32, update.Target.Conversation.Id);
        insert.Bind(33, scopeKey);
        insert.Bind(34, scope.Project);
        insert.Bind(35, scope.Owner.Audience);
        return insert.Run() > 0 ? new TargetRow(session.LastInsertedKey, scopeKey, usedPosition, Created, OpenNumber: 0, OpenKey: null) : null;
    }

    /// <summary>Writes the row of a conversation that existed.</summary>
    public void Update(SqliteSession session, ConversationUpdate update)
    {
        var lastActivityAt = update.Target.Conversation.LastActivityAt.UtcTicks;
        var isActivity = lastActivityAt != LastActivityAt;
        using var row = session.Use(isActivity ? SqliteStatements.UpdateActiveConversation : SqliteStatements.UpdateConversation);
        row.Bind(1, Key);
        ConversationRow.Bind(row, update.Target, update.UsedPosition(UsedPosition));
        if (isActivity)
            row.Bind(31, lastActivityAt);
        row.Run();
    }
}

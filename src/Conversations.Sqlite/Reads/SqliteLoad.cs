namespace Conversations.Storage;

/// <summary>Loads the state on which a decision is made, as of one moment [3].</summary>
internal static class SqliteLoad
{
    public static ConversationState Read(SqliteSession session, (ConversationLookup Lookup, TimeProvider Clock) asked)
    {
        var lookup = asked.Lookup;
        session.Run(SqliteStatements.BeginRead);
        try
        {
            var found = lookup.Scope is { } scope ? FindCurrent(session, scope) : FindById(session, lookup.ConversationId!, lookup.Access);

            // The first read has taken the snapshot. A time that was read earlier could precede a write that the snapshot shows.
            var now = asked.Clock.GetUtcNow();
            if (found is not { } target)
                return new ConversationState { Now = now };

            var (keyedRun, keyedConversation) = lookup.Key is { } key ? FindKeyedRun(session, key, target) : default;
            var summary = lookup.SummaryBefore is { } position ? FindSummary(session, target, position) : null;
            return new ConversationState
            {
                Now = now,
                Conversation = target.Data,
                KeyedRun = keyedRun,
                KeyedConversation = keyedConversation,
                Summary = summary,
                Window = lookup.Window is { } window ? ReadWindow(session, target, window, summary?.Through ?? 0) : [],
            };
        }
        finally
        {
            session.RollBack();
        }
    }

    private static Target? FindCurrent(SqliteSession session, ConversationScope scope)
    {
        using var find = session.Use(SqliteStatements.FindCurrent);
        find.Bind(1, scope.SessionId);
        if (!find.Step())
            return null;

        var fields = ScopeFields.Of(scope);
        var key = find.Int64(ConversationRow.AfterState);
        return find.IsNull(0) ? new Target(key, fields, 0, null) : new Target(key, fields, ConversationRow.Key(find), ConversationRow.Read(find, fields));
    }

    private static Target? FindById(SqliteSession session, string conversationId, ConversationAccess access)
    {
        using var find = session.Use(SqliteStatements.FindConversation);
        find.BindAccess(conversationId, access);
        if (!find.Step())
            return null;

        var fields = ScopeFields.Read(find, ConversationRow.AfterState);
        return new Target(ConversationRow.Scope(find), fields, ConversationRow.Key(find), ConversationRow.Read(find, fields));
    }

    private static (StoredRun? Run, StoredConversation? Conversation) FindKeyedRun(SqliteSession session, RequestKey key, Target target)
    {
        if (FindKeyedRun(session, target.Scope, key) is not { } run)
            return default;

        var (conversationKey, number) = (run >> 32, run & uint.MaxValue);
        var conversation = conversationKey == target.Key && target.Data is { } same ? same : FindByKey(session, conversationKey, target.Fields);
        var keyed = conversation.OpenRun is { } open && open.Run.Number == number
            ? open.ToStoredRun()
            : FindRun(session, run, conversation.Conversation.Id);
        return (keyed, conversation);
    }

    private static long? FindKeyedRun(SqliteSession session, long scope, RequestKey key)
    {
        using var find = session.Use(SqliteStatements.FindKeyedRun);
        find.Bind(1, scope);
        find.Bind(2, key.Caller);
        find.Bind(3, key.Value);
        return find.Step() ? find.Int64(0) : null;
    }

    private static StoredConversation FindByKey(SqliteSession session, long key, ScopeFields fields)
    {
        using var find = session.Use(SqliteStatements.FindConversationByKey);
        find.Bind(1, key);
        return find.Step() ? ConversationRow.Read(find, fields) : throw RowValues.Damaged();
    }

    private static StoredRun FindRun(SqliteSession session, long key, string conversationId)
    {
        using var find = session.Use(SqliteStatements.FindRun);
        find.Bind(1, key);
        return find.Step() ? RunRow.Read(find, conversationId) : throw RowValues.Damaged();
    }

    private static ConversationSummary? FindSummary(SqliteSession session, Target target, long before)
    {
        if (target.Data is not { } conversation)
            return null;

        using var find = session.Use(SqliteStatements.FindSummary);
        find.Bind(1, target.Key);
        find.Bind(2, RowValues.Bound(before));
        return SummaryRow.ReadFirst(find, conversation.Conversation.Id);
    }

    private static List<StoredMessage> ReadWindow(SqliteSession session, Target target, WindowSize size, long after)
    {
        if (target.Data is not { } conversation)
            return [];

        using var read = session.Use(SqliteStatements.ReadWindow);
        read.Bind(1, target.Key);
        read.Bind(2, after);
        MessageReader.BindLimits(read, size.Messages, size.Tokens);
        var window = MessageReader.Read(read, conversation.Conversation.Id, size.Messages, size.Tokens, withSuperseded: false);
        window.Reverse();
        return window;
    }

    /// <summary>A scope, and the conversation that was looked up in it.</summary>
    private readonly record struct Target(long Scope, ScopeFields Fields, long Key, StoredConversation? Data);
}

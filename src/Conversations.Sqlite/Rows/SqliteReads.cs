namespace Conversations.Storage;

/// <summary>The reads, each on one connection.</summary>
internal static partial class SqliteReads
{
    // No position is as high.
    private const long PositionLimit = 1L << 32;

    // Room for most windows, so that one that tokens limit does not ask for as much as could be.
    private const int UsualWindow = 64;

    public static IReadOnlyList<ConversationMessage> Window(SqliteSession session, WindowQuery query)
    {
        using var statement = session.Use(SqliteStatements.ReadWindow);
        statement.BindAccess(query.ConversationId, query.Access);
        statement.Bind(6, Math.Clamp(query.Before, 0, PositionLimit));
        statement.Bind(7, query.Limit);
        statement.Bind(8, Math.Clamp(query.After, 0, PositionLimit));
        statement.Bind(9, query.TokenLimit?.Counter);
        statement.Bind(10, query.TokenLimit?.Count);

        var messages = new List<ConversationMessage>(Math.Min(query.Limit, UsualWindow));
        var sum = 0L;
        while (statement.Step())
        {
            var tokens = SqliteRows.ReadMessageTokens(statement);
            if (query.TokenLimit is { } limit && string.Equals(tokens?.Counter, limit.Counter, StringComparison.Ordinal) && (sum += tokens!.Value.Count) > limit.Count)
                break;
            messages.Add(SqliteRows.ReadMessage(statement, query.ConversationId, tokens));
        }

        messages.Reverse();
        return messages;
    }

    public static IReadOnlyList<ConversationMessage> Messages(SqliteSession session, MessageRange query)
    {
        using var statement = session.Use(query.NewestFirst ? SqliteStatements.ReadMessagesBackwards : SqliteStatements.ReadMessagesForwards);
        statement.BindAccess(query.ConversationId, query.Access);
        statement.Bind(6, Math.Clamp(query.After ?? (query.NewestFirst ? PositionLimit : 0), 0, PositionLimit));
        statement.Bind(7, query.Limit);
        statement.Bind(8, query.CurrentOnly ? 0L : 1L);
        return Messages(statement, query.ConversationId);
    }

    public static Conversation? ById(SqliteSession session, (string Id, ConversationAccess Access) query)
    {
        using var statement = session.Use(SqliteStatements.GetConversation);
        statement.BindAccess(query.Id, query.Access);
        return statement.Step() ? SqliteRows.ReadConversation(statement) : null;
    }

    public static Conversation ByKey(SqliteSession session, long key)
    {
        using var statement = session.Use(SqliteStatements.GetConversationByKey);
        statement.Bind(1, key);
        return statement.Step()
            ? SqliteRows.ReadConversation(statement)
            : throw new ConversationStoreException(ConversationErrorCodes.StoreCorrupt, "A conversation has no scope.");
    }

    public static Conversation? Current(SqliteSession session, ConversationScope scope)
    {
        using var statement = session.Use(SqliteStatements.GetCurrent);
        statement.Bind(1, scope.SessionId);
        return statement.Step() ? SqliteRows.ReadConversation(statement) : null;
    }

    public static ConversationRun? Run(SqliteSession session, (string ConversationId, long Number, ConversationAccess Access) query)
    {
        using var statement = session.Use(SqliteStatements.GetRun);
        statement.BindAccess(query.ConversationId, query.Access);
        statement.Bind(6, query.Number);
        return statement.Step() ? SqliteRows.ReadRun(statement) : null;
    }

    public static IReadOnlyList<ConversationRun> Runs(SqliteSession session, RunListing query)
    {
        using var statement = session.Use(SqliteStatements.ListRuns);
        statement.BindAccess(query.ConversationId, query.Access);
        statement.Bind(6, query.Before ?? long.MaxValue);
        statement.Bind(7, query.Limit);

        var runs = new List<ConversationRun>();
        while (statement.Step())
            runs.Add(SqliteRows.ReadRun(statement));
        return runs;
    }

    public static ConversationSummary? Summary(SqliteSession session, (string ConversationId, ConversationAccess Access, long Before) query)
    {
        using var statement = session.Use(SqliteStatements.GetSummary);
        statement.BindAccess(query.ConversationId, query.Access);
        statement.Bind(6, Math.Clamp(query.Before, 0, PositionLimit));
        return statement.Step() ? SqliteRows.ReadSummary(statement, query.ConversationId) : null;
    }

    private static List<ConversationMessage> Messages(SqliteStatement statement, string conversationId)
    {
        var messages = new List<ConversationMessage>();
        while (statement.Step())
        {
            var message = SqliteRows.ReadMessage(statement, conversationId, SqliteRows.ReadMessageTokens(statement));
            messages.Add(SqliteRows.ReadMessageSupersededBy(statement) is { } by ? message with { SupersededBy = by } : message);
        }

        return messages;
    }
}

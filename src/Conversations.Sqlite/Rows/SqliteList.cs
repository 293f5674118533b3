namespace Conversations.Storage;

/// <summary>Lists conversations. Each audience's are read in order from the index and stop at the limit; several audiences' are merged here,
/// since SQLite would sort all there are.</summary>
internal static class SqliteList
{
    public static IReadOnlyList<Conversation> Read(SqliteSession session, ConversationListing query)
    {
        if (query.Access.Audiences is not { } audiences)
            return Read(session, query, audience: null);

        var rows = new List<Conversation>();
        foreach (var audience in audiences.Distinct(StringComparer.Ordinal))
            rows.AddRange(Read(session, query, audience));
        if (audiences.Count > 1)
        {
            rows.Sort(NewestFirst);
            if (rows.Count > query.Limit)
                rows.RemoveRange(query.Limit, rows.Count - query.Limit);
        }

        return rows;
    }

    private static List<Conversation> Read(SqliteSession session, ConversationListing query, string? audience)
    {
        using var statement = session.Use(audience is null ? SqliteStatements.ListByProject : SqliteStatements.ListByAudience);
        var (before, beforeId) = Start(query);
        statement.Bind(1, before);
        statement.Bind(2, beforeId);
        statement.Bind(3, query.ActiveFrom?.UtcTicks ?? 0);
        statement.Bind(4, (long?)query.Status);
        statement.Bind(5, query.Agent);
        statement.Bind(6, query.UserId);
        statement.Bind(7, query.Channel);
        statement.Bind(8, query.Thread);
        statement.Bind(9, query.Limit);
        statement.Bind(10, query.Access.Project);
        if (audience is not null)
            statement.Bind(11, audience);

        var rows = new List<Conversation>();
        while (statement.Step())
            rows.Add(SqliteRows.ReadConversation(statement));
        return rows;
    }

    /// <summary>The place that the list comes after, by <see cref="ConversationListing.After"/> and <see cref="ConversationListing.ActiveBefore"/>,
    /// whichever is further on: an index has room for one bound.</summary>
    private static (long LastActivityAt, string Id) Start(ConversationListing query)
    {
        // No id comes before the empty one, so it stands before all that is as old.
        var start = (query.ActiveBefore?.UtcTicks ?? long.MaxValue, "");
        return query.After is { } after && after.LastActivityAt.UtcTicks < start.Item1
            ? (after.LastActivityAt.UtcTicks, after.ConversationId)
            : start;
    }

    private static int NewestFirst(Conversation left, Conversation right)
    {
        var order = right.LastActivityAt.CompareTo(left.LastActivityAt);
        return order != 0 ? order : string.CompareOrdinal(right.Id, left.Id);
    }
}

namespace Conversations.Storage;

/// <summary>Lists conversations. Those of each audience are read in order from the index, up to the limit; those of several audiences are merged here,
/// because SQLite would sort all of them.</summary>
internal static class SqliteList
{
    private const long NoLimit = -1;

    public static IReadOnlyList<Conversation> Read(SqliteSession session, ConversationListing listing)
    {
        if (listing.Access.Audiences is not { } audiences)
            return Read(session, listing, audience: null);

        var rows = new List<Conversation>();
        foreach (var audience in audiences.Distinct(StringComparer.Ordinal))
            rows.AddRange(Read(session, listing, audience));
        if (audiences.Count > 1)
        {
            rows.Sort(NewestFirst);
            if (rows.Count > listing.Limit)
                rows.RemoveRange(listing.Limit, rows.Count - listing.Limit);
        }

        return rows;
    }

    private static List<Conversation> Read(SqliteSession session, ConversationListing listing, string? audience)
    {
        using var statement = session.Use(
            audience is not null ? SqliteStatements.ListByAudience
            : listing.Query.LastRunStatus == RunStatus.RequiresAction ? SqliteStatements.ListWaiting
            : SqliteStatements.ListByProject);
        var (before, beforeId) = Start(listing);
        statement.Bind(1, before);
        statement.Bind(2, beforeId);
        statement.Bind(3, listing.Query.ActiveFrom?.UtcTicks ?? 0);
        statement.Bind(4, (long?)listing.Query.Status);
        statement.Bind(5, listing.Query.Agent);
        statement.Bind(6, listing.Query.UserId);
        statement.Bind(7, listing.Query.Channel);
        statement.Bind(8, listing.Query.Thread);
        // Metadata are compared here, by the same rule as everywhere, so that SQLite reads on until there are enough.
        statement.Bind(9, listing.Query.Metadata is null ? listing.Limit : NoLimit);
        statement.Bind(10, listing.Access.Project);
        if (audience is not null)
            statement.Bind(11, audience);
        statement.Bind(12, (long?)listing.Query.LastRunStatus);

        var rows = new List<Conversation>();
        while (rows.Count < listing.Limit && statement.Step())
        {
            if (listing.MatchesMetadata(ConversationRow.Metadata(statement)))
                rows.Add(ConversationRow.ReadConversation(statement, ScopeFields.Read(statement, ConversationRow.AfterConversation)));
        }

        return rows;
    }

    /// <summary>Gets the place after which the list begins: <see cref="ConversationListing.After"/> or <see cref="ConversationQuery.ActiveBefore"/>,
    /// the one that is further on, because an index search takes one bound.</summary>
    private static (long LastActivityAt, string Id) Start(ConversationListing listing)
    {
        // No id precedes the empty one, so every conversation of the same time is excluded.
        var start = (listing.Query.ActiveBefore?.UtcTicks ?? long.MaxValue, "");
        return listing.After is { } after && after.LastActivityAt.UtcTicks < start.Item1
            ? (after.LastActivityAt.UtcTicks, after.ConversationId)
            : start;
    }

    private static int NewestFirst(Conversation left, Conversation right)
    {
        var order = right.LastActivityAt.CompareTo(left.LastActivityAt);
        return order != 0 ? order : string.CompareOrdinal(right.Id, left.Id);
    }
}

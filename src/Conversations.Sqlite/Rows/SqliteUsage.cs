namespace Conversations.Storage;

/// <summary>Adds up what runs used. Here rather than in SQL: SQLite would add costs as binary fractions.</summary>
internal static class SqliteUsage
{
    public static IReadOnlyList<UsageSum> Sum(SqliteSession session, (UsageSumQuery Query, CancellationToken CancellationToken) asked)
    {
        var query = asked.Query;
        using var statement = session.Use(query.ConversationId is null ? SqliteStatements.SumUsage : SqliteStatements.SumUsageOfConversation);
        statement.BindAccess(query.ConversationId, query.Access);
        statement.Bind(6, query.StartedFrom?.UtcTicks ?? 0);
        statement.Bind(7, query.StartedBefore?.UtcTicks ?? long.MaxValue);
        statement.Bind(8, query.Agent);

        var sums = new UsageSums(query.Keys);
        while (statement.Step())
        {
            asked.CancellationToken.ThrowIfCancellationRequested();
            sums.Add(statement.Text(1), ReadRun(statement));
        }

        return sums.Rows;
    }

    /// <summary>Reads of a run what is added up, and by what it is grouped.</summary>
    private static ConversationRun ReadRun(SqliteStatement row) => new()
    {
        ConversationId = row.Text(0),
        Number = row.Int64(2),
        Caller = row.Text(3) is { Length: > 0 } caller ? caller : null,
        StartedAt = SqliteRows.Time(row.Int64(4)),
        Usage = SqliteRows.ReadUsage(row, 5),
        Cost = SqliteRows.OptionalDecimal(row.OptionalText(8)),
        PromptTokens = row.OptionalInt64(9),
        HistoryTokens = row.OptionalInt64(10),
    };
}

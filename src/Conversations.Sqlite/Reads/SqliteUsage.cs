namespace Conversations.Storage;

/// <summary>Adds up the usage of runs, in .NET because SQLite would add costs as binary fractions.</summary>
internal static class SqliteUsage
{
    public static IReadOnlyList<UsageSum> Sum(SqliteSession session, (ConversationAccess Access, UsageQuery Query, CancellationToken CancellationToken) asked)
    {
        var query = asked.Query;
        using var statement = session.Use(query.ConversationId is null ? SqliteStatements.SumUsage : SqliteStatements.SumUsageOfConversation);
        statement.BindAccess(query.ConversationId, asked.Access);
        statement.Bind(6, query.StartedFrom?.UtcTicks ?? 0);
        statement.Bind(7, query.StartedBefore?.UtcTicks ?? long.MaxValue);
        statement.Bind(8, query.Agent);

        var sums = new UsageSums(query);
        while (statement.Step())
        {
            asked.CancellationToken.ThrowIfCancellationRequested();
            sums.Add(statement.Text(1), ReadRun(statement));
        }

        return sums.Rows;
    }

    /// <summary>Reads the values to add up, and the values by which they are grouped.</summary>
    private static ConversationRun ReadRun(SqliteStatement row) => new()
    {
        ConversationId = row.Text(0),
        Number = 0,
        Caller = row.OptionalText(2),
        StartedAt = RowValues.Time(row.Int64(3)),
        Usage = RowValues.OptionalUsage(row, 4, 11),
        Cost = RowValues.OptionalDecimal(row.OptionalText(7)),
        PromptTokens = row.OptionalInt64(8),
        HistoryTokens = row.OptionalInt64(9),
        Kind = RowValues.Defined((RunKind)row.Int64(10)),
        Model = row.OptionalText(13),
        UsageByModel = UsageByModelText.Read(row.OptionalText(14)),
    };
}

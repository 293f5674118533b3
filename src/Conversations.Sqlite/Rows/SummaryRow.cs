namespace Conversations.Storage;

/// <summary>Reads and writes rows of summaries.</summary>
internal static class SummaryRow
{
    public static ConversationSummary Read(SqliteStatement row, string conversationId) => new()
    {
        ConversationId = conversationId,
        Through = row.Int64(0),
        MessageCount = row.Int64(1),
        CreatedAt = RowValues.Time(row.Int64(2)),
        Tokens = RowValues.OptionalTokens(row, 3),
        Text = row.Text(5),
    };

    public static void Write(SqliteSession session, long conversation, ConversationSummary summary)
    {
        using var row = session.Use(SqliteStatements.WriteSummary);
        row.Bind(1, RowValues.Key(conversation, summary.Through));
        row.Bind(2, summary.MessageCount);
        row.Bind(3, summary.CreatedAt.UtcTicks);
        row.Bind(4, summary.Tokens?.Count);
        row.Bind(5, summary.Tokens?.Counter);
        row.Bind(6, summary.Text);
        row.Run();
    }

    /// <summary>Removes the summaries that end at a position or later [11.2].</summary>
    public static void DropFrom(SqliteSession session, long conversation, long position)
    {
        using var drop = session.Use(SqliteStatements.DropSummaries);
        drop.Bind(1, conversation);
        drop.Bind(2, RowValues.Bound(position));
        drop.Run();
    }
}

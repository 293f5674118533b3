namespace Conversations.Storage;

/// <summary>What becomes of summaries when something that they cover changes, within a write.</summary>
internal static class SummaryRow
{
    /// <summary>Drops those that cover a position or what stands after it [18.3, 19.6].</summary>
    public static void DropFrom(SqliteSession session, long conversation, long position)
    {
        using var drop = session.Use(SqliteStatements.DeleteSummariesThatCover);
        drop.Bind(1, conversation);
        drop.Bind(2, position);
        drop.Run();
    }
}

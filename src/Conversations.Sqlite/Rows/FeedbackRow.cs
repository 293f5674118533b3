namespace Conversations.Storage;

/// <summary>Reads and writes rows of feedback.</summary>
internal static class FeedbackRow
{
    /// <summary>Applies a change to the feedback on a message of a conversation, by its key.</summary>
    public static void Apply(SqliteSession session, long conversation, FeedbackChange change)
    {
        if (!RowValues.IsNumber(change.Position))
            return;

        using var statement = session.Use(change.Feedback is null ? SqliteStatements.RemoveFeedback : SqliteStatements.WriteFeedback);
        statement.Bind(1, conversation);
        statement.Bind(2, change.Position);
        statement.Bind(3, change.Caller);
        if (change.Feedback is { } feedback)
        {
            statement.Bind(4, feedback.Rating);
            statement.Bind(5, feedback.Comment);
            statement.Bind(6, feedback.GivenAt.UtcTicks);
        }

        statement.Run();
    }

    /// <summary>Deletes the feedback on a message.</summary>
    public static void DeleteOf(SqliteSession session, long conversation, long position)
    {
        using var delete = session.Use(SqliteStatements.DeleteFeedbackOfMessage);
        delete.Bind(1, conversation);
        delete.Bind(2, position);
        delete.Run();
    }

    /// <summary>Reads feedback, newest first [16.2].</summary>
    public static IReadOnlyList<MessageFeedback> Read(SqliteSession session, FeedbackRange range)
    {
        using var read = session.Use(range.ConversationId is null ? SqliteStatements.ReadFeedback : SqliteStatements.ReadFeedbackOfConversation);
        read.BindAccess(range.ConversationId, range.Access);
        BindPlace(read, range);
        read.Bind(10, range.GivenFrom?.UtcTicks ?? 0);
        read.Bind(11, range.Position);
        read.Bind(12, range.Caller);
        read.Bind(13, range.Agent);
        read.Bind(14, range.Limit);

        var rows = new List<MessageFeedback>(Math.Min(range.Limit, 16));
        while (read.Step())
            rows.Add(Read(read));
        return rows;
    }

    /// <summary>Binds the place after which the page begins, or the time before which it does, whichever is further on: an index search takes one bound.</summary>
    private static void BindPlace(SqliteStatement read, FeedbackRange range)
    {
        var before = range.GivenBefore?.UtcTicks ?? long.MaxValue;
        var after = range.After is { } place && place.GivenAt.UtcTicks < before ? place : null;

        // No id precedes the empty one, so everything of the same time is excluded.
        read.Bind(6, after?.GivenAt.UtcTicks ?? before);
        read.Bind(7, after?.ConversationId ?? "");
        read.Bind(8, after?.Position ?? 0);
        read.Bind(9, after?.Caller ?? "");
    }

    private static MessageFeedback Read(SqliteStatement row) => new()
    {
        ConversationId = row.Text(0),
        Position = row.Int64(1),
        Caller = row.Text(2) is { Length: > 0 } caller ? caller : null,
        Rating = (int)row.Int64(3),
        Comment = row.OptionalText(4),
        GivenAt = RowValues.Time(row.Int64(5)),
    };
}

namespace Conversations.Storage;

/// <content>Feedback on messages.</content>
internal static partial class SqliteStatements
{
    public const string WriteFeedback = """
        INSERT OR REPLACE INTO feedback (conversation, position, caller, project, id, rating, comment, given_at)
        SELECT c.key, ?2, ?3, c.project, c.id, ?4, ?5, ?6 FROM conversations c WHERE c.key = ?1
        """;

    public const string RemoveFeedback = "DELETE FROM feedback WHERE conversation = ?1 AND position = ?2 AND caller = ?3";

    public const string DeleteFeedbackOfMessage = "DELETE FROM feedback WHERE conversation = ?1 AND position = ?2";

    // The columns that FeedbackRow.Read reads. ?2 to ?5 are the caller's access. A conversation that was deleted has no row, even if its feedback is not removed yet: see Removal.
    private const string SelectFeedback = "SELECT f.id, f.position, f.caller, f.rating, f.comment, f.given_at FROM feedback f ";

    private const string FeedbackInReach = """
        CROSS JOIN conversations c ON c.key = f.conversation CROSS JOIN scopes s ON s.key = c.scope
        WHERE (?3 OR c.audience = ?4 OR c.audience IN (SELECT value FROM json_each(?5)))
        """;

    private const string FeedbackFilters = """
         AND f.given_at >= ?10 AND (?11 IS NULL OR f.position = ?11) AND (?12 IS NULL OR f.caller = ?12) AND (?13 IS NULL OR s.agent = ?13)
        """;

    public const string ReadFeedback =
        SelectFeedback + "INDEXED BY feedback_by_project " + FeedbackInReach + " AND f.project = ?2 AND (f.given_at, f.id, f.position, f.caller) < (?6, ?7, ?8, ?9)" + FeedbackFilters
        + " ORDER BY f.given_at DESC, f.id DESC, f.position DESC, f.caller DESC LIMIT ?14 + 0";

    // Of a conversation (?1).
    public const string ReadFeedbackOfConversation =
        SelectFeedback + "INDEXED BY feedback_by_conversation " + FeedbackInReach + " AND f.conversation = (SELECT o.key FROM conversations o WHERE o.id = ?1 AND o.project = ?2) AND (f.given_at, f.id, f.position, f.caller) < (?6, ?7, ?8, ?9)" + FeedbackFilters
        + " ORDER BY f.given_at DESC, f.id DESC, f.position DESC, f.caller DESC LIMIT ?14 + 0";
}

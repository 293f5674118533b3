namespace Conversations.Storage;

/// <summary>The columns of a conversation's scope.</summary>
internal readonly record struct ScopeFields(string SessionId, string Project, string Agent, string? Channel, string? UserId, string? Thread)
{
    public static ScopeFields Of(ConversationScope scope) =>
        new(scope.SessionId, scope.Project, scope.Agent, scope.Channel, scope.Owner.Identity?.UserId, scope.Owner.Thread);

    public static ScopeFields Of(Conversation conversation) =>
        new(conversation.SessionId, conversation.Project, conversation.Agent, conversation.Channel, conversation.UserId, conversation.Thread);

    /// <summary>Reads the fields from the given column on.</summary>
    public static ScopeFields Read(SqliteStatement row, int first) =>
        new(row.Text(first), row.Text(first + 1), row.Text(first + 2), row.OptionalText(first + 3), row.OptionalText(first + 4), row.OptionalText(first + 5));
}

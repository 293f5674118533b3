namespace Conversations.Storage;

/// <summary>Creates a conversation with messages of the past, and moves its scope's pointer as the rule says [5.3].</summary>
internal sealed class CreateConversationWrite(CreateConversationCommand command) : ISqliteWrite<Conversation>
{
    private readonly MessageRow[] _messages = MessageRow.From(command.Messages);

    public Written<Conversation> Run(SqliteSession session, long now)
    {
        var (scope, current) = ScopeRow.FindOrCreate(session, command.Scope);
        var key = ScopeRow.CreateConversation(
            session, command.Scope, scope, command.ConversationId, command.Title, _messages, command.CreatedAt?.UtcTicks ?? now, now, command.ForkedFrom);
        MessageRow.Insert(session, _messages, key, firstPosition: 1, run: null);
        if (command.Current == CurrentConversationRule.End && current is { } old)
            End(session, old, now);

        var point = command.Current == CurrentConversationRule.Keep ? SqliteStatements.SetCurrentUnlessActive : SqliteStatements.SetCurrent;
        ScopeRow.Point(session, point, scope, key);
        return Written.Keep(SqliteReads.ByKey(session, key));
    }

    private static void End(SqliteSession session, long conversation, long now)
    {
        using var end = session.Use(SqliteStatements.EndConversation);
        end.Bind(1, conversation);
        end.Bind(2, now);
        end.Run();
    }
}

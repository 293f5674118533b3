namespace Conversations.Storage;

/// <summary>Saves a summary, if what it was made from is still what stands there: one statement looks and saves [18.2].</summary>
internal sealed class SaveSummaryWrite(SaveSummaryCommand command) : ISqliteWrite<bool>
{
    public Written<bool> Run(SqliteSession session, long now)
    {
        // A position beyond 32 bits would be one of another conversation.
        if (command.Base < 0 || command.Through > uint.MaxValue)
            return Written.Nothing(false);

        using var save = session.Use(SqliteStatements.SaveSummary);
        save.BindAccess(command.ConversationId, command.Access);
        save.Bind(6, command.Through);
        save.Bind(7, command.Base);
        save.Bind(8, command.MessageCount);
        save.Bind(9, now);
        save.Bind(10, command.Tokens?.Count);
        save.Bind(11, command.Tokens?.Counter);
        save.Bind(12, command.Text);
        save.Bind(13, command.BaseMessageCount);
        save.Bind(14, command.SupersededCount);
        save.Bind(15, command.LastSupersededBy);
        return save.Run() > 0 ? Written.Keep(true) : Written.Nothing(false);
    }
}

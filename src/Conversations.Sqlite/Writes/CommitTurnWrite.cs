using System.Globalization;

namespace Conversations.Storage;

/// <summary>Ends a turn: the fence is checked and the lease released by the statement that moves the counters [4.4, 4.6].</summary>
internal sealed class CommitTurnWrite(CommitTurnCommand command) : ISqliteWrite<bool>
{
    private readonly MessageRow[] _messages = MessageRow.From(command.Messages);
    private readonly MessageRecount[] _recounts = [.. command.Recounts];

    public Written<bool> Run(SqliteSession session, long now)
    {
        if (Release(session, now) is not var (conversation, position))
            return Written.Nothing(false);

        foreach (var recount in _recounts)
            Recount(session, conversation, recount);
        long? supersededFrom = command.SupersedeFrom is { } from ? Superseding.Supersede(session, conversation, from, position, command.Lease.Fence) : null;
        if (command.Restore is { } run)
            Superseding.Restore(session, conversation, run);
        MessageRow.Insert(session, _messages, conversation, position, command.Lease.Fence, command.AreSuperseded ? command.Lease.Fence : null);
        CloseRun(session, position, supersededFrom, now);
        return Written.Keep(true);
    }

    private (long Conversation, long FirstPosition)? Release(SqliteSession session, long now)
    {
        using var release = session.Use(SqliteStatements.ReleaseLease);
        release.Bind(1, command.Lease.ConversationId);
        release.Bind(2, command.Lease.Fence);
        release.Bind(3, _messages.Length);
        release.Bind(4, now);
        if (_messages.Length > 0)
            release.Bind(5, _messages[^1].CreatedAt);
        if (!release.Step())
            return null;

        var row = (release.Int64(0), release.Int64(1));
        release.Run();
        return row;
    }

    private static void Recount(SqliteSession session, long conversation, MessageRecount recount)
    {
        // A position beyond 32 bits would be one of another conversation.
        if (recount.Position is < 1 or > uint.MaxValue)
            return;

        using var statement = session.Use(SqliteStatements.Recount);
        statement.Bind(1, conversation);
        statement.Bind(2, recount.Position);
        statement.Bind(3, recount.Tokens.Count);
        statement.Bind(4, recount.Tokens.Counter);
        statement.Run();
    }

    private void CloseRun(SqliteSession session, long firstPosition, long? supersededFrom, long now)
    {
        using var close = session.Use(SqliteStatements.CloseRun);
        close.Bind(1, command.Lease.Fence);
        close.Bind(2, (long)command.Status);
        close.Bind(3, command.Model);
        close.Bind(4, command.Usage?.InputTokens);
        close.Bind(5, command.Usage?.OutputTokens);
        close.Bind(6, command.Usage?.CachedInputTokens);
        close.Bind(7, command.Error);
        close.Bind(8, _messages.Length > 0 ? firstPosition : 0);
        close.Bind(9, _messages.Length);
        close.Bind(10, now);
        close.Bind(11, command.Cost?.ToString(CultureInfo.InvariantCulture));
        close.Bind(12, command.PromptTokens);
        close.Bind(13, command.HistoryTokens);
        close.Bind(14, supersededFrom);
        close.Bind(15, command.FinishReason);
        close.Run();
    }
}

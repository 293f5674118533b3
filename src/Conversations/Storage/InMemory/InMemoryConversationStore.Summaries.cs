using Conversations.Storage;

namespace Conversations;

/// <content>Summaries, beside the messages that they cover.</content>
public sealed partial class InMemoryConversationStore : IConversationSummaryStore
{
    /// <inheritdoc/>
    public ValueTask<ConversationSummary?> GetSummaryAsync(string conversationId, ConversationAccess access, long before, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversationId);
        ArgumentNullException.ThrowIfNull(access);
        return RunAsync((conversationId, access, before), static (store, asked, _) => store.GetSummary(asked.conversationId, asked.access, asked.before), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return RunAsync(command, static (store, command, token) => store.SaveSummary(command, token), cancellationToken);
    }

    private ConversationSummary? GetSummary(string conversationId, ConversationAccess access, long before)
    {
        if (_table.Find(conversationId, access) is not { } entry)
            return null;

        lock (entry.Scope.Gate)
            return entry.Summaries.NewestBefore(before);
    }

    private bool SaveSummary(SaveSummaryCommand command, CancellationToken cancellationToken)
    {
        if (_table.Find(command.ConversationId, command.Access) is not { } entry)
            return false;

        using (Enter(entry.Scope, cancellationToken))
            return entry.Save(command, Now);
    }
}

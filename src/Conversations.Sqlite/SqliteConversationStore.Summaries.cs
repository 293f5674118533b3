using Conversations.Storage;

namespace Conversations;

/// <content>Summaries, beside the messages that they cover.</content>
public sealed partial class SqliteConversationStore : IConversationSummaryStore
{
    /// <inheritdoc/>
    public ValueTask<ConversationSummary?> GetSummaryAsync(string conversationId, ConversationAccess access, long before, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversationId);
        ArgumentNullException.ThrowIfNull(access);
        return ReadAsync(SqliteReads.Summary, (conversationId, access, before), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return _writer.WriteAsync(new SaveSummaryWrite(command), SqliteDurability.Full, cancellationToken);
    }
}

using Conversations.Storage;

namespace Conversations;

/// <content>Streams: what a run adds, saved while it is running.</content>
public sealed partial class SqliteConversationStore : IConversationStreamStore
{
    private readonly StreamSweep _streamSweep = new();

    /// <inheritdoc/>
    public ValueTask<bool> AppendSegmentsAsync(AppendSegmentsCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return _writer.WriteAsync(new AppendSegmentsWrite(command, _streamSweep), SqliteDurability.Process, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<StreamRead?> ReadStreamAsync(StreamQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return ReadAsync(SqliteReads.Stream, (query, _timeProvider), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> InterruptRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversationId);
        ArgumentNullException.ThrowIfNull(access);
        return _writer.WriteAsync(new InterruptRunWrite(conversationId, number, access), SqliteDurability.Process, cancellationToken);
    }
}

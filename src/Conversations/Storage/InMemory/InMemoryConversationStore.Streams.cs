using Conversations.Storage;

namespace Conversations;

/// <content>Streams: what a run adds, saved while it is running.</content>
public sealed partial class InMemoryConversationStore : IConversationStreamStore
{
    /// <inheritdoc/>
    public ValueTask<bool> AppendSegmentsAsync(AppendSegmentsCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return RunAsync(command, static (store, command, token) => store.AppendSegments(command, token), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<StreamRead?> ReadStreamAsync(StreamQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return RunAsync(query, static (store, query, _) => store.ReadStream(query), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> InterruptRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversationId);
        ArgumentNullException.ThrowIfNull(access);
        return RunAsync((conversationId, number, access), static (store, asked, token) => store.InterruptRun(asked.conversationId, asked.number, asked.access, token), cancellationToken);
    }

    private bool AppendSegments(AppendSegmentsCommand command, CancellationToken cancellationToken)
    {
        if (_table.Find(command.Lease.ConversationId) is not { } entry)
            return false;

        using (Enter(entry.Scope, cancellationToken))
        {
            if (!entry.Holds(command.Lease))
                return false;

            _table.Streams.FindOrAdd(command.Lease.Fence, Now).Append(command);
            return true;
        }
    }

    private StreamRead? ReadStream(StreamQuery query)
    {
        if (_table.Find(query.ConversationId, query.Access) is not { } entry)
            return null;

        lock (entry.Scope.Gate)
        {
            if (entry.IsDeleted || entry.FindRun(query.RunNumber) is not { } run)
                return null;

            var now = Now;
            var segments = _table.Streams.Find(run.Number) is { } stream && !stream.IsOver(now) ? stream.Read(query.From, query.Limit) : [];
            return new StreamRead(run.AsShown(), run.Status == RunStatus.Running && entry.LockedAt(now) is null, segments);
        }
    }

    private bool InterruptRun(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken)
    {
        if (_table.Find(conversationId, access) is not { } entry)
            return false;

        using (Enter(entry.Scope, cancellationToken))
        {
            var now = Now;
            if (entry.IsDeleted || entry.Lease?.Fence != number || entry.LockedAt(now) is not null)
                return false;

            entry.InterruptHolder(now);
            return true;
        }
    }
}

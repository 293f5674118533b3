namespace Conversations.Storage;

/// <summary>Writes batches that create long conversations: the messages in parts, so that other writes come in between, and then the batch itself.
/// Without the row of the conversation, which the batch writes, nothing of it can be read.</summary>
/// <remarks>If the batch is not applied, or the process dies before, the messages are removed: see <see cref="Removal"/>. One conversation at a time is written,
/// so that others wait for one part at most. Thread-safe.</remarks>
internal sealed class LongWrite(SqliteWriter writer)
{
    // Never disposed, because late calls still use it. It creates no wait handle.
    private readonly SemaphoreSlim _one = new(1, 1);

    public async ValueTask<bool> RunAsync(BatchWrite batch, ConversationUpdate created, SqliteDurability durability, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        var isApplied = false;
        try
        {
            foreach (var part in created.Parts())
            {
                // A later write waits for the disk, also for these.
                if (await writer.WriteAsync(new WriteAhead(writer, created.Key, part), SqliteDurability.Process, cancellationToken).ConfigureAwait(false) is not { } key)
                    return false;

                // The caller's thread is not held for all parts.
                created.Key = key;
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            }

            return isApplied = await writer.WriteAsync(batch, durability, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Giving up is not awaited: it can wait for another process, and the caller needs nothing of it.
            if (isApplied || created.Key is not { } key)
                writer.Reservation = 0;
            else
                _ = GiveUpAsync(key);
            _one.Release();
        }
    }

    private async Task GiveUpAsync(long key)
    {
        try
        {
            await writer.WriteAsync(new GiveUpWrite(key), SqliteDurability.Process, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ConversationStoreException or ObjectDisposedException)
        {
            // The caller gets the failure of the batch. The messages are removed when the store is closed, or when the reservation has ended.
        }
    }

    /// <summary>Inserts some messages of a conversation that does not exist yet. The result is its key; null if a position is taken, or the reservation has ended.</summary>
    private sealed class WriteAhead(SqliteWriter writer, long? key, ArraySegment<MessageRow> messages) : ISqliteWrite<long?>
    {
        public long Size => WriteShare.Bytes;

        public Written<long?> Run(SqliteSession session, long now)
        {
            if (key is { } reserved && !Removal.TryKeep(session, reserved, now))
                return Written.Nothing<long?>(null);

            var conversation = key ?? Removal.Reserve(session, now);
            foreach (var message in messages)
            {
                if (!message.TryInsert(session, conversation))
                    return Written.Nothing<long?>(null);
            }

            writer.Reservation = conversation;
            return Written.Keep<long?>(conversation);
        }
    }
}

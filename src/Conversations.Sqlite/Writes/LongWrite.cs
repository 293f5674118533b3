namespace Conversations.Storage;

/// <summary>Writes a batch that creates a long conversation: its messages in parts, so that other writes come in between, and then the batch itself.
/// Without the row of the conversation, which the batch writes, nothing of it can be read.</summary>
/// <remarks>If the batch is not applied, or the process dies before, the messages are removed: see <see cref="Removal"/>.</remarks>
internal static class LongWrite
{
    public static async ValueTask<bool> RunAsync(SqliteWriter writer, BatchWrite batch, ConversationUpdate created, SqliteDurability durability, CancellationToken cancellationToken)
    {
        var isApplied = false;
        try
        {
            foreach (var part in created.Parts())
            {
                // A later write waits for the disk, also for these.
                if (await writer.WriteAsync(new WriteAhead(created.Key, part), SqliteDurability.Process, cancellationToken).ConfigureAwait(false) is not { } key)
                    return false;
                created.Key = key;
            }

            return isApplied = await writer.WriteAsync(batch, durability, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!isApplied && created.Key is { } key)
                await GiveUpAsync(writer, key).ConfigureAwait(false);
        }
    }

    private static async ValueTask GiveUpAsync(SqliteWriter writer, long key)
    {
        try
        {
            await writer.WriteAsync(new GiveUpWrite(key), SqliteDurability.Process, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ConversationStoreException or ObjectDisposedException)
        {
            // The caller gets the failure of the batch. The messages are removed later.
        }
    }

    /// <summary>Inserts some messages of a conversation that does not exist yet. The result is its key; null if a position is taken, or earlier messages have been removed.</summary>
    private sealed class WriteAhead(long? key, ArraySegment<MessageRow> messages) : ISqliteWrite<long?>
    {
        // How long the next part can take, before the messages count as left behind by a process that has died.
        private const long Patience = 10 * TimeSpan.TicksPerMinute;

        public long Size => WriteShare.Bytes;

        public Written<long?> Run(SqliteSession session, long now)
        {
            var conversation = key ?? Reserve(session, now + Patience);
            if (key is not null && !Removal.TryPostpone(session, conversation, now + Patience))
                return Written.Nothing<long?>(null);

            foreach (var message in messages)
            {
                if (!message.TryInsert(session, conversation))
                    return Written.Nothing<long?>(null);
            }

            return Written.Keep<long?>(conversation);
        }

        private static long Reserve(SqliteSession session, long due)
        {
            var key = session.ReadNumber(SqliteStatements.ReserveKey);
            if (key == 0)
                key = session.ReadNumber(SqliteStatements.ReserveFirstKey);
            Removal.Add(session, key, scope: 0, due);
            return key;
        }
    }

    /// <summary>Lets the messages of a conversation that was not created be removed.</summary>
    private sealed class GiveUpWrite(long key) : ISqliteWrite<bool>
    {
        public bool Deletes => true;

        public Written<bool> Run(SqliteSession session, long now) => Removal.TryPostpone(session, key, due: 0) ? Written.Keep(true) : Written.Nothing(false);
    }
}

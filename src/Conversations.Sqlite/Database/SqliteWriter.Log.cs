using Microsoft.Data.Sqlite;

namespace Conversations.Storage;

/// <content>The write-ahead log: it is emptied after a deletion, and before it grows too long.</content>
internal sealed partial class SqliteWriter
{
    // SQLite itself restarts the log at 4 MB, unless reads are in the way. With what is written until the log is emptied, it stays below 32 MB.
    private const long LongLog = 8 * 1024 * 1024;

    // How long reads that are called can be held up by those that are running.
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    private readonly Erasure _erasure;

    // How long no pause follows one after which the log was not empty, so that reads are not held up again and again.
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromSeconds(2);

    // The deleted conversations of which damaged rows are left. Used only by the erasure.
    private IReadOnlyCollection<long> _damaged = [];
    private bool _isPausing;
    private long? _failedAt;

    // Asks the thread that holds the connection to empty the log before the next write.
    private TaskCompletionSource<bool>? _emptying;

    // It has been tried to give the free pages back, so the log is emptied for the erasure too.
    private bool _isErasing;

    /// <summary>Gets whether the log has what was deleted.</summary>
    public bool IsErasureNeeded => _erasure.IsNeeded;

    /// <summary>Gets or sets the key that is reserved for the conversation that is being written in parts; 0 if there is none. When the store is closed, the parts are removed.</summary>
    public long Reservation
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    /// <summary>Records that something is about to be deleted, or may have been. The caller has the connection.</summary>
    private void NoteDeletion(bool deletes)
    {
        if (!deletes || _transactions!.IsReadOnly)
            return;

        lock (_gate)
        {
            _erasure.Need();
            _erasure.Schedule();
        }
    }

    /// <summary>Begins to empty the log if it has grown too long. The caller has the connection.</summary>
    private void WatchLog()
    {
        if (_transactions is { IsReadOnly: false } transactions && transactions.HasLogOver(LongLog))
            ThreadPool.UnsafeQueueUserWorkItem(static writer => _ = writer.ShortenLogAsync(), this, preferLocal: false);
    }

    /// <summary>Empties the log because it has grown too long, unless that has just failed.</summary>
    /// <returns><see langword="false"/> if it was not emptied.</returns>
    public Task<bool> ShortenLogAsync()
    {
        lock (_gate)
        {
            if (_failedAt is { } failedAt && _timeProvider.GetElapsedTime(failedAt) < RestAfterFailure)
                return Task.FromResult(false);
        }

        return EmptyLogAsync();
    }

    /// <summary>Removes what is left of deleted conversations. Then, when nothing is being written, it gives free pages back and empties the log.</summary>
    private void Erase() => _ = EraseAsync();

    /// <inheritdoc cref="Erase"/>
    internal async Task EraseAsync()
    {
        var (isRemoved, parts) = await RemoveAsync().ConfigureAwait(false);
        lock (_gate)
        {
            _erasure.Begin();

            // An erasure that was running when the conversation was deleted may have ended before its rows were removed.
            if (parts > 0)
                _erasure.Need();

            // When writes are done, it is scheduled again; and it is while an erasure writes.
            if (_isDraining || !_erasure.IsNeeded)
                return;
        }

        // If that fails, such as on a full disk, emptying the log may make room for it.
        var isGivenBack = await GiveBackAsync().ConfigureAwait(false);
        lock (_gate)
            _isErasing = true;
        await EmptyLogAsync().ConfigureAwait(false);

        lock (_gate)
        {
            _isErasing = false;
            if (!isRemoved || !isGivenBack)
                _erasure.Retry();
            if (!_isDraining && _closing is null)
                _erasure.Schedule();
        }
    }

    /// <summary>Empties the log. The caller has the connection.</summary>
    private bool TryEmptyLog()
    {
        bool isNeeded;
        lock (_gate)
        {
            isNeeded = _isErasing && _erasure.IsNeeded;
            if (isNeeded)
                _erasure.End();
        }

        var isEmpty = _transactions!.TryEmptyLog();
        if (isNeeded && !isEmpty)
        {
            lock (_gate)
                _erasure.Retry();
        }

        return isEmpty;
    }

    /// <summary>Looks soon, and from time to time, for what processes have left that have died. The caller has the connection.</summary>
    private void WatchRemains()
    {
        if (_transactions!.IsReadOnly)
            return;

        lock (_gate)
            _erasure.Watch(isSoon: true);
    }

    /// <summary>Removes what is left of deleted conversations while the store is being closed, when no write can be queued, and empties the log. The caller has the connection.</summary>
    private void EraseAtEnd(SqliteTransactions transactions)
    {
        var isNeeded = _erasure.IsNeeded;
        try
        {
            if (Reservation is not 0 and var key && transactions.TryBegin(SqliteDurability.Process))
                transactions.Run(new GiveUpWrite(key));
            while (!_graceOfClosing.IsOver && transactions.TryBegin(SqliteDurability.Process) && transactions.Run(new RemoveWrite(_damaged)))
                isNeeded = true;
        }
        catch (Exception exception) when (exception is SqliteException or ConversationStoreException)
        {
            // No caller waits for it. It is removed when the database is opened again.
        }

        if (isNeeded)
            transactions.TryEmptyLog();
    }

    /// <summary>Removes what is left of deleted conversations, a part at a time, between other writes.</summary>
    /// <returns>Whether it did not fail, as it does on a disk that is full, and how many parts were removed.</returns>
    private async Task<(bool IsDone, int Parts)> RemoveAsync()
    {
        for (var parts = 0; ;)
        {
            var part = new RemoveWrite(_damaged);
            try
            {
                if (!await WriteAsync(part, SqliteDurability.Process, CancellationToken.None).ConfigureAwait(false))
                    return (true, parts);
                parts++;
            }
            catch (ConversationStoreException exception) when (string.Equals(exception.Code, ConversationErrorCodes.StoreCorrupt, StringComparison.Ordinal) && part.Conversation != 0)
            {
                // The others are removed all the same.
                SqliteLog.RemainsDamaged(_opener.Logger);
                _damaged = [.. _damaged, part.Conversation];
            }
            catch (Exception exception) when (exception is ConversationStoreException or ObjectDisposedException)
            {
                // No caller waits for it. The next write reports what is wrong, and it is tried again.
                return (false, parts);
            }

            // Many parts at once would make the log long while a read holds it.
            if (_opener.File.LogSize > LongLog && !await EmptyLogAsync().ConfigureAwait(false))
                return (false, parts);
        }
    }

    /// <summary>Makes the file smaller, a little at a time, between other writes.</summary>
    /// <returns><see langword="false"/> if it failed, such as on a disk that is full.</returns>
    private async Task<bool> GiveBackAsync()
    {
        try
        {
            while (await WriteAsync(new ShrinkWrite(), SqliteDurability.Process, CancellationToken.None).ConfigureAwait(false))
            {
            }

            return true;
        }
        catch (Exception exception) when (exception is ConversationStoreException or ObjectDisposedException)
        {
            // No caller waits for it. The next write reports what is wrong, and it is tried again.
            return false;
        }
    }

    /// <summary>Empties the log while none of this store's reads is running.</summary>
    /// <returns><see langword="false"/> if reads or writes that take long, or other processes, are in the way, or another call is doing it.</returns>
    public async Task<bool> EmptyLogAsync()
    {
        lock (_gate)
        {
            if (_isPausing)
                return false;
            _isPausing = true;
        }

        var isEmpty = false;
        try
        {
            isEmpty = await _readers.PauseAsync(EmptyBetweenWritesAsync, LongestPause).ConfigureAwait(false);
            return isEmpty;
        }
        finally
        {
            lock (_gate)
            {
                _isPausing = false;
                _failedAt = isEmpty ? null : _timeProvider.GetTimestamp();
            }
        }
    }

    /// <summary>Empties the log before the next write, unless the time ends before that.</summary>
    private async Task<bool> EmptyBetweenWritesAsync(CancellationToken endOfTime)
    {
        var emptying = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_closing is not null || _transactions is null)
                return false;

            _emptying = emptying;
            if (!_isDraining)
            {
                _isDraining = true;
                ScheduleDrain();
            }
        }

        using (endOfTime.UnsafeRegister(_ => GiveUp(emptying), null))
            return await emptying.Task.ConfigureAwait(false);
    }

    /// <summary>Gives up emptying the log, unless that has begun.</summary>
    private void GiveUp(TaskCompletionSource<bool> emptying)
    {
        lock (_gate)
        {
            if (_emptying != emptying)
                return;
            _emptying = null;
        }

        emptying.SetResult(false);
    }
}

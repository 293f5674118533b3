using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Conversations.Storage;

/// <summary>Writes on one connection: each write in its own transaction, or many in one, each in a savepoint.</summary>
internal sealed class SqliteTransactions(SqliteSession session, DatabaseFile file, TimeProvider timeProvider, ILogger logger) : IDisposable
{
    // 4 MB: a look at the file costs more than the count of pages.
    private const long PagesBetweenLooks = 1024;

    private SqliteDurability? _durability;
    private long _writtenPages;
    private bool _isListenerLogged;

    /// <summary>Gets whether the database cannot be written to.</summary>
    public bool IsReadOnly { get; } = session.IsReadOnly;

    public void Dispose()
    {
        SqliteTelemetry.Close(file);
        session.Dispose();
    }

    /// <summary>Gets whether the log has grown beyond a size. It looks only after much has been written.</summary>
    public bool HasLogOver(long size)
    {
        _writtenPages += session.TakeWrittenPages();
        if (_writtenPages < PagesBetweenLooks)
            return false;

        _writtenPages = 0;
        return file.LogSize > size;
    }

    /// <summary>Reads, outside of any transaction.</summary>
    /// <exception cref="SqliteException">The read failed.</exception>
    public TResult Read<TArgument, TResult>(Func<SqliteSession, TArgument, TResult> read, TArgument argument)
    {
        session.RollBack();
        var result = read(session, argument);
        file.ThrowIfChanged();
        return result;
    }

    /// <summary>Copies the log to the database and empties it, unless others read or write.</summary>
    /// <returns><see langword="false"/> if they do.</returns>
    public bool TryEmptyLog()
    {
        try
        {
            session.RollBack();
            return session.AskNumber("PRAGMA wal_checkpoint(TRUNCATE)") == 0;
        }
        catch (SqliteException)
        {
            // Nothing is lost: the log has what was written, and it is tried again.
            return false;
        }
    }

    /// <summary>Begins a transaction, unless another process has the database locked.</summary>
    /// <returns><see langword="false"/> if it has.</returns>
    /// <exception cref="SqliteException">The transaction cannot begin.</exception>
    /// <exception cref="ConversationStoreException">The file is no longer the one that was opened, or one that this version can use.</exception>
    public bool TryBegin(SqliteDurability durability)
    {
        session.RollBack();
        file.ThrowIfMoved();
        if (_durability != durability)
        {
            // The pragma takes effect when it is prepared, so it is prepared each time.
            session.Execute(durability == SqliteDurability.Full ? "PRAGMA synchronous = FULL"u8 : "PRAGMA synchronous = NORMAL"u8);
            _durability = durability;
        }

        if (!session.TryRun(SqliteStatements.Begin))
            return false;

        try
        {
            SqliteMigrator.CheckUsable(session);
            return true;
        }
        catch
        {
            session.RollBack();
            throw;
        }
    }

    /// <summary>Runs one write in the transaction that has begun, whole or not at all.</summary>
    /// <exception cref="SqliteException">The write failed, and nothing was written.</exception>
    /// <exception cref="ConversationStoreException">The commit failed.</exception>
    public T Run<T>(ISqliteWrite<T> write)
    {
        Written<T> written;
        try
        {
            written = write.Run(session, Now);
            if (!written.Keep)
            {
                session.RollBack();
                return written.Answer;
            }
        }
        catch
        {
            session.RollBack();
            throw;
        }

        Commit(writes: 1);
        return written.Answer;
    }

    /// <summary>Runs writes in the transaction that has begun, which waits for the disk once. Each is applied whole or not at all, and none affects another.</summary>
    /// <returns>False if their transaction failed, so that nothing was written and none was answered: one of them may be the cause, and each must run in a transaction of its own.</returns>
    public bool Run(List<QueuedWrite> writes)
    {
        try
        {
            if (writes is not [var only])
                return RunTogether(writes);
            RunAlone(only);
            return true;
        }
        catch
        {
            // The transaction itself has failed, not one of the writes.
            session.RollBack();
            throw;
        }
    }

    private long Now => timeProvider.GetUtcNow().UtcTicks;

    /// <summary>Runs one write in the transaction that has begun.</summary>
    private void RunAlone(QueuedWrite write)
    {
        try
        {
            if (write.Run(session, Now))
                Commit(writes: 1);
            else
                session.RollBack();
            write.Succeed();
        }
        catch (Exception exception)
        {
            session.RollBack();
            write.Fail(SqliteErrors.TranslateAny(exception));
        }
    }

    /// <summary>Runs all writes in the transaction that has begun.</summary>
    /// <returns>False if nothing of any of them was written, and none was answered.</returns>
    private bool RunTogether(List<QueuedWrite> writes)
    {
        var failures = new Exception?[writes.Count];
        var keepers = 0;
        for (var i = 0; i < writes.Count; i++)
        {
            var isKept = RunInSavepoint(writes[i], out failures[i]);

            // For example, the disk is full or fails.
            if (!session.InTransaction)
                return false;
            keepers += isKept ? 1 : 0;
        }

        try
        {
            if (keepers > 0)
                Commit(keepers);
            else
                session.RollBack();
        }
        catch (ConversationStoreException exception)
        {
            if (!string.Equals(exception.Code, ConversationErrorCodes.CommitOutcomeUnknown, StringComparison.Ordinal))
                return false;

            // A write that changed nothing has read what the others wrote, so its outcome is unknown too.
            foreach (var write in writes)
                write.Fail(new ConversationStoreException(exception.Code, exception.Message, exception.InnerException));
            return true;
        }

        for (var i = 0; i < writes.Count; i++)
        {
            if (failures[i] is { } failure)
                writes[i].Fail(SqliteErrors.TranslateAny(failure));
            else
                writes[i].Succeed();
        }

        return true;
    }

    private bool RunInSavepoint(QueuedWrite write, out Exception? failure)
    {
        failure = null;
        var isKept = false;
        session.Run(SqliteStatements.Savepoint);
        try
        {
            isKept = write.Run(session, Now);
        }
        catch (Exception exception)
        {
            // The exception is passed on to the caller of the write.
            failure = exception;
        }

        if (!session.InTransaction)
            return false;

        if (!isKept)
            session.Run(SqliteStatements.RollBackToSavepoint);
        session.Run(SqliteStatements.ReleaseSavepoint);
        return isKept;
    }

    /// <summary>Commits a number of writes.</summary>
    private void Commit(int writes)
    {
        var isMeasured = SqliteTelemetry.IsOn;
        var begunAt = isMeasured ? timeProvider.GetTimestamp() : 0;
        ConversationStoreException? failure = null;
        try
        {
            session.Run(SqliteStatements.Commit);
        }
        catch (SqliteException exception)
        {
            session.RollBack();
            throw failure = SqliteErrors.TranslateCommit(exception);
        }
        finally
        {
            if (isMeasured)
                Record(writes, timeProvider.GetElapsedTime(begunAt), failure?.Code);
        }
    }

    private void Record(int writes, TimeSpan duration, string? error)
    {
        try
        {
            SqliteTelemetry.Record(writes, _durability!.Value, duration, error);
        }
        catch (Exception exception)
        {
            // .NET calls listeners here, on the thread that writes: an exception of a listener must not affect the write.
            if (!_isListenerLogged)
                SqliteLog.ListenerFailed(logger, exception.GetType().FullName!);
            _isListenerLogged = true;
        }
    }
}

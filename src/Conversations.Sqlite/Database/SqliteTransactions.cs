using Microsoft.Data.Sqlite;

namespace Conversations.Storage;

/// <summary>Writes on one connection: each in a transaction of its own, or many in one, each in a savepoint.</summary>
internal sealed class SqliteTransactions(SqliteSession session, TimeProvider timeProvider) : IDisposable
{
    private SqliteDurability? _durability;

    public void Dispose() => session.Dispose();

    /// <summary>Reads, outside of any transaction.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public TResult Read<TArgument, TResult>(Func<SqliteSession, TArgument, TResult> read, TArgument argument)
    {
        session.RollBack();
        return read(session, argument);
    }

    /// <summary>Does one write, whole or not at all.</summary>
    /// <exception cref="SqliteException">It failed, and nothing was written.</exception>
    /// <exception cref="ConversationStoreException">The commit failed.</exception>
    public T Run<T>(ISqliteWrite<T> write, SqliteDurability durability)
    {
        Begin(durability);
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

        Commit();
        return written.Answer;
    }

    /// <summary>Does many writes in one transaction, which waits for the disk once for all of them. Each is done whole or not at all, and none harms another.</summary>
    public void Run(List<QueuedWrite> writes)
    {
        if (writes is [var only])
        {
            RunAlone(only);
            return;
        }

        try
        {
            if (RunTogether(writes))
                return;
        }
        catch
        {
            // The transaction itself has failed, not one of the writes.
            session.RollBack();
            throw;
        }

        // What ended the transaction ended it for all, and only one of them need have been the cause.
        foreach (var write in writes)
            RunAlone(write);
    }

    private long Now => timeProvider.GetUtcNow().UtcTicks;

    private void RunAlone(QueuedWrite write)
    {
        try
        {
            Begin(write.Durability);
            if (write.Run(session, Now))
                Commit();
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

    /// <summary>Does all of them in one transaction.</summary>
    /// <returns>False if nothing of any of them was written, and none was answered.</returns>
    private bool RunTogether(List<QueuedWrite> writes)
    {
        var failures = new Exception?[writes.Count];
        try
        {
            Begin(writes.Exists(write => write.Durability == SqliteDurability.Full) ? SqliteDurability.Full : SqliteDurability.Process);
        }
        catch (SqliteException exception)
        {
            // Another process keeps the database locked: to wait once is enough for all.
            foreach (var write in writes)
                write.Fail(SqliteErrors.Translate(exception));
            return true;
        }

        var keepers = 0;
        for (var i = 0; i < writes.Count; i++)
        {
            var isKept = RunInSavepoint(writes[i], out failures[i]);

            // A full disk, say, or a failing one.
            if (!session.InTransaction)
                return false;
            keepers += isKept ? 1 : 0;
        }

        try
        {
            if (keepers > 0)
                Commit();
            else
                session.RollBack();
        }
        catch (ConversationStoreException exception)
        {
            if (!string.Equals(exception.Code, ConversationErrorCodes.CommitOutcomeUnknown, StringComparison.Ordinal))
                return false;

            // One that wrote nothing saw what the others wrote, so it does not know either.
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
            // Whatever it is goes to who asked for the write.
            failure = exception;
        }

        if (!session.InTransaction)
            return false;

        if (!isKept)
            session.Run(SqliteStatements.RollBackToSavepoint);
        session.Run(SqliteStatements.ReleaseSavepoint);
        return isKept;
    }

    private void Begin(SqliteDurability durability)
    {
        session.RollBack();
        if (_durability != durability)
        {
            // The pragma acts when it is prepared, so it is prepared each time.
            session.Execute(durability == SqliteDurability.Full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            _durability = durability;
        }

        session.Run(SqliteStatements.Begin);
    }

    private void Commit()
    {
        try
        {
            session.Run(SqliteStatements.Commit);
        }
        catch (SqliteException exception)
        {
            session.RollBack();
            throw SqliteErrors.TranslateCommit(exception);
        }
    }
}

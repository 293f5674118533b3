using Microsoft.Data.Sqlite;

namespace Conversations.Storage;

/// <summary>The one connection that writes, and the queue before it: first come, first served. Waiting is asynchronous and can be cancelled; a write that has begun cannot.</summary>
internal sealed class SqliteWriter : IAsyncDisposable, IDisposable
{
    private readonly SqliteOpener _opener;
    private readonly TimeProvider _timeProvider;

    // Never disposed: those who still wait must be told that the store is, and without a wait handle it holds nothing.
    private readonly SemaphoreSlim _slot = new(1, 1);

    private SqliteSession? _session;
    private SqliteDurability _durability;
    private volatile bool _isOpen;
    private bool _isDisposed;

    public SqliteWriter(SqliteOpener opener, TimeProvider timeProvider)
    {
        _opener = opener;
        _timeProvider = timeProvider;
    }

    /// <summary>Waits until it is this write's turn, and does it whole or not at all.</summary>
    public async ValueTask<T> WriteAsync<T>(ISqliteWrite<T> write, SqliteDurability durability, CancellationToken cancellationToken)
    {
        await _slot.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // The slot can come free in the moment of the cancellation [12.1].
            cancellationToken.ThrowIfCancellationRequested();
            return Execute(Open(), write, durability);
        }
        catch (SqliteException exception)
        {
            throw SqliteErrors.Translate(exception);
        }
        finally
        {
            _slot.Release();
        }
    }

    /// <summary>Opens the database if that has not been done.</summary>
    public async ValueTask EnsureOpenAsync(CancellationToken cancellationToken)
    {
        if (_isOpen)
            return;

        await _slot.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Open();
        }
        catch (SqliteException exception)
        {
            throw SqliteErrors.Translate(exception);
        }
        finally
        {
            _slot.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _slot.WaitAsync().ConfigureAwait(false);
        Close();
    }

    public void Dispose()
    {
        _slot.Wait();
        Close();
    }

    private void Close()
    {
        _isDisposed = true;
        _session?.Dispose();
        _session = null;
        _slot.Release();
    }

    private SqliteSession Open()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, typeof(SqliteConversationStore));
        if (_session is null)
        {
            _session = _opener.OpenWriter();
            _session.Execute("PRAGMA synchronous = FULL");
            _durability = SqliteDurability.Full;
            _isOpen = true;
        }

        return _session;
    }

    private T Execute<T>(SqliteSession session, ISqliteWrite<T> write, SqliteDurability durability)
    {
        session.RollBack();
        SetDurability(session, durability);
        session.Run(SqliteStatements.Begin);
        Written<T> written;
        try
        {
            written = write.Run(session, _timeProvider.GetUtcNow().UtcTicks);
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

        Commit(session);
        return written.Answer;
    }

    private static void Commit(SqliteSession session)
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

    private void SetDurability(SqliteSession session, SqliteDurability durability)
    {
        if (_durability == durability)
            return;

        // The pragma acts when it is prepared, so it is prepared each time.
        session.Execute(durability == SqliteDurability.Full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        _durability = durability;
    }
}

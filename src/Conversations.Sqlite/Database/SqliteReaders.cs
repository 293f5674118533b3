using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Conversations.Storage;

/// <summary>The few connections that read, opened as they are needed. Waiting for one is asynchronous and can be cancelled.</summary>
internal sealed class SqliteReaders : IAsyncDisposable, IDisposable
{
    private readonly SqliteOpener _opener;
    private readonly int _count;
    private readonly ConcurrentBag<SqliteSession> _idle = [];

    // Never disposed: those who still wait must be told that the store is, and without a wait handle it holds nothing.
    private readonly SemaphoreSlim _slots;

    private volatile bool _isDisposed;

    public SqliteReaders(SqliteOpener opener, int count)
    {
        _opener = opener;
        _count = count;
        _slots = new SemaphoreSlim(count, count);
    }

    /// <summary>Reads on a connection that nobody else uses meanwhile.</summary>
    public async ValueTask<TResult> ReadAsync<TArgument, TResult>(Func<SqliteSession, TArgument, TResult> read, TArgument argument, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(SqliteConversationStore));
            if (!_idle.TryTake(out var session))
                session = _opener.OpenReader();
            try
            {
                return read(session, argument);
            }
            finally
            {
                _idle.Add(session);
            }
        }
        catch (SqliteException exception)
        {
            throw SqliteErrors.Translate(exception);
        }
        finally
        {
            _slots.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < _count; i++)
            await _slots.WaitAsync().ConfigureAwait(false);
        Close();
    }

    public void Dispose()
    {
        for (var i = 0; i < _count; i++)
            _slots.Wait();
        Close();
    }

    private void Close()
    {
        _isDisposed = true;
        while (_idle.TryTake(out var session))
            session.Dispose();
        _slots.Release(_count);
    }
}

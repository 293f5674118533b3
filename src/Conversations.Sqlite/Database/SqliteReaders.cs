using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Conversations.Storage;

/// <summary>The reading connections, opened when they are needed. Waiting for one is asynchronous and can be canceled.</summary>
internal sealed class SqliteReaders : IAsyncDisposable, IDisposable
{
    private readonly SqliteOpener _opener;
    private readonly TimeSpan _busyTimeout;
    private readonly int _count;
    private readonly ConcurrentBag<SqliteSession> _idle = [];

    // Never disposed, because waiting calls must learn that the store is disposed. Without a wait handle it holds no resource.
    private readonly SemaphoreSlim _slots;

    private volatile bool _isDisposed;
    private volatile bool _isPausing;

    public SqliteReaders(SqliteOpener opener, TimeSpan busyTimeout, int count)
    {
        _opener = opener;
        _busyTimeout = busyTimeout;
        _count = count;
        _slots = new SemaphoreSlim(count, count);
    }

    /// <summary>Reads on a connection that no other call uses at the same time.</summary>
    public async ValueTask<TResult> ReadAsync<TArgument, TResult>(Func<SqliteSession, TArgument, TResult> read, TArgument argument, CancellationToken cancellationToken)
    {
        var wait = new BusyWait(_busyTimeout);
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, typeof(SqliteConversationStore));
                try
                {
                    return Read(read, argument);
                }
                catch (SqliteException exception) when (SqliteErrors.IsBusy(exception))
                {
                    await wait.DelayAsync(cancellationToken).ConfigureAwait(false);
                }
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

    /// <summary>Gets whether reads that are called now wait for a pause.</summary>
    public bool IsPausing => _isPausing;

    /// <summary>Runs an action while no read is running. Reads that are called meanwhile wait.</summary>
    /// <param name="action">The action. It is not run if the reads that are running do not end in time. Its token is canceled when the time ends; it must not begin anything then.</param>
    /// <param name="longest">How long reads wait at most for what is not the action itself.</param>
    /// <returns>The result of the action; <see langword="false"/> if it was not run.</returns>
    public async Task<bool> PauseAsync(Func<CancellationToken, Task<bool>> action, TimeSpan longest)
    {
        var begunAt = TimeProvider.System.GetTimestamp();

        // All are asked for at once, so that reads that are called later do not precede.
        var slots = new Task<bool>[_count];
        for (var i = 0; i < slots.Length; i++)
            slots[i] = _slots.WaitAsync(longest);
        _isPausing = true;
        var taken = await Task.WhenAll(slots).ConfigureAwait(false);
        try
        {
            if (!Array.TrueForAll(taken, static isTaken => isTaken))
                return false;

            var left = longest - TimeProvider.System.GetElapsedTime(begunAt);
            using var time = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            return await action(time.Token).ConfigureAwait(false);
        }
        finally
        {
            _isPausing = false;
            if (Array.FindAll(taken, static isTaken => isTaken) is { Length: > 0 and var count })
                _slots.Release(count);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A read that waits for another process learns of it.
        _isDisposed = true;
        for (var i = 0; i < _count; i++)
            await _slots.WaitAsync().ConfigureAwait(false);
        Close();
    }

    public void Dispose()
    {
        _isDisposed = true;
        for (var i = 0; i < _count; i++)
            _slots.Wait();
        Close();
    }

    private TResult Read<TArgument, TResult>(Func<SqliteSession, TArgument, TResult> read, TArgument argument)
    {
        if (!_idle.TryTake(out var session))
            session = _opener.OpenReader();
        try
        {
            var result = read(session, argument);
            _opener.File.ThrowIfChanged();
            return result;
        }
        finally
        {
            _idle.Add(session);
        }
    }

    private void Close()
    {
        while (_idle.TryTake(out var session))
            session.Dispose();
        _slots.Release(_count);
    }
}

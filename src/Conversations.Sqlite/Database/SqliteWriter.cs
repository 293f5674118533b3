using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Conversations.Storage;

/// <summary>The one connection that writes, and the queues before it. Waiting is asynchronous and can be cancelled; a write that has begun cannot.</summary>
/// <remarks>Whoever finds the connection free writes at once, on its own thread. Those who come meanwhile queue up, and all who wait are written in one transaction
/// when it is free again: a commit waits for the disk, and it takes the same time for one as for many. Writes that need not wait for the disk go before those that must,
/// in a transaction of their own: a turn that begins has its commit ready all the sooner, to go with the others.</remarks>
internal sealed class SqliteWriter : IAsyncDisposable, IDisposable
{
    // So that the first of a group does not wait for ever longer.
    private const int LargestGroup = 128;

    // How often those that need not wait for the disk may go before others that wait already.
    private const int MostPasses = 2;

    private readonly SqliteOpener _opener;
    private readonly TimeProvider _timeProvider;
    private readonly Lock _gate = new();
    private readonly Queue<QueuedWrite> _quick = new();
    private readonly Queue<QueuedWrite> _durable = new();

    // Used by who leads.
    private readonly List<QueuedWrite> _group = [];
    private SqliteTransactions? _transactions;
    private TaskCompletionSource? _closing;
    private bool _isDraining;
    private volatile bool _wasGroup;
    private int _passes;
    private volatile bool _isOpen;

    public SqliteWriter(SqliteOpener opener, TimeProvider timeProvider)
    {
        _opener = opener;
        _timeProvider = timeProvider;
    }

    /// <summary>Waits until it is this write's turn, and does it whole or not at all.</summary>
    public ValueTask<T> WriteAsync<T>(ISqliteWrite<T> write, SqliteDurability durability, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<T>(cancellationToken);

        lock (_gate)
        {
            if (_closing is not null)
                return ValueTask.FromException<T>(new ObjectDisposedException(nameof(SqliteConversationStore)));

            // Where several came together the last time, they do so again: those who are about to come are let come, so that they wait for the disk together.
            var isAlone = durability != SqliteDurability.Full || !_wasGroup;
            if (_isDraining || !isAlone)
            {
                var queued = new QueuedWrite<T>(write, durability);
                (durability == SqliteDurability.Full ? _durable : _quick).Enqueue(queued);
                queued.LeaveWhenCancelled(cancellationToken);
                if (!_isDraining)
                {
                    _isDraining = true;
                    ScheduleDrain();
                }

                return new ValueTask<T>(queued.Answer);
            }

            _isDraining = true;
        }

        try
        {
            return new ValueTask<T>(Open().Run(write, durability));
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<T>(SqliteErrors.TranslateAny(exception));
        }
        finally
        {
            ReleaseLeadership();
        }
    }

    /// <summary>Reads at once on the connection that writes, if it is free: unlike one of those that only read, it has in its cache what it has just written.</summary>
    /// <returns><see langword="false"/> if it is not free; nothing was read then.</returns>
    public bool TryRead<TArgument, TResult>(Func<SqliteSession, TArgument, TResult> read, TArgument argument, [MaybeNullWhen(false)] out TResult result)
    {
        lock (_gate)
        {
            if (_isDraining || _closing is not null || _transactions is null)
            {
                result = default;
                return false;
            }

            _isDraining = true;
        }

        try
        {
            result = _transactions.Read(read, argument);
            return true;
        }
        catch (SqliteException exception)
        {
            throw SqliteErrors.Translate(exception);
        }
        finally
        {
            ReleaseLeadership();
        }
    }

    /// <summary>Opens the database if that has not been done.</summary>
    public async ValueTask EnsureOpenAsync(CancellationToken cancellationToken)
    {
        if (!_isOpen)
            await WriteAsync(new Nothing(), SqliteDurability.Process, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    public void Dispose()
    {
        using var closed = ((IAsyncResult)CloseAsync()).AsyncWaitHandle;
        closed.WaitOne();
    }

    /// <summary>Closes the connection when those who came before have been served. Nobody is let in any more.</summary>
    private Task CloseAsync()
    {
        lock (_gate)
        {
            if (_closing is not null)
                return _closing.Task;

            _closing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_isDraining)
                return _closing.Task;
            _isDraining = true;
        }

        Close();
        return _closing.Task;
    }

    private void Close()
    {
        try
        {
            _transactions?.Dispose();
            _transactions = null;
        }
        finally
        {
            _closing!.SetResult();
        }
    }

    /// <summary>Passes the connection on to those who wait. The caller has its answer, and is not kept.</summary>
    private void ReleaseLeadership()
    {
        lock (_gate)
        {
            if (_quick.Count == 0 && _durable.Count == 0 && _closing is null)
            {
                _isDraining = false;
                return;
            }
        }

        ScheduleDrain();
    }

    /// <summary>Has a thread of the pool lead on, after what is at work already: it may have something to write.</summary>
    private void ScheduleDrain() => ThreadPool.UnsafeQueueUserWorkItem(static writer => writer.Lead(), this, preferLocal: false);

    private void Lead()
    {
        while (TakeGroup(out var isQuick))
        {
            if (!Run())
                _passes = MostPasses;

            // Turns that have begun may have their commits ready soon.
            if (isQuick && _wasGroup)
            {
                ScheduleDrain();
                return;
            }
        }
    }

    /// <summary>Writes the group.</summary>
    /// <returns>False if that could not begin, as another process keeps the database locked: nobody is to wait for that twice.</returns>
    private bool Run()
    {
        try
        {
            return Open().Run(_group);
        }
        catch (Exception exception)
        {
            // The database could not be opened, or the transaction itself has failed: none of them was written.
            foreach (var write in _group)
                write.Fail(SqliteErrors.TranslateAny(exception));
            return false;
        }
    }

    /// <summary>Takes those who are next. Until then they can leave.</summary>
    /// <returns>False if nobody waits, and the connection is free or closed.</returns>
    private bool TakeGroup(out bool isQuick)
    {
        _group.Clear();
        lock (_gate)
        {
            isQuick = _quick.Count > 0 && (_durable.Count == 0 || _passes < MostPasses);
            Take(isQuick);
            if (_group.Count == 0)
                Take(isQuick = !isQuick); // All of the others have left.
            if (_group.Count > 0)
            {
                _passes = isQuick && _durable.Count > 0 ? _passes + 1 : 0;
                _wasGroup = isQuick ? _wasGroup : _group.Count > 1;
                return true;
            }

            if (_closing is null)
            {
                _isDraining = false;
                return false;
            }
        }

        Close();
        return false;
    }

    private void Take(bool isQuick)
    {
        var queue = isQuick ? _quick : _durable;
        while (_group.Count < LargestGroup && queue.TryDequeue(out var write))
        {
            if (write.Take())
                _group.Add(write);
        }
    }

    private SqliteTransactions Open()
    {
        if (_transactions is null)
        {
            _transactions = new SqliteTransactions(_opener.OpenWriter(), _timeProvider, _opener.Logger);
            _isOpen = true;
        }

        return _transactions;
    }

    private sealed class Nothing : ISqliteWrite<bool>
    {
        public Written<bool> Run(SqliteSession session, long now) => Written.Nothing(true);
    }
}

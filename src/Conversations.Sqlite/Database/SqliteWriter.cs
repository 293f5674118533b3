using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Conversations.Storage;

/// <summary>The writing connection and its queues. Waiting is asynchronous and can be canceled; a write that has begun cannot.</summary>
/// <remarks>A call that finds the connection free writes at once, on its own thread. Calls that arrive meanwhile are queued, and all queued calls are written in one transaction
/// when the connection is free again: a commit waits for the disk, and that takes the same time for one write as for many. Writes that need not wait for the disk precede those that must,
/// in a separate transaction: a turn that begins early has its commit ready early, so that it joins the next group.</remarks>
internal sealed class SqliteWriter : IAsyncDisposable, IDisposable
{
    // Limits how long the first write of a group waits.
    private const int LargestGroup = 128;

    // How often writes that need not wait for the disk can precede waiting writes that must.
    private const int MostPasses = 2;

    private readonly SqliteOpener _opener;
    private readonly TimeProvider _timeProvider;
    private readonly Lock _gate = new();
    private readonly Queue<QueuedWrite> _quick = new();
    private readonly Queue<QueuedWrite> _durable = new();

    // Used only by the thread that holds the connection.
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

    /// <summary>Waits for the connection and runs a write, whole or not at all.</summary>
    public ValueTask<T> WriteAsync<T>(ISqliteWrite<T> write, SqliteDurability durability, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<T>(cancellationToken);

        lock (_gate)
        {
            if (_closing is not null)
                return ValueTask.FromException<T>(new ObjectDisposedException(nameof(SqliteConversationStore)));

            // If the last group had several writes, the next one probably has too. Calls that are about to arrive get time to join, so that they wait for the disk together.
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

    /// <summary>Reads at once on the writing connection, if it is free: unlike the reading connections, it has its own writes in its cache.</summary>
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

    /// <summary>Opens the database if it is not open.</summary>
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

    /// <summary>Closes the connection when all queued writes have been run. Further calls are refused.</summary>
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

    /// <summary>Gives the connection to queued writes, on another thread, so that the caller does not wait for them.</summary>
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

    /// <summary>Runs the queued writes on a thread of the pool, after the work that is queued there already, which may produce writes.</summary>
    private void ScheduleDrain() => ThreadPool.UnsafeQueueUserWorkItem(static writer => writer.Lead(), this, preferLocal: false);

    private void Lead()
    {
        while (TakeGroup(out var isQuick))
        {
            if (!Run())
                _passes = MostPasses;

            // Turns that have begun may soon commit.
            if (isQuick && _wasGroup)
            {
                ScheduleDrain();
                return;
            }
        }
    }

    /// <summary>Writes the group.</summary>
    /// <returns>False if the transaction could not begin because another process keeps the database locked. No write waits for that twice.</returns>
    private bool Run()
    {
        try
        {
            return Open().Run(_group);
        }
        catch (Exception exception)
        {
            // The database could not be opened, or the transaction itself has failed: no write of the group was applied.
            foreach (var write in _group)
                write.Fail(SqliteErrors.TranslateAny(exception));
            return false;
        }
    }

    /// <summary>Takes the writes of the next group. Until they are taken, they can be canceled.</summary>
    /// <returns>False if no write waits; the connection is free or closed then.</returns>
    private bool TakeGroup(out bool isQuick)
    {
        _group.Clear();
        lock (_gate)
        {
            isQuick = _quick.Count > 0 && (_durable.Count == 0 || _passes < MostPasses);
            Take(isQuick);
            if (_group.Count == 0)
                Take(isQuick = !isQuick); // All writes of the first queue were canceled.
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

using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Conversations.Storage;

/// <summary>The writing connection and its queues. Waiting is asynchronous and can be canceled; a write that has begun cannot.</summary>
/// <remarks>A call that finds the connection free writes at once, on its own thread. Calls that arrive meanwhile are queued, and all queued calls are written in one transaction
/// when the connection is free again: a commit waits for the disk, and that takes the same time for one write as for many. Writes that need not wait for the disk precede those that must,
/// in a separate transaction: a turn that begins early has its commit ready early, so that it joins the next group. While another process has the database locked, all of them wait in the queues,
/// and a timer tries again: no thread waits.</remarks>
internal sealed partial class SqliteWriter : IAsyncDisposable, IDisposable
{
    // How long the disposal waits for another process that has the database locked.
    private static readonly TimeSpan GraceOfClosing = TimeSpan.FromSeconds(2);

    private readonly SqliteOpener _opener;
    private readonly SqliteReaders _readers;
    private readonly TimeSpan _busyTimeout;
    private readonly TimeProvider _timeProvider;
    private readonly Lock _gate = new();
    private readonly WriteQueues _queues = new();
    // Used only by the thread that holds the connection.
    private readonly List<QueuedWrite> _group = [];
    private SqliteTransactions? _transactions;
    private TaskCompletionSource? _closing;
    private BusyWait _graceOfClosing;
    private bool _isDraining;
    private volatile bool _wasGroup;
    private int _busyAttempts;
    private ITimer? _nextAttempt;
    private volatile bool _isOpen;

    public SqliteWriter(SqliteOpener opener, SqliteReaders readers, TimeSpan busyTimeout, TimeProvider timeProvider)
    {
        _opener = opener;
        _readers = readers;
        _busyTimeout = busyTimeout;
        _timeProvider = timeProvider;
        _erasure = new Erasure(SystemTimer.Create(Erase));
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
                var answer = EnqueueAsync(write, durability, cancellationToken);
                if (!_isDraining)
                {
                    _isDraining = true;
                    ScheduleDrain();
                }

                return new ValueTask<T>(answer);
            }

            _isDraining = true;
        }

        return WriteAtOnceAsync(write, durability, cancellationToken);
    }

    /// <summary>Writes on the thread of the caller, which has the connection.</summary>
    private ValueTask<T> WriteAtOnceAsync<T>(ISqliteWrite<T> write, SqliteDurability durability, CancellationToken cancellationToken)
    {
        var isLocked = false;
        try
        {
            isLocked = !TryBegin(durability, out var transactions);
            if (!isLocked)
            {
                NoteDeletion(write.Deletes);
                return new ValueTask<T>(transactions!.Run(write));
            }

            lock (_gate)
                return new ValueTask<T>(EnqueueAsync(write, durability, cancellationToken));
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<T>(SqliteErrors.TranslateAny(exception));
        }
        finally
        {
            if (isLocked)
                ScheduleDrain();
            else
                ReleaseLeadership();
        }
    }

    private Task<T> EnqueueAsync<T>(ISqliteWrite<T> write, SqliteDurability durability, CancellationToken cancellationToken)
    {
        var queued = new QueuedWrite<T>(write, durability, new BusyWait(_busyTimeout), cancellationToken);
        _queues.Add(queued);
        return queued.Answer;
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
        catch (SqliteException exception) when (SqliteErrors.IsBusy(exception))
        {
            result = default;
            return false;
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
    public ValueTask EnsureOpenAsync(CancellationToken cancellationToken) => _isOpen ? ValueTask.CompletedTask : OpenAsync(cancellationToken);

    private async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        var wait = new BusyWait(_busyTimeout);
        while (!TryOpen())
            await wait.DelayAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the database, unless another call is doing so or another process has it locked.</summary>
    private bool TryOpen()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closing is not null, typeof(SqliteConversationStore));
            if (_isOpen || _isDraining)
                return _isOpen;
            _isDraining = true;
        }

        try
        {
            Open();
            return true;
        }
        catch (SqliteException exception)
        {
            return SqliteErrors.IsBusy(exception) ? false : throw SqliteErrors.Translate(exception);
        }
        finally
        {
            ReleaseLeadership();
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    // The handle is not disposed, because another call may wait for it.
    public void Dispose() => ((IAsyncResult)CloseAsync()).AsyncWaitHandle.WaitOne();

    /// <summary>Closes the connection when all queued writes have been run. Further calls are refused.</summary>
    private Task CloseAsync()
    {
        lock (_gate)
        {
            if (_closing is not null)
                return _closing.Task;

            _closing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _graceOfClosing = new BusyWait(GraceOfClosing);
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
            _nextAttempt?.Dispose();
            _erasure.Dispose();
            if (_transactions is { IsReadOnly: false })
                EraseAtEnd(_transactions);
            _transactions?.Dispose();
            _transactions = null;
        }
        finally
        {
            _closing!.SetResult();
        }
    }

    /// <summary>Leaves the connection free. The caller holds the lock.</summary>
    private void Free()
    {
        _isDraining = false;
        _erasure.Schedule();
    }

    /// <summary>Gives the connection to queued writes, on another thread, so that the caller does not wait for them.</summary>
    private void ReleaseLeadership()
    {
        WatchLog();
        lock (_gate)
        {
            if (_queues.IsEmpty && _closing is null && _emptying is null)
            {
                Free();
                return;
            }
        }

        ScheduleDrain();
    }

    /// <summary>Runs the queued writes on a thread of the pool, after the work that is queued there already, which may produce writes.</summary>
    private void ScheduleDrain() => ThreadPool.UnsafeQueueUserWorkItem(static writer => writer.Lead(), this, preferLocal: false);

    private void Lead()
    {
        while (Choose() is { } durability)
        {
            if (!Run(durability))
            {
                ScheduleAttempt();
                return;
            }

            // Turns that have begun may soon commit.
            if (durability == SqliteDurability.Process && _wasGroup)
            {
                ScheduleDrain();
                return;
            }
        }
    }

    /// <summary>Chooses the writes that are next, and empties the log before them if that is due.</summary>
    /// <returns>Null if no write waits; the connection is free or closed then.</returns>
    private SqliteDurability? Choose()
    {
        while (true)
        {
            TaskCompletionSource<bool> emptying;
            lock (_gate)
            {
                if (_emptying is null)
                {
                    if (_queues.Choose() is { } durability)
                        return durability;

                    if (_closing is not null)
                        break;
                    Free();
                    return null;
                }

                emptying = _emptying;
                _emptying = null;
            }

            emptying.SetResult(TryEmptyLog());
        }

        Close();
        return null;
    }

    /// <summary>Writes what was chosen. Until its transaction has begun, it can be canceled.</summary>
    /// <returns>False if another process has the database locked, and writes wait.</returns>
    private bool Run(SqliteDurability durability)
    {
        var hasBegun = false;
        try
        {
            hasBegun = TryBegin(durability, out var transactions);
            if (!hasBegun)
                return !HaveWaiting();

            Take(durability);
            NoteDeletion(_group.Exists(static write => write.Deletes));
            if (!transactions!.Run(_group))
                RunAlone();
            WatchLog();
        }
        catch (Exception exception)
        {
            // The database could not be opened, or the transaction itself has failed: no write of the group was applied.
            if (!hasBegun)
                Take(durability);
            foreach (var write in _group)
                write.Fail(SqliteErrors.TranslateAny(exception));
        }

        return true;
    }

    private void Take(SqliteDurability durability)
    {
        lock (_gate)
            _queues.Take(_group);
        if (durability == SqliteDurability.Full)
            _wasGroup = _group.Count > 1;
    }

    private void RunAlone()
    {
        lock (_gate)
            _queues.AddAlone(_group);
    }

    private bool HaveWaiting()
    {
        lock (_gate)
        {
            _queues.RemoveEnded(all: _closing is not null && _graceOfClosing.IsOver);
            return !_queues.IsEmpty;
        }
    }

    /// <summary>Tries again later: another process has the database locked.</summary>
    private void ScheduleAttempt()
    {
        _nextAttempt ??= SystemTimer.Create(Lead);
        _nextAttempt.Change(BusyWait.DelayAfter(_busyAttempts++), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Begins a transaction, unless another process has the database locked.</summary>
    private bool TryBegin(SqliteDurability durability, out SqliteTransactions? transactions)
    {
        transactions = null;
        try
        {
            var opened = Open();
            if (!opened.TryBegin(durability))
                return false;

            transactions = opened;
            _busyAttempts = 0;
            return true;
        }
        catch (SqliteException exception) when (SqliteErrors.IsBusy(exception))
        {
            return false;
        }
    }

    private SqliteTransactions Open()
    {
        if (_transactions is null)
        {
            // A process that has died may have left what it deleted in the log.
            var hasLog = _opener.File.LogSize > 0;
            _transactions = new SqliteTransactions(_opener.OpenWriter(), _opener.File, _timeProvider, _opener.Logger);
            SqliteTelemetry.Open(_opener.File);
            _isOpen = true;

            NoteDeletion(hasLog);
            WatchRemains();
        }

        return _transactions;
    }
}

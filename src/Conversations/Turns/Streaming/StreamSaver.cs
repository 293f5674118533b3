using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Saves the output of a turn while it is running, with many pieces per write: soon after the first piece, then once a second, or when a size is reached.</summary>
/// <remarks>Thread-safe. Saving serves followers and the recovery after a crash, so it never fails the turn.</remarks>
internal sealed class StreamSaver : IAsyncDisposable
{
    // In characters. Beyond it, the producer waits for the write in progress.
    private const long MuchToSave = 64 * 1024;

    // How long the end of a turn waits for the write in progress. Later, it is refused by the store, or makes the commit load again.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly IConversationStreamStore _store;
    private readonly HeldTurn _held;
    private readonly LeaseMonitor _monitor;
    private readonly string _runId;
    private readonly string _agent;
    private readonly RunSignals _signals;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _end = new();
    private readonly List<StoredMessage> _pending = [];
    private readonly List<StreamSegment> _unsaved = [];
    private TimeSpan _interval = FirstInterval;
    private Task _write = Task.CompletedTask;
    private long _pendingLength;
    private long _offset;
    private int _number;
    private bool _isArmed;
    private bool _isPaused;

    // The write in progress has taken too long, and the producer waits for none until it has ended.
    private bool _isStuck;
    private bool _isOver;

    public StreamSaver(IConversationStreamStore store, HeldTurn held, LeaseMonitor monitor, string agent, TimeProvider timeProvider, RunSignals signals, ILogger logger)
    {
        _store = store;
        _held = held;
        _monitor = monitor;
        _runId = ConversationIds.Run(ConversationId, held.Lease.RunNumber);
        _agent = agent;
        _signals = signals;
        _logger = logger;
        _timer = timeProvider.CreateTimer(static saver => ((StreamSaver)saver!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string ConversationId => _held.Lease.ConversationId;

    /// <summary>Gets whether segments were sent to the store. They may be saved even if the call failed.</summary>
    public bool HasSent { get; private set; }

    /// <summary>Begins another stream, whose first piece is saved soon.</summary>
    public void Hurry()
    {
        lock (_gate)
            _interval = FirstInterval;
    }

    /// <summary>Accepts a piece to be saved.</summary>
    /// <param name="fragment">The piece, with the position of its message.</param>
    /// <returns>A task that completes at once, unless so much is pending that the producer should wait. It never fails.</returns>
    public Task SaveAsync(StoredMessage fragment)
    {
        TaskCompletionSource? write = null;
        lock (_gate)
        {
            if (_isOver)
                return Task.CompletedTask;

            _pending.Add(fragment);
            _pendingLength += StreamPiece.LengthOf(fragment);
            if (_pendingLength < MuchToSave || _isPaused || _unsaved.Count > 0)
            {
                Arm();
                return _pendingLength < MuchToSave || _isPaused || _isStuck ? Task.CompletedTask : WaitAsync(_write, CancellationToken.None);
            }

            write = BeginWrite();
        }

        return WaitAsync(WriteAsync(write), CancellationToken.None);
    }

    /// <summary>Saves the rest.</summary>
    public async Task SaveRestAsync(CancellationToken cancellationToken)
    {
        await PauseAsync(cancellationToken).ConfigureAwait(false);
        TaskCompletionSource? write = null;
        lock (_gate)
        {
            if (!_isOver && _write.IsCompleted && (_pending.Count > 0 || _unsaved.Count > 0))
                write = BeginWrite();
        }

        if (write is not null)
            await WaitAsync(WriteAsync(write), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts no further write, and waits briefly for the one in progress, because the turn is about to end.</summary>
    public async Task PauseAsync(CancellationToken cancellationToken)
    {
        Task write;
        lock (_gate)
        {
            _isPaused = true;
            write = _write;
        }

        await WaitAsync(write, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Resumes saving, because the turn has not ended.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            _isPaused = false;
            if (_pending.Count > 0 || _unsaved.Count > 0)
                Arm();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task write;
        lock (_gate)
        {
            _isOver = true;
            write = _write;
        }

        await _timer.DisposeAsync().ConfigureAwait(false);
        await _end.CancelAsync().ConfigureAwait(false);
        await WaitAsync(write, CancellationToken.None).ConfigureAwait(false);
    }

    // By the system's clock: a store that hangs does not stop with the clock of the host.
    private async Task WaitAsync(Task write, CancellationToken cancellationToken)
    {
        try
        {
            await write.WaitAsync(LongestWait, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Saving never fails the turn, and neither does it hold the turn.
            lock (_gate)
                _isStuck = true;
        }
    }

    private void Tick()
    {
        TaskCompletionSource write;
        lock (_gate)
        {
            _isArmed = false;
            if (_isOver || _isPaused || !_write.IsCompleted || (_pending.Count == 0 && _unsaved.Count == 0))
                return;
            write = BeginWrite();
        }

        _ = WriteAsync(write);
    }

    private void Arm()
    {
        if (_isArmed || _isOver || _isPaused || !_write.IsCompleted)
            return;

        _isArmed = true;
        _timer.Change(_interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Splits the pending pieces into segments, one for each message. Segments that could not be saved before come first, unchanged.</summary>
    private TaskCompletionSource BeginWrite()
    {
        foreach (var message in StreamPiece.Join(_pending))
        {
            var piece = new StreamPiece(_offset, message);
            _offset = piece.End;
            _unsaved.Add(piece.ToSegment(++_number));
        }

        _pending.Clear();
        _pendingLength = 0;
        _interval = _interval * 2 < LongestInterval ? _interval * 2 : LongestInterval;
        var write = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _write = write.Task;
        return write;
    }

    private async Task WriteAsync(TaskCompletionSource write)
    {
        var isSaved = false;
        try
        {
            var (lease, access) = (_held.Lease, _held.Access);
            var batch = new SegmentBatch { ConversationId = lease.ConversationId, Access = access, RunNumber = lease.RunNumber, Token = lease.Token, Segments = _unsaved.ToArray() };
            var before = _held.Snapshot;
            HasSent = true;
            isSaved = await _store.AppendSegmentsAsync(batch, _end.Token).ConfigureAwait(false);
            if (isSaved)
                _held.AppendedSegments(before);
            if (!isSaved && !_monitor.IsEnding)
                _monitor.Lose();
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The turn has ended.
        }
        catch (ObjectDisposedException)
        {
            // The host has disposed the store, and the turn cannot end any more.
        }
        catch (Exception exception)
        {
            // The store can throw anything. The next write tries again; segments have numbers, so that none is stored twice.
            Log.SegmentsNotSaved(_logger, _runId, TurnOutcomes.ErrorType(exception)!);
        }
        finally
        {
            lock (_gate)
            {
                if (isSaved)
                {
                    Recording.Do(_logger, (_unsaved.Count, Agent: _agent), static saved => Telemetry.StreamSegments.Add(saved.Count, Telemetry.Tag(TelemetryNames.Agent, saved.Agent)));
                    _unsaved.Clear();
                }

                _isStuck = false;
                write.SetResult();
                if (_pending.Count > 0 || _unsaved.Count > 0)
                    Arm();
            }

            if (isSaved)
                _signals.Tell(_runId);
        }
    }
}

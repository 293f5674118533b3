using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Saves what a turn adds while it is running, many pieces in one write: soon at first, then once a second, and when much has come together.</summary>
/// <remarks>Safe from any thread. To save is a service to those who follow and to whoever comes after a crash: it never fails the turn.</remarks>
internal sealed class StreamSaver : IAsyncDisposable
{
    // In characters. Beyond it the producer waits for the write that is under way.
    private const long MuchToSave = 64 * 1024;

    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly IConversationStreamStore _store;
    private readonly TurnSession _session;
    private readonly string _agent;
    private readonly TimeSpan _keepFor;
    private readonly InterruptedOutput _onInterruption;
    private readonly RunSignals _signals;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _end = new();
    private readonly List<ConversationMessage> _pending = [];
    private readonly List<StreamSegment> _unsaved = [];
    private TimeSpan _interval = FirstInterval;
    private Task _write = Task.CompletedTask;
    private long _pendingLength;
    private long _offset;
    private int _number;
    private bool _isArmed;
    private bool _isPaused;
    private bool _isOver;

    public StreamSaver(IConversationStreamStore store, TurnSession session, TurnPlan plan, TimeProvider timeProvider, RunSignals signals, ILogger logger)
    {
        _store = store;
        _session = session;
        _agent = plan.Settings.Agent;
        _keepFor = plan.Settings.StreamRetention;
        _onInterruption = !plan.Settings.KeepPartialOutput ? InterruptedOutput.Discard
            : plan.Again is not null ? InterruptedOutput.AppendSuperseded
            : InterruptedOutput.Append;
        _signals = signals;
        _logger = logger;
        _timer = timeProvider.CreateTimer(static saver => ((StreamSaver)saver!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Another stream begins: its first piece is saved soon.</summary>
    public void Hurry()
    {
        lock (_gate)
            _interval = FirstInterval;
    }

    /// <summary>Takes a piece to be saved.</summary>
    /// <param name="fragment">The piece, with the position of its message.</param>
    /// <returns>A task that ends at once, unless so much is waiting that the producer should, too. It never fails.</returns>
    public Task SaveAsync(ConversationMessage fragment)
    {
        TaskCompletionSource? write = null;
        lock (_gate)
        {
            if (_isOver)
                return Task.CompletedTask;

            _pending.Add(fragment);
            _pendingLength += StreamSegment.LengthOf(fragment);
            if (_pendingLength < MuchToSave || _isPaused || _unsaved.Count > 0)
            {
                Arm();
                return _pendingLength < MuchToSave || _isPaused ? Task.CompletedTask : _write;
            }

            write = BeginWrite();
        }

        return WriteAsync(write);
    }

    /// <summary>Saves what is left.</summary>
    public async Task SaveRestAsync()
    {
        await PauseAsync().ConfigureAwait(false);
        TaskCompletionSource? write = null;
        lock (_gate)
        {
            if (!_isOver && (_pending.Count > 0 || _unsaved.Count > 0))
                write = BeginWrite();
        }

        if (write is not null)
            await WriteAsync(write).ConfigureAwait(false);
    }

    /// <summary>Begins no further write, and waits for the one under way: the turn is about to end.</summary>
    public async Task PauseAsync()
    {
        Task write;
        lock (_gate)
        {
            _isPaused = true;
            write = _write;
        }

        await write.ConfigureAwait(false);
    }

    /// <summary>Goes on, as the turn has not ended.</summary>
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
        await write.ConfigureAwait(false);
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

    /// <summary>Cuts what is pending into segments, one for each message. Those that could not be saved before come first, as they were.</summary>
    private TaskCompletionSource BeginWrite()
    {
        foreach (var message in StreamSegment.Join(_pending.Select(piece => new StreamSegment(0, 0, piece))))
        {
            var segment = new StreamSegment(++_number, _offset, message with { IsPartial = false });
            _offset = segment.End;
            _unsaved.Add(segment);
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
            var command = new AppendSegmentsCommand { Lease = _session.Lease, Segments = _unsaved.ToArray(), KeepFor = _keepFor, OnInterruption = _onInterruption };
            isSaved = await _store.AppendSegmentsAsync(command, _end.Token).ConfigureAwait(false);
            if (!isSaved && !_session.IsEnding)
                _session.LoseLease();
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The turn has ended.
        }
        catch (ObjectDisposedException)
        {
            // The host has put the store away: nothing is wrong, and nothing will come of the turn.
        }
        catch (Exception exception)
        {
            // Whatever a store throws, the next write tries again: the segments have numbers, so that none is there twice.
            Log.SegmentsNotSaved(_logger, _session.RunId, exception);
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

                write.SetResult();
                if (_pending.Count > 0 || _unsaved.Count > 0)
                    Arm();
            }

            if (isSaved)
                _signals.Tell(_session.RunId);
        }
    }
}

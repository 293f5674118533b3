namespace Conversations;

/// <summary>Signals the followers of this process when one of its runs has saved output or ended, so that they need not wait for their next poll.</summary>
internal sealed class RunSignals
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedList<RunSignal>> _signals = new(StringComparer.Ordinal);
    private volatile int _count;

    /// <summary>Begins to listen, until the result is disposed.</summary>
    public RunSignal Listen(string runId)
    {
        lock (_gate)
        {
            if (!_signals.TryGetValue(runId, out var listeners))
                _signals.Add(runId, listeners = []);
            var signal = new RunSignal(this, runId);
            listeners.AddLast(signal);
            _count = _signals.Count;
            return signal;
        }
    }

    /// <summary>Signals the listeners. It costs nothing if there are none.</summary>
    public void Tell(string runId)
    {
        if (_count == 0)
            return;

        lock (_gate)
        {
            foreach (var signal in _signals.GetValueOrDefault(runId) ?? [])
                signal.Pulse();
        }
    }

    public void Forget(RunSignal signal)
    {
        lock (_gate)
        {
            if (_signals.TryGetValue(signal.RunId, out var listeners) && listeners.Remove(signal) && listeners.Count == 0)
                _signals.Remove(signal.RunId);
            _count = _signals.Count;
        }
    }
}

/// <summary>The signals of one follower.</summary>
internal sealed class RunSignal(RunSignals signals, string runId) : IDisposable
{
    private volatile TaskCompletionSource _next = New();

    public string RunId { get; } = runId;

    /// <summary>Gets a task that completes at the next signal. Read it before reading the store, so that no signal is missed.</summary>
    public Task Next => _next.Task;

    public void Pulse() => Interlocked.Exchange(ref _next, New()).SetResult();

    public void Dispose() => signals.Forget(this);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

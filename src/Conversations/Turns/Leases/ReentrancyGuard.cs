namespace Conversations;

/// <summary>Identifies the turns whose agents run the current code. Waiting for one of them from there would never end.</summary>
/// <remarks>It flows with the execution context, also into background work that the agent starts. So it applies only while the agent is running.</remarks>
internal sealed class ReentrancyGuard : IDisposable
{
    private static readonly AsyncLocal<ReentrancyGuard?> Flow = new();

    private readonly string _runId;
    private readonly ReentrancyGuard? _outer;
    private volatile bool _isOver;

    private ReentrancyGuard(string runId)
    {
        _runId = runId;
        _outer = Innermost;
    }

    // Turns that have ended are removed; otherwise, a chain of turns would keep all of its predecessors alive.
    private static ReentrancyGuard? Innermost
    {
        get
        {
            var turn = Flow.Value;
            while (turn is { _isOver: true })
                turn = turn._outer;
            return turn;
        }
    }

    /// <summary>Enters a turn. Call it within an asynchronous method, so that only the code that it calls is affected.</summary>
    public static ReentrancyGuard Enter(string runId) => Flow.Value = new ReentrancyGuard(runId);

    /// <summary>Determines whether the current code runs within the agent of the given run.</summary>
    public static bool Is(string runId)
    {
        for (var turn = Innermost; turn is not null; turn = turn._outer)
        {
            if (!turn._isOver && string.Equals(turn._runId, runId, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    public void Dispose()
    {
        _isOver = true;
        Flow.Value = Innermost;
    }
}

namespace Conversations;

/// <summary>A turn within whose agent this code runs: to wait for it from there is to wait for oneself.</summary>
/// <remarks>It flows along with the code, also into what the agent starts beside itself and leaves behind; so it counts only while the agent is at work.</remarks>
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

    // What is over is left out, or turns that beget turns would hold all that came before them.
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

    /// <summary>Begins to count a turn. Within an asynchronous method, so that it is seen by what that calls and not by who called it.</summary>
    public static ReentrancyGuard Enter(string runId) => Flow.Value = new ReentrancyGuard(runId);

    /// <summary>Whether the code runs within the agent of that run.</summary>
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

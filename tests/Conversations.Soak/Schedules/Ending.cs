namespace Conversations.Soak.Schedules;

/// <summary>How the agent of a schedule ends a turn.</summary>
internal sealed record Ending(RunStatus Outcome, int Pieces)
{
    public override string ToString() => $"{Outcome} with {Pieces}";
}

/// <summary>The agent of a schedule has failed as the schedule requested.</summary>
internal sealed class AgentFailedException : Exception;

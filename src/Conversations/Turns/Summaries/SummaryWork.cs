namespace Conversations;

/// <summary>The running summarization of one conversation. Its end grows as turns are committed meanwhile.</summary>
internal sealed class SummaryWork(TurnPlan plan, long before)
{
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The newest turn.</summary>
    public TurnPlan Plan { get; private set; } = plan;

    /// <summary>Where the window of the next turn begins.</summary>
    public long Before { get; private set; } = before;

    /// <summary>Completes when everything is covered or cannot be.</summary>
    public Task End => _end.Task;

    public void Extend(TurnPlan plan, long before)
    {
        if (before > Before)
            (Plan, Before) = (plan, before);
    }

    public void Finish() => _end.SetResult();
}

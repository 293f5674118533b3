namespace Conversations.Storage;

/// <summary>What the store in memory asks of a run. It keeps one with the status that it was closed with, which idempotency goes by and a restore shows again.</summary>
internal static class RunFacts
{
    /// <summary>How a run is shown, superseded or not.</summary>
    public static ConversationRun AsShown(this ConversationRun run) =>
        run.SupersededBy is null ? run : run with { Status = RunStatus.Superseded, Outcome = run.Status };

    /// <summary>Whether it is an answer to its request (rule 6.3).</summary>
    public static bool IsAnswered(this ConversationRun run) => run.Outcome is RunStatus.Completed or RunStatus.RequiresAction;

    /// <summary>The messages that it answers.</summary>
    public static MessageSpan Input(this ConversationRun run) => new(run.InputPosition, run.InputCount);
}

using Conversations.Storage;

namespace Conversations;

/// <summary>What a run is, and how applications see it.</summary>
internal static class RunRules
{
    /// <summary>The run as applications see it: superseded if another run superseded a message of it [5.5].</summary>
    public static ConversationRun AsShown(this StoredRun run) =>
        run.Run.SupersededBy is null ? run.Run : run.Run with { Status = RunStatus.Superseded, Outcome = run.Run.Outcome };

    /// <summary>Whether it answers its request [3.3].</summary>
    public static bool IsAnswered(this ConversationRun run) => run.Outcome is RunStatus.Completed or RunStatus.RequiresAction;

    /// <summary>The messages that it answers.</summary>
    public static MessageSpan Input(this ConversationRun run) => new(run.InputPosition, run.InputCount);
}

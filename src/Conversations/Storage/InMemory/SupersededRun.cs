namespace Conversations.Storage;

/// <summary>How a run that was superseded is shown. It is kept with the status that it was closed with, which idempotency goes by and a restore shows again.</summary>
internal static class SupersededRun
{
    public static ConversationRun AsShown(this ConversationRun run) =>
        run.SupersededBy is null ? run : run with { Status = RunStatus.Superseded };
}

using Conversations.Storage;

namespace Conversations.Tests.Storage;

/// <summary>Determines why the library sent a batch.</summary>
internal static class Writes
{
    /// <summary>Whether the batch begins a turn.</summary>
    public static bool IsBegin(this ConversationBatch batch) => Opened(batch) is { } open && !IsRenewal(batch) && open.Run.Status == RunStatus.Running;

    /// <summary>Whether the batch renews a lease: the lease runs from a later time than the run.</summary>
    public static bool IsRenewal(this ConversationBatch batch) => Opened(batch) is { } open && batch.Durability == WriteDurability.Process && open.LeaseExpiresAt - open.LeaseDuration > open.Run.StartedAt;

    /// <summary>Whether the batch ends a turn.</summary>
    public static bool IsCommit(this ConversationBatch batch) =>
        batch is { Durability: WriteDurability.Disk, Conversations: [{ Conversation.OpenRun: null, Runs: [{ Run: { Status: not RunStatus.Interrupted, EndedAt: not null } }, ..] }, ..] };

    /// <summary>Whether the batch saves a summary.</summary>
    public static bool IsSummary(this ConversationBatch batch) => batch.Conversations[0].Summary is not null;

    private static OpenRun? Opened(ConversationBatch batch) => batch.Conversations[0].Conversation.OpenRun;
}

namespace Conversations.Storage;

/// <summary>Which runs <see cref="IConversationUsageStore.SumUsageAsync"/> adds up, and how they are grouped. What is <see langword="null"/> does not narrow it; texts are compared ordinally [21.2].</summary>
public sealed record UsageSumQuery
{
    /// <summary>What the caller reaches [16].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>Only this conversation's.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Only this agent's.</summary>
    public string? Agent { get; init; }

    /// <summary>Only runs that began at this time or later.</summary>
    public DateTimeOffset? StartedFrom { get; init; }

    /// <summary>Only runs that began before this time.</summary>
    public DateTimeOffset? StartedBefore { get; init; }

    /// <summary>By what they are grouped; by nothing, all are one group [21.3].</summary>
    public UsageSumKeys Keys { get; init; }
}

namespace Conversations.Storage;

/// <summary>Specifies which runs <see cref="IConversationUsageStore.SumUsageAsync"/> adds up, and how they are grouped. A filter that is <see langword="null"/> does not narrow the runs; texts are compared ordinally [14.1].</summary>
public sealed record UsageSumQuery
{
    /// <summary>Gets what the caller can reach [8].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>Gets the id of the conversation whose runs are added up.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Gets the agent whose runs are added up.</summary>
    public string? Agent { get; init; }

    /// <summary>Gets the time at which, or after which, the runs began.</summary>
    public DateTimeOffset? StartedFrom { get; init; }

    /// <summary>Gets the time before which the runs began.</summary>
    public DateTimeOffset? StartedBefore { get; init; }

    /// <summary>Gets how the runs are grouped; without a grouping, all runs form one group [14.2].</summary>
    public UsageGrouping Keys { get; init; }
}

namespace Conversations;

/// <summary>How an agent remembers.</summary>
public enum PersistenceMode
{
    /// <summary>A history for each identity and channel.</summary>
    PerUser,

    /// <summary>One history for all callers with the same values of the <c>PartitionBy</c> fields, whatever their channel; also for a caller without identity.</summary>
    Shared,

    /// <summary>Nothing is stored.</summary>
    Stateless,
}

namespace Conversations;

/// <summary>What the holder of a lease learns about it.</summary>
internal enum LeaseState
{
    /// <summary>The lease was taken over or released, or its conversation was deleted.</summary>
    Lost,

    /// <summary>The lease is the holder's.</summary>
    Held,

    /// <summary>The lease is the holder's, and its run was asked to stop.</summary>
    StopRequested,
}

/// <summary>The outcome of a request to stop a run.</summary>
internal enum StopOutcome
{
    /// <summary>The run is not open.</summary>
    NotOpen,

    /// <summary>Its holder is asked to stop.</summary>
    Requested,

    /// <summary>Its lease had expired, and it was interrupted.</summary>
    Interrupted,
}

namespace Conversations.Storage;

/// <summary>What decides whether a turn of a conversation can begin.</summary>
internal sealed record LeaseState(long Key, string Id, ConversationStatus Status, long Run, long LeaseUntil, long LeaseDuration, long LastPosition)
{
    /// <summary>How many messages were appended since it was read, of what a run had streamed that was interrupted [20.3]. <see cref="LastPosition"/> is the position before them [5.7].</summary>
    public int Drafted { get; init; }

    public bool IsActive => Status == ConversationStatus.Active;

    /// <summary>Whether a turn was begun and neither committed nor taken over, expired or not.</summary>
    public bool IsOpen => LeaseUntil != 0;

    /// <summary>Whether the lease is taken and has not expired [4.2]. One that would run longer than two of its kind has [14.2].</summary>
    public bool IsHeld(long now) => LeaseUntil > now && (LeaseUntil - now) / 2 <= LeaseDuration;

    /// <summary>What is left of a lease that is held.</summary>
    public TimeSpan Left(long now) => TimeSpan.FromTicks(LeaseUntil - now);

    /// <summary>When a lease that is taken now expires; the end of time if that lies beyond it.</summary>
    public static long Until(long now, TimeSpan duration) => duration.Ticks > long.MaxValue - now ? long.MaxValue : now + duration.Ticks;
}

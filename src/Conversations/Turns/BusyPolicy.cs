namespace Conversations;

/// <summary>What a turn does when another turn of its conversation is open.</summary>
/// <remarks>Immutable, so safe from any thread.</remarks>
public sealed record BusyPolicy
{
    private BusyPolicy(TimeSpan timeout) => Timeout = timeout;

    /// <summary>Refuse at once with <see cref="ConversationLockedException"/>.</summary>
    public static BusyPolicy Reject { get; } = new(TimeSpan.Zero);

    /// <summary>How long to wait; zero for <see cref="Reject"/>.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>Wait for the conversation, first come, first served within the process; between processes whoever asks first after it is free.</summary>
    /// <param name="timeout">How long to wait before it is refused with <see cref="ConversationLockedException"/> after all; more than zero.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is not more than zero, or is over 24 days.</exception>
    public static BusyPolicy Wait(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, TimeSpan.FromDays(24));
        return new BusyPolicy(timeout);
    }
}

namespace Conversations;

/// <summary>Specifies what a turn does when another turn of its conversation is open.</summary>
/// <remarks>Immutable, and therefore thread-safe.</remarks>
public sealed record BusyPolicy
{
    /// <summary>The longest time that a turn waits.</summary>
    internal static readonly TimeSpan LongestWait = TimeSpan.FromDays(24);

    private BusyPolicy(TimeSpan timeout) => Timeout = timeout;

    /// <summary>Gets the policy that rejects the turn at once with <see cref="ConversationLockedException"/>.</summary>
    public static BusyPolicy Reject { get; } = new(TimeSpan.Zero);

    /// <summary>Gets how long the turn waits; zero for <see cref="Reject"/>.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>Returns a policy that waits for the conversation. Turns of one process begin in the order of their requests; the order between processes is undefined.</summary>
    /// <param name="timeout">The time after which the turn is rejected with <see cref="ConversationLockedException"/>; more than zero.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is zero or negative, or longer than 24 days.</exception>
    public static BusyPolicy Wait(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, LongestWait);
        return new BusyPolicy(timeout);
    }
}

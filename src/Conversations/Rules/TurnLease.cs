using Conversations.Storage;

namespace Conversations;

/// <summary>The right to write to a conversation while a turn is open [1.1].</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="RunNumber">The number of the run that holds it. It only grows within the conversation.</param>
/// <param name="Token">A random number that distinguishes its holder from every other, even if a run number was assigned twice.</param>
/// <param name="Duration">The duration of the lease from each renewal on.</param>
internal sealed record TurnLease(string ConversationId, long RunNumber, long Token, TimeSpan Duration)
{
    /// <summary>Returns when a lease expires that is taken or renewed at the given time.</summary>
    public static DateTimeOffset Expiry(DateTimeOffset now, TimeSpan duration) =>
        duration > DateTimeOffset.MaxValue - now ? DateTimeOffset.MaxValue : now + duration;

    /// <summary>Returns the remaining time of a lease; zero if it has expired.</summary>
    public static TimeSpan Left(OpenRun run, DateTimeOffset now)
    {
        var left = run.LeaseExpiresAt - now;

        // More than two of its durations: the clock was set back, and the lease must not lock for ever [1.6].
        return left < TimeSpan.Zero || left / 2 > run.LeaseDuration ? TimeSpan.Zero : left;
    }

    /// <summary>Determines whether an open run holds a lease that has not expired.</summary>
    public static bool IsHeld(OpenRun? run, DateTimeOffset now) => run is not null && Left(run, now) > TimeSpan.Zero;

    /// <summary>Determines whether this is the lease of the conversation's open run, expired or not.</summary>
    public bool IsOf(StoredConversation? conversation) => conversation?.OpenRun is { } open && open.Run.Number == RunNumber && open.Token == Token;
}

using System.Runtime.InteropServices;

namespace Conversations.Storage;

/// <summary>How long a call waits while another process has the database locked: from its arrival, asynchronously, for the busy timeout.</summary>
/// <remarks>SQLite itself never waits: it would hold the thread of the caller and know nothing of its token. By the system's clock, since the other process does not stop with the host's clock.</remarks>
[StructLayout(LayoutKind.Auto)]
internal struct BusyWait(TimeSpan timeout)
{
    private const int LongestDelay = 10;

    private readonly long _arrivedAt = TimeProvider.System.GetTimestamp();
    private int _attempts;

    /// <summary>Gets whether the timeout is over.</summary>
    public readonly bool IsOver => TimeProvider.System.GetElapsedTime(_arrivedAt) >= timeout;

    /// <summary>Returns how long to wait before the next attempt: 1, 2, 4, 8 and then 10 milliseconds, randomized.</summary>
    /// <param name="attempts">The number of attempts before.</param>
    public static TimeSpan DelayAfter(int attempts) =>
        TimeSpan.FromMilliseconds(Math.Min(LongestDelay, 1 << Math.Min(attempts, 4)) * (0.5 + Random.Shared.NextDouble()));

    /// <summary>Waits before the next attempt.</summary>
    /// <exception cref="ConversationStoreException">The timeout is over (<c>STORE_UNAVAILABLE</c>).</exception>
    public Task DelayAsync(CancellationToken cancellationToken) =>
        IsOver ? Task.FromException(SqliteErrors.LockedTooLong()) : Task.Delay(DelayAfter(_attempts++), TimeProvider.System, cancellationToken);
}

using System.Runtime.InteropServices;

namespace Conversations.Storage;

/// <summary>A lease that was taken and neither released nor taken over.</summary>
/// <param name="Fence">The number of the run that holds it.</param>
/// <param name="Duration">How long it runs unless renewed.</param>
/// <param name="ExpiresAt">When it expires.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct HeldLease(long Fence, TimeSpan Duration, DateTimeOffset ExpiresAt)
{
    public static HeldLease From(DateTimeOffset now, long fence, TimeSpan duration) => new(fence, duration, duration > DateTimeOffset.MaxValue - now ? DateTimeOffset.MaxValue : now + duration);

    /// <summary>What is left of it; zero once it has expired.</summary>
    public TimeSpan Left(DateTimeOffset now)
    {
        var left = ExpiresAt - now;

        // More than two of its durations: the clock was set back (rule 14.2).
        return left < TimeSpan.Zero || left / 2 > Duration ? TimeSpan.Zero : left;
    }
}

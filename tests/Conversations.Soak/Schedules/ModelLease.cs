namespace Conversations.Soak.Schedules;

/// <summary>A lease as the model holds it.</summary>
internal sealed record ModelLease(ModelRun Run, DateTimeOffset Until)
{
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    /// <summary>A lease that would run for more than twice its duration was taken before the clock was set back: it has expired, too.</summary>
    public bool IsHeldAt(DateTimeOffset now) => Until > now && Until <= now + (2 * Duration);
}

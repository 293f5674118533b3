using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A clock that does not show what it should.</summary>
internal abstract class BentClock(TimeProvider inner) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => Bend(inner.GetUtcNow());

    protected abstract DateTimeOffset Bend(DateTimeOffset now);
}

internal sealed class MillisecondClock(TimeProvider inner) : BentClock(inner)
{
    protected override DateTimeOffset Bend(DateTimeOffset now) => Times.ToTheMillisecond(now);
}

internal sealed class ClockThatNeverGoesBack(TimeProvider inner) : BentClock(inner)
{
    private DateTimeOffset _latest;

    protected override DateTimeOffset Bend(DateTimeOffset now) => _latest = now > _latest ? now : _latest;
}

internal static class Times
{
    public static DateTimeOffset ToTheMillisecond(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMillisecond));
}

[Breaks("keeps its own times to the millisecond", "9.2", "14.1")]
public sealed class RoundsItsOwnTimes(TimeProvider clock) : RewritingStore(clock, new InMemoryConversationStore(new MillisecondClock(clock)));

[Breaks("keeps the times of messages to the millisecond", "9.2")]
public sealed class RoundsTheTimesOfMessages(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationMessage Shown(ConversationMessage message) =>
        message with { CreatedAt = message.CreatedAt is { } time ? Times.ToTheMillisecond(time) : null };
}

[Breaks("gives the times of messages with the offset that they had", "9.2")]
public sealed class KeepsOffsets(TimeProvider clock) : RewritingStore(clock)
{
    private TimeSpan _offset;

    protected override ConversationMessage Written(ConversationMessage message)
    {
        _offset = message.CreatedAt?.Offset ?? TimeSpan.Zero;
        return message;
    }

    protected override ConversationMessage Shown(ConversationMessage message) => message with { CreatedAt = message.CreatedAt?.ToOffset(_offset) };
}

[Breaks("gives the local time for UTC", "9.2")]
public sealed class DropsOffsets(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default) =>
        base.CreateConversationAsync(command with { CreatedAt = command.CreatedAt is { } time ? new DateTimeOffset(time.DateTime, TimeSpan.Zero) : null }, cancellationToken);
}

[Breaks("keeps no time before 1970", "9.2")]
public sealed class KeepsNoTimeBefore1970(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationMessage Shown(ConversationMessage message) =>
        message with { CreatedAt = message.CreatedAt < DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : message.CreatedAt };
}

[Breaks("goes by the clock of the system, whatever clock it was given", "14.1")]
public sealed class GoesByTheSystemClock(TimeProvider clock) : RewritingStore(clock, new InMemoryConversationStore(TimeProvider.System));

[Breaks("gives the start of a run for its end", "14.1")]
public sealed class EndsRunsWhenTheyBegin(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run) => run with { EndedAt = run.EndedAt is null ? null : run.StartedAt };
}

[Breaks("keeps a lease locked when the clock is set back, however far", "14.2")]
public sealed class LocksUntilTheClockIsBack(TimeProvider clock) : RewritingStore(clock, new InMemoryConversationStore(new ClockThatNeverGoesBack(clock)));

[Breaks("frees a lease when the clock is set back, however little", "14.2")]
public sealed class FreesAtASmallStepBack(TimeProvider clock) : LeaseWatchingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (await TargetAsync(command) is { } target && OpenLeaseOf(target.Id) is { } open && Now < open.Taken)
            await RevokeAsync(target.Id);
        return await base.BeginTurnAsync(command, cancellationToken);
    }
}

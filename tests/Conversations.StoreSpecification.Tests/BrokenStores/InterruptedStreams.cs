using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("loses what an interrupted run had streamed", "20.3")]
public sealed class LosesWhatWasStreamed(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override AppendSegmentsCommand Appended(AppendSegmentsCommand command) => command with { OnInterruption = InterruptedOutput.Discard };
}

[Breaks("appends what was streamed to be discarded", "20.3")]
public sealed class AppendsWhatIsToBeDiscarded(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override AppendSegmentsCommand Appended(AppendSegmentsCommand command) =>
        command.OnInterruption == InterruptedOutput.Discard ? command with { OnInterruption = InterruptedOutput.Append } : command;
}

[Breaks("appends what was streamed to be superseded as if it were current", "20.3", "19.4")]
public sealed class AppendsWhatIsToBeSuperseded(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override AppendSegmentsCommand Appended(AppendSegmentsCommand command) =>
        command.OnInterruption == InterruptedOutput.AppendSuperseded ? command with { OnInterruption = InterruptedOutput.Append } : command;
}

[Breaks("does with what was streamed what the first command said", "20.3")]
public sealed class GoesByTheFirstWord(TimeProvider clock) : StreamRewritingStore(clock)
{
    private readonly ConcurrentDictionary<long, InterruptedOutput> _first = [];

    protected override AppendSegmentsCommand Appended(AppendSegmentsCommand command) => command with { OnInterruption = _first.GetOrAdd(command.Lease.Fence, command.OnInterruption) };
}

[Breaks("marks nothing partial that was streamed", "20.3")]
public sealed class MarksNothingPartial(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override ConversationMessage Shown(ConversationMessage message) => message with { IsPartial = false };
}

[Breaks("forgets the metadata of what was streamed when it becomes a message", "20.3", "10.1")]
public sealed class ForgetsTheMetadataOfWhatWasStreamed(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override ConversationMessage Shown(ConversationMessage message) => message.IsPartial ? message with { Metadata = null } : message;
}

[Breaks("makes a message of each segment", "20.3", "10.1")]
public sealed class MakesAMessageOfEachSegment(TimeProvider clock) : StreamRewritingStore(clock)
{
    private const int Apart = 1_000;

    protected override AppendSegmentsCommand Appended(AppendSegmentsCommand command) => command with
    {
        Segments = [.. command.Segments.Select(segment => segment with { Fragment = segment.Fragment with { Position = (segment.Fragment.Position * Apart) + segment.Number } })],
    };

    protected override StreamRead Shown(StreamRead read) =>
        read with { Segments = [.. read.Segments.Select(segment => segment with { Fragment = segment.Fragment with { Position = segment.Fragment.Position / Apart } })] };
}

[Breaks("says that an interrupted run put out nothing", "20.3")]
public sealed class ForgetsTheOutputOfTheInterrupted(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run) => run.Status == RunStatus.Interrupted ? run with { OutputPosition = 0, OutputCount = 0 } : run;
}

[Breaks("takes an interruption that appends for no activity", "20.3", "8.5")]
public sealed class TakesAnInterruptionForNoActivity(TimeProvider clock) : StreamRewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _before = new(StringComparer.Ordinal);

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var before = await TargetAsync(command);
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (before is not null && outcome is TurnBegun { IsOnSavedInput: true })
            _before[before.Id] = before.LastActivityAt;
        return outcome;
    }

    protected override Conversation Shown(Conversation conversation) =>
        _before.TryGetValue(conversation.Id, out var before) ? conversation with { LastActivityAt = before } : conversation;
}

[Breaks("interrupts whoever let a lease expire before it looks whether a turn can begin", "20.3", "5.7")]
public sealed class InterruptsBeforeItLooks(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (await TargetAsync(command) is { } target && IsExpired(target.Id))
            await Streams.InterruptRunAsync(target.Id, OpenLeaseOf(target.Id)!.Lease.Fence, Host, cancellationToken);
        return await base.BeginTurnAsync(command, cancellationToken);
    }
}

[Breaks("drops what was streamed when its conversation ends", "20.3", "6.6")]
public sealed class DropsWhatWasStreamedInWhatHasEnded(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override async ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default)
    {
        var changed = await base.UpdateConversationAsync(conversationId, access, change, cancellationToken);
        if (changed is { IsActive: false } && OpenLeaseOf(conversationId) is { Lease: var lease } && await AllAsync(lease) is { Segments: { Count: > 0 } segments })
            await Streams.AppendSegmentsAsync(new AppendSegmentsCommand { Lease = lease, Segments = segments, KeepFor = TimeSpan.MaxValue, OnInterruption = InterruptedOutput.Discard }, cancellationToken);
        return changed;
    }
}

[Breaks("forgets the segments of a run that was interrupted", "20.5")]
public sealed class ForgetsSegmentsOfTheInterrupted(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override StreamRead Shown(StreamRead read) => read with { Segments = read.Run.Status == RunStatus.Interrupted ? [] : read.Segments };
}

[Breaks("says that every run was interrupted", "20.6")]
public sealed class SaysThatEveryRunWasInterrupted(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override async ValueTask<bool> InterruptRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        await base.InterruptRunAsync(conversationId, number, access, cancellationToken);
        return true;
    }
}

[Breaks("interrupts only runs that streamed something", "20.6")]
public sealed class InterruptsOnlyWhatStreamed(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override async ValueTask<bool> InterruptRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        await AllAsync(new TurnLease(conversationId, number, TimeSpan.Zero)) is { Segments.Count: > 0 } && await base.InterruptRunAsync(conversationId, number, access, cancellationToken);
}

[Breaks("interrupts a run whose lease is held", "20.6")]
public sealed class InterruptsWhoHoldsTheLease(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override async ValueTask<bool> InterruptRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        if (OpenLeaseOf(conversationId)?.Lease.Fence != number)
            return await base.InterruptRunAsync(conversationId, number, access, cancellationToken);

        await RevokeAsync(conversationId);
        return true;
    }
}

[Breaks("interrupts no run whose lease is of the future", "20.6", "14.2")]
public sealed class LeavesALeaseOfTheFuture(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override async ValueTask<bool> InterruptRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        IsExpired(conversationId) && await base.InterruptRunAsync(conversationId, number, access, cancellationToken);
}

[Breaks("interrupts no run of a conversation that is not active", "20.6")]
public sealed class InterruptsInActiveConversationsAlone(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override async ValueTask<bool> InterruptRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        await Inner.GetConversationAsync(conversationId, access, cancellationToken) is { IsActive: true } && await base.InterruptRunAsync(conversationId, number, access, cancellationToken);
}

[Breaks("reopens a conversation when a run of it is interrupted", "20.6", "5.8")]
public sealed class ReopensWhereItInterrupts(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override async ValueTask<bool> InterruptRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        await base.InterruptRunAsync(conversationId, number, access, cancellationToken)
        && await Inner.UpdateConversationAsync(conversationId, access, new ConversationChange { Status = ConversationStatus.Active }, cancellationToken) is not null;
}

using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks(
    "looks whether the lease is the current one, and says that it saved the segments, whoever took over meanwhile",
    "20.1",
    Races = [nameof(StreamRaceSpecification<>.Append_while_another_takes_over_is_in_what_is_left_or_refused)])]
public sealed class SavesSegmentsWithoutLookingAgain(TimeProvider clock) : StreamRewritingStore(clock)
{
    private readonly Gap _gap = new();

    public override async ValueTask<bool> AppendSegmentsAsync(AppendSegmentsCommand command, CancellationToken cancellationToken = default)
    {
        var isCurrent = await AllAsync(command.Lease) is { IsLeaseExpired: true };
        if (isCurrent)
            await _gap.PassAsync();
        return await base.AppendSegmentsAsync(command, cancellationToken) || isCurrent;
    }

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (await TargetAsync(command) is { } target && IsExpired(target.Id))
            await _gap.WaitAsync();
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        _gap.Come();
        return outcome;
    }
}

[Breaks(
    "looks whether a run can be interrupted, and says that it was, whatever became of it meanwhile",
    "20.6",
    Races =
    [
        nameof(StreamRaceSpecification<>.Interrupt_by_many_while_another_takes_over_happens_once),
        nameof(StreamRaceSpecification<>.Interrupt_while_the_holder_commits_is_done_or_refused),
    ])]
public sealed class InterruptsWithoutLookingAgain(TimeProvider clock) : StreamRewritingStore(clock)
{
    private readonly Gap _gap = new();

    public override async ValueTask<bool> InterruptRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        if (await Streams.ReadStreamAsync(new StreamQuery { ConversationId = conversationId, RunNumber = number, Access = access, Limit = 1 }, cancellationToken) is not { IsLeaseExpired: true })
            return false;

        await _gap.PassAsync();
        await base.InterruptRunAsync(conversationId, number, access, cancellationToken);
        return true;
    }

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (await TargetAsync(command) is { } target && IsExpired(target.Id))
            await _gap.WaitAsync();
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        _gap.Come();
        return outcome;
    }

    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        await _gap.WaitAsync();
        var committed = await base.CommitTurnAsync(command, cancellationToken);
        _gap.Come();
        return committed;
    }
}

[Breaks("looks which segments are there, and appends the others, whoever did so meanwhile", "20.1", Races = [nameof(StreamRaceSpecification<>.Append_of_the_same_by_many_keeps_each_segment_once)])]
public sealed class AppendsWhatItDidNotFind(TimeProvider clock) : StreamRewritingStore(clock)
{
    private readonly Gap _gap = new();
    private readonly ConcurrentDictionary<long, ConcurrentQueue<StreamSegment>> _appended = [];

    public override async ValueTask<bool> AppendSegmentsAsync(AppendSegmentsCommand command, CancellationToken cancellationToken = default)
    {
        var appended = _appended.GetOrAdd(command.Lease.Fence, _ => []);
        var missing = command.Segments.Where(segment => appended.All(there => there.Number != segment.Number)).ToList();
        await _gap.PassAsync();
        foreach (var segment in missing)
            appended.Enqueue(segment);
        return await base.AppendSegmentsAsync(command, cancellationToken);
    }

    protected override StreamRead Shown(StreamRead read) => read with { Segments = [.. _appended[read.Run.Number].OrderBy(segment => segment.Number)] };
}

[Breaks("reads the segments, and then the run", "20.2", "3.4", Races = [nameof(StreamRaceSpecification<>.Read_while_a_run_streams_and_ends_finds_run_and_segments_of_one_moment)])]
public sealed class ReadsSegmentsBeforeTheRun(TimeProvider clock) : StreamRewritingStore(clock)
{
    private readonly Gap _gap = new();

    public override async ValueTask<StreamRead?> ReadStreamAsync(StreamQuery query, CancellationToken cancellationToken = default)
    {
        var before = await base.ReadStreamAsync(query, cancellationToken);
        if (before is { Run.Status: RunStatus.Running })
            await _gap.PassAsync();
        return await base.ReadStreamAsync(query, cancellationToken) is { } read ? read with { Segments = before!.Segments } : null;
    }

    public override async ValueTask<bool> AppendSegmentsAsync(AppendSegmentsCommand command, CancellationToken cancellationToken = default)
    {
        if (IsExpired(command.Lease.ConversationId))
            await _gap.WaitAsync();
        return await base.AppendSegmentsAsync(command, cancellationToken);
    }

    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        var committed = await base.CommitTurnAsync(command, cancellationToken);
        _gap.Come();
        return committed;
    }
}

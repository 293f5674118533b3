using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks(
    "looks for the current conversation, and then creates one, whoever created one meanwhile",
    "5.1",
    Races =
    [
        nameof(RaceSpecification<>.Begin_by_many_creates_one_conversation_and_begins_one_turn),
        nameof(RaceSpecification<>.Begin_by_many_on_a_running_clock_begins_one_turn),
    ])]
public sealed class CreatesWithoutLookingAgain(TimeProvider clock) : RewritingStore(clock)
{
    private readonly Gap _gap = new();

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var current = await TargetAsync(command);
        if (command.Scope is null || command.StartNew || current is { IsActive: true })
            return await base.BeginTurnAsync(command, cancellationToken);

        await _gap.PassAsync();
        var outcome = await base.BeginTurnAsync(command with { StartNew = true }, cancellationToken);
        return outcome is TurnBegun { StartReason: ConversationStartReason.Requested } begun
            ? begun with { StartReason = current is null ? ConversationStartReason.First : ConversationStartReason.Ended }
            : outcome;
    }
}

[Breaks(
    "looks whether a conversation is free, and then takes its lease, whoever took it meanwhile",
    "4.2",
    "4.3",
    Races =
    [
        nameof(RaceSpecification<>.Begin_by_many_creates_one_conversation_and_begins_one_turn),
        nameof(RaceSpecification<>.Begin_by_many_at_expiry_takes_over_once_or_finds_it_committed),
        nameof(RaceSpecification<>.Turns_by_many_leave_whole_exchanges_at_consecutive_positions),
    ])]
public sealed class TakesWithoutLookingAgain(TimeProvider clock) : LeaseWatchingStore(clock)
{
    private readonly Gap _gap = new();

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var isFree = await TargetAsync(command) is not { } target || OpenLeaseOf(target.Id) is not { } open || open.Expires <= Now;
        await _gap.PassAsync();
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (!isFree || outcome is not TurnLocked locked)
            return outcome;

        var lease = new TurnLease(locked.ConversationId, locked.HolderRunNumber, command.LeaseDuration);
        await Inner.CommitTurnAsync(new CommitTurnCommand { Lease = lease, Status = RunStatus.Interrupted }, cancellationToken);
        return await base.BeginTurnAsync(command, cancellationToken);
    }
}

[Breaks(
    "reads the clock before it waits for its turn, and takes what was begun meanwhile for begun in the future",
    "14.2",
    Races = [nameof(RaceSpecification<>.Begin_by_many_on_a_running_clock_begins_one_turn)])]
public sealed class FreesWhatWasBegunMeanwhile(TimeProvider clock) : LeaseWatchingStore(clock)
{
    private readonly Gap _gap = new();

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var early = Now;
        await _gap.PassAsync();
        if (await TargetAsync(command) is { } target && OpenLeaseOf(target.Id) is { } open && early < open.Taken && open.Taken <= Now)
            await RevokeAsync(target.Id);
        return await base.BeginTurnAsync(command, cancellationToken);
    }
}

[Breaks(
    "reads the last fence, and then gives the next, whoever was given that meanwhile",
    "4.1",
    Races = [nameof(RaceSpecification<>.Begin_by_many_of_new_conversations_creates_them_all_and_one_is_current)])]
public sealed class GivesAFenceTwice(TimeProvider clock) : RewritingStore(clock)
{
    private readonly Gap _gap = new();
    private readonly ConcurrentDictionary<string, long> _offsets = new(StringComparer.Ordinal);
    private long _last;

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var next = Volatile.Read(ref _last) + 1;
        await _gap.PassAsync();
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is not TurnBegun begun)
            return outcome;

        Volatile.Write(ref _last, next);
        _offsets[begun.Lease.ConversationId] = begun.Lease.Fence - next;
        return begun with { Lease = begun.Lease with { Fence = next } };
    }

    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command with { Lease = command.Lease with { Fence = command.Lease.Fence + _offsets.GetValueOrDefault(command.Lease.ConversationId) } }, cancellationToken);
}

[Breaks(
    "looks for the key of a request, and then begins it, whoever began it meanwhile",
    "6.7",
    Races =
    [
        nameof(RaceSpecification<>.Begin_by_many_with_one_key_begins_one),
        nameof(RaceSpecification<>.Begin_by_many_with_one_key_for_a_new_conversation_creates_one),
    ])]
public sealed class BeginsARequestWithoutLookingAgain(TimeProvider clock) : RewritingStore(clock)
{
    private readonly Gap _gap = new();
    private readonly ConcurrentDictionary<(string Caller, string Key), string> _known = [];
    private int _last;

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (command.IdempotencyKey is not { } key)
            return await base.BeginTurnAsync(command, cancellationToken);

        var found = _known.GetValueOrDefault((command.Caller, key)) ?? $"{Interlocked.Increment(ref _last)}:{key}";
        await _gap.PassAsync();
        var outcome = await base.BeginTurnAsync(command with { IdempotencyKey = found }, cancellationToken);
        if (outcome is TurnBegun)
            _known[(command.Caller, key)] = found;
        return outcome;
    }

    protected override ConversationRun Shown(ConversationRun run) =>
        run with { IdempotencyKey = run.IdempotencyKey is { } key ? key[(key.IndexOf(':', StringComparison.Ordinal) + 1)..] : null };
}

[Breaks(
    "looks whether the lease is held, and then commits, whoever committed or took it meanwhile",
    "4.4",
    "4.6",
    Races =
    [
        nameof(RaceSpecification<>.Commit_by_many_of_one_lease_commits_once),
        nameof(RaceSpecification<>.Begin_by_many_at_expiry_takes_over_once_or_finds_it_committed),
    ])]
public sealed class CommitsWithoutLookingAgain(TimeProvider clock) : RewritingStore(clock)
{
    private readonly Gap _gap = new();

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        // Beginning is right, but gives a commit the time to look.
        await _gap.PassAsync();
        return await base.BeginTurnAsync(command, cancellationToken);
    }

    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        var isHeld = await Inner.GetRunAsync(command.Lease.ConversationId, command.Lease.Fence, Host, cancellationToken) is { Status: RunStatus.Running };
        await _gap.PassAsync();
        if (!await base.CommitTurnAsync(command, cancellationToken) && isHeld)
            await AppendAsync(command.Lease.ConversationId, command.Messages);
        return isHeld;
    }
}

[Breaks(
    "writes a commit in two halves, between which others read and write",
    "3.1",
    "2.1",
    Races =
    [
        nameof(RaceSpecification<>.Turns_by_many_leave_whole_exchanges_at_consecutive_positions),
        nameof(RaceSpecification<>.Reading_while_turns_begin_and_commit_finds_whole_writes),
    ])]
public sealed class CommitsInTwoHalves(TimeProvider clock) : RewritingStore(clock)
{
    private readonly Gap _gap = new();
    private readonly ConcurrentDictionary<long, long> _runs = [];
    private readonly ConcurrentDictionary<long, int> _counts = [];

    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (command.Messages.Count < 2)
            return await base.CommitTurnAsync(command, cancellationToken);

        var half = command.Messages.Count / 2;
        if (!await base.CommitTurnAsync(command with { Messages = [.. command.Messages.Take(half)] }, cancellationToken))
            return false;

        await _gap.PassAsync();
        TurnBegun? begun;
        while ((begun = await AppendAsync(command.Lease.ConversationId, [.. command.Messages.Skip(half)])) is null)
            await Task.Yield();
        _runs[begun.Lease.Fence] = command.Lease.Fence;
        _counts[command.Lease.Fence] = command.Messages.Count;
        return true;
    }

    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default)
    {
        var read = await base.ReadMessagesAsync(query, cancellationToken);
        _gap.Come();
        return read;
    }

    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome)
    {
        _gap.Come();
        return outcome;
    }

    protected override ConversationRun Shown(ConversationRun run) =>
        _counts.TryGetValue(run.Number, out var count) ? run with { OutputCount = count } : run;

    protected override ConversationMessage Shown(ConversationMessage message) =>
        message.RunNumber is { } number && _runs.TryGetValue(number, out var run) ? message with { RunNumber = run } : message;
}

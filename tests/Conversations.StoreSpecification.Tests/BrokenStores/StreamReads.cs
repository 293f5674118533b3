using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("reads a stream from the first segment on that begins at the offset or after it", "20.2")]
public sealed class ReadsFromTheNextSegment(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override async ValueTask<StreamRead?> ReadStreamAsync(StreamQuery query, CancellationToken cancellationToken = default) =>
        await base.ReadStreamAsync(query with { From = -1, Limit = int.MaxValue }, cancellationToken) is { } read
            ? read with { Segments = [.. read.Segments.Where(segment => segment.Offset >= query.From).Take(query.Limit)] }
            : null;
}

[Breaks("reads a stream to its end, whatever the limit", "20.2")]
public sealed class IgnoresTheLimitOfStreams(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override ValueTask<StreamRead?> ReadStreamAsync(StreamQuery query, CancellationToken cancellationToken = default) =>
        base.ReadStreamAsync(query with { Limit = int.MaxValue }, cancellationToken);
}

[Breaks("finds a run by its number alone, whatever conversation is named", "20.2", "16.1")]
public sealed class FindsStreamsByRunAlone(TimeProvider clock) : StreamRewritingStore(clock)
{
    private readonly ConcurrentDictionary<long, string> _conversations = [];

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is TurnBegun begun)
            _conversations[begun.Lease.Fence] = begun.Lease.ConversationId;
        return outcome;
    }

    public override ValueTask<StreamRead?> ReadStreamAsync(StreamQuery query, CancellationToken cancellationToken = default) =>
        base.ReadStreamAsync(query with { ConversationId = _conversations.GetValueOrDefault(query.RunNumber, query.ConversationId) }, cancellationToken);
}

[Breaks("finds no run that streamed nothing", "20.2")]
public sealed class FindsOnlyRunsThatStreamed(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override async ValueTask<StreamRead?> ReadStreamAsync(StreamQuery query, CancellationToken cancellationToken = default) =>
        await base.ReadStreamAsync(query, cancellationToken) is { Segments.Count: > 0 } read ? read : null;
}

[Breaks("takes a lease for expired only after its time, not when it has come", "20.2", "4.3")]
public sealed class SaysTooLateThatALeaseExpired(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override StreamRead Shown(StreamRead read) =>
        read with { IsLeaseExpired = read.IsLeaseExpired && OpenLeaseOf(read.Run.ConversationId)?.Expires != Now };
}

[Breaks("takes a lease of the future for one that is held", "20.2", "14.2")]
public sealed class TakesALeaseOfTheFutureForHeld(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override StreamRead Shown(StreamRead read) => read with { IsLeaseExpired = read.IsLeaseExpired && IsExpired(read.Run.ConversationId) };
}

[Breaks("takes the lease of every run for expired that does not hold it", "20.2")]
public sealed class TakesWhatIsFreeForExpired(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override StreamRead Shown(StreamRead read) => read with { IsLeaseExpired = read.IsLeaseExpired || OpenLeaseOf(read.Run.ConversationId)?.Lease.Fence != read.Run.Number };
}

[Breaks("shows the run of a stream as it was closed, whatever superseded it since", "20.2", "19.5")]
public sealed class ShowsTheRunOfAStreamAsItWasClosed(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override StreamRead Shown(StreamRead read) =>
        read with { Run = read.Run.Status == RunStatus.Superseded ? read.Run with { Status = read.Run.Outcome, SupersededBy = null } : read.Run };
}

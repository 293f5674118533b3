using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("commits what was streamed, too", "20.4")]
public sealed class CommitsWhatWasStreamed(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        await base.CommitTurnAsync(command with { Messages = [.. StreamSegment.Join((await AllAsync(command.Lease))?.Segments ?? []), .. command.Messages] }, cancellationToken);
}

[Breaks("keeps segments for as long as the first command said", "20.5")]
public sealed class KeepsForAsLongAsTheFirstCommandSaid(TimeProvider clock) : StreamRewritingStore(clock)
{
    private readonly ConcurrentDictionary<long, TimeSpan> _first = [];

    protected override AppendSegmentsCommand Appended(AppendSegmentsCommand command) => command with { KeepFor = _first.GetOrAdd(command.Lease.Fence, command.KeepFor) };
}

[Breaks("keeps segments for ever", "20.5")]
public sealed class KeepsSegmentsForEver(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override AppendSegmentsCommand Appended(AppendSegmentsCommand command) => command with { KeepFor = TimeSpan.MaxValue };
}

[Breaks("forgets the segments of a run that has ended", "20.5")]
public sealed class ForgetsSegmentsAtTheEnd(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override StreamRead Shown(StreamRead read) => read with { Segments = read.Run.EndedAt is null ? read.Segments : [] };
}

[Breaks("keeps segments from the beginning of their run on, not from its end", "20.5", "14.1")]
public sealed class KeepsSegmentsFromTheBeginning(TimeProvider clock) : StreamRewritingStore(clock)
{
    private readonly ConcurrentDictionary<long, TimeSpan> _keepFor = [];

    protected override AppendSegmentsCommand Appended(AppendSegmentsCommand command)
    {
        _keepFor[command.Lease.Fence] = command.KeepFor;
        return command;
    }

    protected override StreamRead Shown(StreamRead read) =>
        read with { Segments = _keepFor.TryGetValue(read.Run.Number, out var keepFor) && Now - read.Run.StartedAt >= keepFor ? [] : read.Segments };
}

[Breaks("counts to the end of what is kept, and beyond the end of time", "20.5")]
public sealed class KeepsNothingBeyondTheEndOfTime(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override AppendSegmentsCommand Appended(AppendSegmentsCommand command) =>
        command.KeepFor > DateTimeOffset.MaxValue - Now ? command with { KeepFor = TimeSpan.Zero } : command;
}

[Breaks("sweeps all that has ended when another stream begins, whether its time is over or not", "20.5")]
public sealed class SweepsWhatIsKept(TimeProvider clock) : StreamRewritingStore(clock)
{
    private readonly ConcurrentDictionary<long, DateTimeOffset> _begun = [];

    protected override AppendSegmentsCommand Appended(AppendSegmentsCommand command)
    {
        _begun.TryAdd(command.Lease.Fence, Now);
        return command;
    }

    protected override StreamRead Shown(StreamRead read) =>
        read with { Segments = _begun.Values.Any(begun => begun > read.Run.EndedAt) ? [] : read.Segments };
}

/// <summary>A right store of streams that can keep one which the store beneath has not.</summary>
public abstract class StreamHoardingStore(TimeProvider clock) : StreamRewritingStore(clock)
{
    private readonly ConcurrentDictionary<(string Conversation, long Run), StreamRead> _kept = [];

    public override async ValueTask<StreamRead?> ReadStreamAsync(StreamQuery query, CancellationToken cancellationToken = default) =>
        _kept.TryGetValue((query.ConversationId, query.RunNumber), out var kept) ? kept : await base.ReadStreamAsync(query, cancellationToken);

    protected async ValueTask KeepAsync(string conversationId)
    {
        foreach (var run in await Inner.ListRunsAsync(new RunListing { ConversationId = conversationId, Access = Host, Limit = int.MaxValue }))
        {
            if (run.EndedAt is not null && await AllAsync(new TurnLease(conversationId, run.Number, TimeSpan.Zero)) is { Segments.Count: > 0 } read)
                _kept[(conversationId, run.Number)] = read;
        }
    }
}

[Breaks("keeps the segments of a run when a message of it is deleted", "20.5")]
public sealed class KeepsSegmentsOfDeletedMessages(TimeProvider clock) : StreamHoardingStore(clock)
{
    public override async ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        await KeepAsync(conversationId);
        return await base.DeleteMessageAsync(conversationId, position, access, cancellationToken);
    }
}

[Breaks("drops the segments of a running turn with its input", "20.5", "20.3")]
public sealed class DropsARunningStreamWithItsInput(TimeProvider clock) : StreamRewritingStore(clock)
{
    private readonly ConcurrentDictionary<(string, long), bool> _dropped = [];

    public override async ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        foreach (var run in await Inner.ListRunsAsync(new RunListing { ConversationId = conversationId, Access = Host, Limit = 9 }, cancellationToken))
        {
            if (run.Status == RunStatus.Running && run.InputPosition == position)
                _dropped[(conversationId, run.Number)] = true;
        }

        return await base.DeleteMessageAsync(conversationId, position, access, cancellationToken);
    }

    protected override StreamRead Shown(StreamRead read) => _dropped.ContainsKey((read.Run.ConversationId, read.Run.Number)) ? read with { Segments = [] } : read;
}

[Breaks("drops the segments of all runs of a conversation with a message", "20.5", "13.2")]
public sealed class DropsAllSegmentsWithAMessage(TimeProvider clock) : StreamRewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, bool> _dropped = new(StringComparer.Ordinal);

    public override ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        _dropped[conversationId] = true;
        return base.DeleteMessageAsync(conversationId, position, access, cancellationToken);
    }

    protected override StreamRead Shown(StreamRead read) => _dropped.ContainsKey(read.Run.ConversationId) ? read with { Segments = [] } : read;
}

[Breaks("keeps the segments of a deleted conversation", "20.5", "13.1")]
public sealed class KeepsSegmentsOfDeletedConversations(TimeProvider clock) : StreamHoardingStore(clock)
{
    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        await KeepAsync(conversationId);
        return await base.DeleteConversationAsync(conversationId, access, cancellationToken);
    }
}

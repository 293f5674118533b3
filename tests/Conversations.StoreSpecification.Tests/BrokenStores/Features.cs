using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("13.1")]
public sealed class IgnoresTokensOfLeases(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<bool> AppendSegmentsAsync(SegmentBatch batch, CancellationToken cancellationToken = default)
    {
        var state = await Inner.LoadAsync(new ConversationLookup { Access = batch.Access, ConversationId = batch.ConversationId }, cancellationToken);
        return await base.AppendSegmentsAsync(batch with { Token = state.Conversation?.OpenRun?.Token ?? batch.Token }, cancellationToken);
    }
}

[Breaks("13.1")]
public sealed class AppendsSegmentsOneByOne(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<bool> AppendSegmentsAsync(SegmentBatch batch, CancellationToken cancellationToken = default)
    {
        var isAppended = true;
        foreach (var segment in batch.Segments)
            isAppended = await base.AppendSegmentsAsync(batch with { Segments = [segment] }, cancellationToken);
        return isAppended;
    }
}

[Breaks("13.2")]
public sealed class ReadsSegmentsFromTheBeginning(TimeProvider clock) : BrokenStore(clock)
{
    public override ValueTask<IReadOnlyList<StreamSegment>> ReadSegmentsAsync(SegmentRange range, CancellationToken cancellationToken = default) =>
        base.ReadSegmentsAsync(range with { From = 0 }, cancellationToken);
}

[Breaks("13.2")]
public sealed class ReadsNothingBeforeTheFirstSegment(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<IReadOnlyList<StreamSegment>> ReadSegmentsAsync(SegmentRange range, CancellationToken cancellationToken = default) =>
        await base.ReadSegmentsAsync(range, cancellationToken) is [{ } first, ..] segments && first.Offset <= range.From ? segments : [];
}

[Breaks("13.3")]
public sealed class KeepsDroppedSegments(TimeProvider clock) : BrokenStore(clock)
{
    protected override ConversationWrite Changed(ConversationWrite write) => write with { DroppedSegments = [] };
}

[Breaks("13.3")]
public sealed class RemovesSegmentsOfClosedRuns(TimeProvider clock) : BrokenStore(clock)
{
    protected override ConversationWrite Changed(ConversationWrite write) => write with { DroppedSegments = [.. write.DroppedSegments, .. write.Runs.Select(run => run.Run.Number)] };
}

[Breaks("14.1")]
public sealed class IgnoresTimesOfRuns(TimeProvider clock) : BrokenStore(clock)
{
    public override ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(ConversationAccess access, UsageQuery query, CancellationToken cancellationToken = default) =>
        base.SumUsageAsync(access, query with { StartedBefore = null }, cancellationToken);
}

[Breaks("14.2")]
public sealed class ReturnsRowWithoutRuns(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(ConversationAccess access, UsageQuery query, CancellationToken cancellationToken = default) =>
        await base.SumUsageAsync(access, query, cancellationToken) is { Count: > 0 } rows ? rows : [new UsageSum { Totals = new UsageTotals() }];
}

[Breaks("14.2")]
public sealed class GroupsIgnoringCase(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(ConversationAccess access, UsageQuery query, CancellationToken cancellationToken = default) =>
        [.. (await base.SumUsageAsync(access, query, cancellationToken))
            .GroupBy(row => (row.ConversationId, Agent: row.Agent?.ToUpperInvariant(), row.Caller, row.Day, row.Kind, row.Model))
            .Select(group => group.First() with { Totals = group.Select(row => row.Totals).Aggregate((sum, totals) => sum.Plus(totals)) })];
}

[Breaks("14.2")]
public sealed class GroupsKindsTogether(TimeProvider clock) : BrokenStore(clock)
{
    public override ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(ConversationAccess access, UsageQuery query, CancellationToken cancellationToken = default) =>
        base.SumUsageAsync(access, query with { GroupBy = query.GroupBy & ~UsageGrouping.Kind }, cancellationToken);
}

[Breaks("14.2")]
public sealed class CountsAllTokensWithTheLastModel(TimeProvider clock) : BrokenStore(clock)
{
    protected override ConversationWrite Changed(ConversationWrite write) => write with { Runs = [.. write.Runs.Select(run => run with { Run = run.Run with { UsageByModel = [] } })] };
}

[Breaks("14.1")]
public sealed class CountsTurnsOnly(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(ConversationAccess access, UsageQuery query, CancellationToken cancellationToken = default) =>
        [.. (await base.SumUsageAsync(access, query with { GroupBy = query.GroupBy | UsageGrouping.Kind }, cancellationToken))
            .Where(row => row.Kind == RunKind.Turn)
            .Select(row => row with { Kind = query.GroupBy.HasFlag(UsageGrouping.Kind) ? row.Kind : null })];
}

[Breaks("14.3")]
public sealed class SumsCostsInexactly(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(ConversationAccess access, UsageQuery query, CancellationToken cancellationToken = default) =>
        [.. (await base.SumUsageAsync(access, query, cancellationToken)).Select(row => row with { Totals = row.Totals with { Cost = Math.Round(row.Totals.Cost, 12) } })];
}

[Breaks("15.1")]
public sealed class ForgetsPictures(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredMessage Changed(StoredMessage message) =>
        message.Parts.Any(part => part is DataPart) ? WithParts(message, message.Parts.Where(part => part is not DataPart { IsLoaded: false }).DefaultIfEmpty(new TextPart(""))) : message;
}

[Breaks("15.2")]
public sealed class ReadsDataOutOfReach(TimeProvider clock) : BrokenStore(clock)
{
    public override ValueTask<byte[]?> ReadDataAsync(DataLookup lookup, CancellationToken cancellationToken = default) =>
        base.ReadDataAsync(lookup with { Access = HostOf(ConversationScope.DefaultProject) }, cancellationToken);
}

[Breaks("15.2")]
public sealed class ReadsDataOfAnyMessage(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<byte[]?> ReadDataAsync(DataLookup lookup, CancellationToken cancellationToken = default)
    {
        for (var position = 1; position <= 2; position++)
        {
            if (await base.ReadDataAsync(lookup with { Position = position }, cancellationToken) is { } bytes)
                return bytes;
        }

        return null;
    }
}

/// <summary>It finds the bytes of other scopes by their hash.</summary>
[Breaks("15.3")]
public sealed class CopiesDataOfOtherScopes(TimeProvider clock) : BrokenStore(clock)
{
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> _bytes = new(StringComparer.Ordinal);

    protected override ConversationWrite Changed(ConversationWrite write)
    {
        foreach (var data in write.Data)
        {
            if (!data.IsCopy)
                _bytes[data.Hash] = data.Bytes;
        }

        return write with { Data = [.. write.Data.Select(data => _bytes.TryGetValue(data.Hash, out var bytes) ? new MessageData(data.Position, data.Hash, bytes) : data)] };
    }
}

/// <summary>It deletes data with the first message that has them.</summary>
[Breaks("15.4")]
public sealed class RemovesDataThatOthersHave(TimeProvider clock) : BrokenStore(clock)
{
    private readonly ConcurrentDictionary<string, bool> _deleted = new(StringComparer.Ordinal);

    public override async ValueTask<byte[]?> ReadDataAsync(DataLookup lookup, CancellationToken cancellationToken = default) =>
        _deleted.ContainsKey(lookup.Hash) ? null : await base.ReadDataAsync(lookup, cancellationToken);

    public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        foreach (var write in batch.Conversations.Where(write => write.DeletedMessages.Count > 0))
        {
            var id = write.Conversation.Conversation.Id;
            var messages = await Inner.ReadMessagesAsync(new MessageRange { Access = batch.Access, ConversationId = id, Limit = 100 }, cancellationToken);
            foreach (var data in messages.Where(message => write.DeletedMessages.Contains(message.Position)).SelectMany(message => message.Parts).OfType<DataPart>())
                _deleted[data.Hash] = true;
        }

        return await base.TryWriteAsync(batch, cancellationToken);
    }
}

using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("keeps the times of segments to the millisecond", "20.2", "9.2")]
public sealed class RoundsTheTimesOfSegments(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override ConversationMessage Kept(ConversationMessage fragment) =>
        fragment with { CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(fragment.CreatedAt!.Value.ToUnixTimeMilliseconds()) };
}

[Breaks("ends the text of a segment at its first NUL", "20.2", "9.1")]
public sealed class EndsSegmentsAtNul(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override ConversationMessage Kept(ConversationMessage fragment) =>
        new(fragment.Role, fragment.Parts.Select(part => part is TextPart { Text: var text } ? new TextPart(text.Split('\0')[0]) { Metadata = part.Metadata } : part)) { Position = fragment.Position, CreatedAt = fragment.CreatedAt, Metadata = fragment.Metadata };
}

[Breaks("drops the empty parts of segments", "20.2", "10.1")]
public sealed class DropsEmptyParts(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override ConversationMessage Kept(ConversationMessage fragment) => fragment.Parts.All(part => part is TextPart { Text: "" })
        ? fragment
        : new(fragment.Role, fragment.Parts.Where(part => part is not TextPart { Text: "" })) { Position = fragment.Position, CreatedAt = fragment.CreatedAt, Metadata = fragment.Metadata };
}

[Breaks("takes what all segments say for the assistant's", "20.2")]
public sealed class ForgetsTheRolesOfSegments(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override ConversationMessage Kept(ConversationMessage fragment) => new(MessageRole.Assistant, fragment.Parts) { Position = fragment.Position, CreatedAt = fragment.CreatedAt, Metadata = fragment.Metadata };
}

[Breaks("forgets the metadata of segments", "20.2", "10.1")]
public sealed class ForgetsTheMetadataOfSegments(TimeProvider clock) : StreamRewritingStore(clock)
{
    protected override ConversationMessage Kept(ConversationMessage fragment) => fragment with { Metadata = null };
}

[Breaks("replaces a segment by another with its number", "20.1")]
public sealed class ReplacesSegments(TimeProvider clock) : StreamRewritingStore(clock)
{
    private readonly ConcurrentDictionary<(long Run, int Number), StreamSegment> _last = [];

    public override ValueTask<bool> AppendSegmentsAsync(AppendSegmentsCommand command, CancellationToken cancellationToken = default)
    {
        foreach (var segment in command.Segments)
            _last[(command.Lease.Fence, segment.Number)] = segment;
        return base.AppendSegmentsAsync(command, cancellationToken);
    }

    protected override StreamRead Shown(StreamRead read) => read with { Segments = [.. read.Segments.Select(segment => _last[(read.Run.Number, segment.Number)])] };
}

[Breaks("refuses a command with a segment that is there", "20.1")]
public sealed class RefusesSegmentsThatAreThere(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override async ValueTask<bool> AppendSegmentsAsync(AppendSegmentsCommand command, CancellationToken cancellationToken = default) =>
        (await AllAsync(command.Lease))?.Segments.Any(there => command.Segments.Any(segment => segment.Number == there.Number)) != true
        && await base.AppendSegmentsAsync(command, cancellationToken);
}

[Breaks("keeps the list of segments that it was given", "1.1")]
public sealed class KeepsTheListOfSegments(TimeProvider clock) : StreamRewritingStore(clock)
{
    private readonly ConcurrentDictionary<long, IReadOnlyList<StreamSegment>> _given = [];

    public override ValueTask<bool> AppendSegmentsAsync(AppendSegmentsCommand command, CancellationToken cancellationToken = default)
    {
        _given[command.Lease.Fence] = command.Segments;
        return base.AppendSegmentsAsync(command, cancellationToken);
    }

    protected override StreamRead Shown(StreamRead read) => read with { Segments = _given[read.Run.Number] };
}

[Breaks("takes a segment for activity", "20.1", "8.5")]
public sealed class TakesASegmentForActivity(TimeProvider clock) : StreamRewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _appendedAt = new(StringComparer.Ordinal);

    public override ValueTask<bool> AppendSegmentsAsync(AppendSegmentsCommand command, CancellationToken cancellationToken = default)
    {
        _appendedAt[command.Lease.ConversationId] = Now;
        return base.AppendSegmentsAsync(command, cancellationToken);
    }

    protected override Conversation Shown(Conversation conversation) =>
        _appendedAt.TryGetValue(conversation.Id, out var appendedAt) ? conversation with { LastActivityAt = appendedAt } : conversation;
}

[Breaks("renews the lease with every segment", "20.1")]
public sealed class RenewsWithEverySegment(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override async ValueTask<bool> AppendSegmentsAsync(AppendSegmentsCommand command, CancellationToken cancellationToken = default) =>
        await base.AppendSegmentsAsync(command, cancellationToken) && await RenewLeaseAsync(command.Lease, cancellationToken);
}

[Breaks("refuses a segment once the lease has expired, though nobody took it over", "20.1", "4.5")]
public sealed class RefusesSegmentsAfterTheExpiry(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override async ValueTask<bool> AppendSegmentsAsync(AppendSegmentsCommand command, CancellationToken cancellationToken = default) =>
        !IsExpired(command.Lease.ConversationId) && await base.AppendSegmentsAsync(command, cancellationToken);
}

[Breaks("says that every segment was saved", "20.1", "4.4")]
public sealed class SaysThatEverySegmentWasSaved(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override async ValueTask<bool> AppendSegmentsAsync(AppendSegmentsCommand command, CancellationToken cancellationToken = default)
    {
        await base.AppendSegmentsAsync(command, cancellationToken);
        return true;
    }
}

[Breaks("forgets segments when it is closed", "20.1", "3.2")]
public sealed class ForgetsSegments : KeptFixture
{
    protected override IConversationStore Open(IConversationStore data) => new Forgetful(data);

    private sealed class Forgetful(IConversationStore data) : KeptStore(data), IConversationStreamStore
    {
        private readonly HashSet<long> _appended = [];

        private IConversationStreamStore Streams => Inner.GetFeature<IConversationStreamStore>()!;

        public ValueTask<bool> AppendSegmentsAsync(AppendSegmentsCommand command, CancellationToken cancellationToken = default)
        {
            _appended.Add(command.Lease.Fence);
            return Streams.AppendSegmentsAsync(command, cancellationToken);
        }

        public async ValueTask<StreamRead?> ReadStreamAsync(StreamQuery query, CancellationToken cancellationToken = default) =>
            await Streams.ReadStreamAsync(query, cancellationToken) is { } read ? read with { Segments = _appended.Contains(query.RunNumber) ? read.Segments : [] } : null;

        public ValueTask<bool> InterruptRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
            Streams.InterruptRunAsync(conversationId, number, access, cancellationToken);
    }
}

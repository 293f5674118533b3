using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("1.1")]
public sealed class SharesItsLists(TimeProvider clock) : BrokenStore(clock)
{
    private readonly Dictionary<string, List<StoredMessage>> _lists = [];

    public override async ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default)
    {
        var messages = await base.ReadMessagesAsync(range, cancellationToken);
        if (_lists.TryGetValue(range.ConversationId, out var list))
            return list;
        return _lists[range.ConversationId] = [.. messages];
    }
}

[Breaks("1.1")]
public sealed class ReadsListsAfterItReturned(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        return await base.TryWriteAsync(batch, cancellationToken);
    }
}

[Breaks("1.1")]
public sealed class ReadsSegmentsAfterItReturned(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<bool> AppendSegmentsAsync(SegmentBatch batch, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        return await base.AppendSegmentsAsync(batch, cancellationToken);
    }
}

[Breaks("2.7")]
public sealed class LosesHistoryRevision(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredConversation Changed(StoredConversation conversation) => conversation with { HistoryRevision = 0 };
}

[Breaks("2.7", "9.1")]
public sealed class LosesMetadataOfConversations(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredConversation Changed(StoredConversation conversation) => conversation with { Conversation = conversation.Conversation with { Metadata = null } };
}

[Breaks("9.1")]
public sealed class RewritesMetadataOfConversations(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredConversation Changed(StoredConversation conversation) =>
        conversation with { Conversation = conversation.Conversation with { Metadata = conversation.Conversation.Metadata?.Replace(" ", "", StringComparison.Ordinal) } };
}

[Breaks("2.7")]
public sealed class LosesWindowStart(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredConversation Changed(StoredConversation conversation) => conversation with { WindowStart = 0 };
}

[Breaks("2.7")]
public sealed class LosesLastFailedRun(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredConversation Changed(StoredConversation conversation) => conversation with { LastFailedRun = 0 };
}

[Breaks("2.7")]
public sealed class DerivesTheStatusOfTheLastRun(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredConversation Changed(StoredConversation conversation) =>
        conversation.OpenRun is null ? conversation : conversation with { Conversation = conversation.Conversation with { LastRunStatus = RunStatus.Running } };

    protected override ConversationWrite Changed(ConversationWrite write) => write.Runs is [.., var run]
        ? write with { Conversation = write.Conversation with { Conversation = write.Conversation.Conversation with { LastRunStatus = run.Run.Status } } }
        : write;
}

[Breaks("2.7")]
public sealed class LosesTokenOfOpenRun(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredConversation Changed(StoredConversation conversation) =>
        conversation.OpenRun is { } open ? conversation with { OpenRun = open with { Token = (int)open.Token } } : conversation;
}

[Breaks("2.7")]
public sealed class LosesRequestsToStop(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredConversation Changed(StoredConversation conversation) =>
        conversation.OpenRun is { } open ? conversation with { OpenRun = open with { IsStopRequested = false } } : conversation;
}

[Breaks("7.3")]
public sealed class ComparesScopesIgnoringCase(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default)
    {
        var state = await base.LoadAsync(lookup, cancellationToken);
        if (state.Conversation is not null || lookup.Scope is not { } scope)
            return state;

        var all = await base.ListConversationsAsync(new ConversationListing { Access = HostOf(scope.Project), Limit = int.MaxValue }, cancellationToken);
        var similar = all.FirstOrDefault(conversation => conversation.SessionId.Equals(scope.SessionId, StringComparison.OrdinalIgnoreCase));
        return similar is null ? state : state with { Conversation = await FindAsync(similar) };
    }
}

[Breaks("8.1")]
public sealed class IgnoresAudiences(TimeProvider clock) : BrokenStore(clock)
{
    public override ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default) =>
        base.ReadMessagesAsync(range with { Access = HostOf(range.Access.Project) }, cancellationToken);
}

[Breaks("8.1")]
public sealed class ChecksAccessOnlyInReading(TimeProvider clock) : BrokenStore(clock)
{
    public override ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default) =>
        base.TryWriteAsync(batch with { Access = HostOf(batch.Conversations[0].Conversation.Conversation.Project) }, cancellationToken);
}

[Breaks("9.1")]
public sealed class CutsTextsAtNul(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredMessage Changed(StoredMessage message) =>
        message.Parts is [TextPart] && message.Text.Split('\0') is [var first, _, ..] ? WithParts(message, [new TextPart(first)]) : message;
}

[Breaks("9.1")]
public sealed class TrimsTexts(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredMessage Changed(StoredMessage message) =>
        message.Parts is [TextPart] ? WithParts(message, [new TextPart(message.Text.Trim())]) : message;
}

[Breaks("9.2")]
public sealed class RoundsTimes(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredMessage Changed(StoredMessage message) =>
        message with { CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(message.CreatedAt!.Value.ToUnixTimeMilliseconds()) };
}

[Breaks("9.2")]
public sealed class LosesAuthors(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredMessage Changed(StoredMessage message) => message with { AuthorName = null };
}

[Breaks("9.1")]
public sealed class CutsAuthorsAtNul(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredMessage Changed(StoredMessage message) => message with { AuthorName = message.AuthorName?.Split('\0')[0] };
}

[Breaks("9.2")]
public sealed class LosesMetadata(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredMessage Changed(StoredMessage message) => message with { Metadata = null };
}

[Breaks("9.2")]
public sealed class ReordersParts(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredMessage Changed(StoredMessage message) => WithParts(message, message.Parts.OrderBy(part => part.GetType().Name, StringComparer.Ordinal));
}

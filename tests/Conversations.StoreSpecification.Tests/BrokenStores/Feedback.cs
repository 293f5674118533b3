using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("16.1")]
public sealed class LosesComments(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<IReadOnlyList<MessageFeedback>> ReadFeedbackAsync(FeedbackRange range, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadFeedbackAsync(range, cancellationToken)).Select(feedback => feedback with { Comment = null })];
}

[Breaks("16.1")]
public sealed class KeepsOneFeedbackForEachMessage(TimeProvider clock) : BrokenStore(clock)
{
    protected override ConversationWrite Changed(ConversationWrite write) => write with
    {
        Feedback = [.. write.Feedback.Select(change => change.Feedback is { } feedback ? new FeedbackChange(feedback with { Caller = "caller" }) : change)],
    };
}

[Breaks("16.1")]
public sealed class KeepsRemovedFeedback(TimeProvider clock) : BrokenStore(clock)
{
    protected override ConversationWrite Changed(ConversationWrite write) => write with { Feedback = [.. write.Feedback.Where(change => change.Feedback is not null)] };
}

[Breaks("16.1")]
public sealed class CountsFeedbackAsActivity(TimeProvider clock) : BrokenStore(clock)
{
    protected override ConversationWrite Changed(ConversationWrite write) => write.Feedback.Count == 0 ? write : write with
    {
        Conversation = write.Conversation with { Conversation = write.Conversation.Conversation with { LastActivityAt = write.Conversation.Conversation.LastActivityAt.AddTicks(1) } },
    };
}

[Breaks("16.1")]
public sealed class KeepsFeedbackOfDeletedMessages(TimeProvider clock) : BrokenStore(clock)
{
    private readonly List<MessageFeedback> _kept = [];

    public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        foreach (var write in batch.Conversations.Where(write => write.DeletedMessages.Count > 0))
        {
            var range = new FeedbackRange { Access = batch.Access, ConversationId = write.Conversation.Conversation.Id, Limit = int.MaxValue };
            _kept.AddRange((await base.ReadFeedbackAsync(range, cancellationToken)).Where(feedback => write.DeletedMessages.Contains(feedback.Position)));
        }

        return await base.TryWriteAsync(batch, cancellationToken);
    }

    public override async ValueTask<IReadOnlyList<MessageFeedback>> ReadFeedbackAsync(FeedbackRange range, CancellationToken cancellationToken = default) =>
        [.. await base.ReadFeedbackAsync(range, cancellationToken), .. _kept];
}

[Breaks("16.2")]
public sealed class ReadsOldestFeedbackFirst(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<IReadOnlyList<MessageFeedback>> ReadFeedbackAsync(FeedbackRange range, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadFeedbackAsync(range, cancellationToken)).OrderBy(feedback => feedback.GivenAt)];
}

[Breaks("16.2")]
public sealed class ContinuesFeedbackByTimeOnly(TimeProvider clock) : BrokenStore(clock)
{
    public override ValueTask<IReadOnlyList<MessageFeedback>> ReadFeedbackAsync(FeedbackRange range, CancellationToken cancellationToken = default) =>
        base.ReadFeedbackAsync(range.After is { } after ? range with { After = null, GivenBefore = after.GivenAt } : range, cancellationToken);
}

[Breaks("16.2")]
public sealed class ReadsFeedbackOfEveryAgent(TimeProvider clock) : BrokenStore(clock)
{
    public override ValueTask<IReadOnlyList<MessageFeedback>> ReadFeedbackAsync(FeedbackRange range, CancellationToken cancellationToken = default) =>
        base.ReadFeedbackAsync(range with { Agent = null }, cancellationToken);
}

[Breaks("8.1", "16.2")]
public sealed class ReadsFeedbackOutOfReach(TimeProvider clock) : BrokenStore(clock)
{
    public override ValueTask<IReadOnlyList<MessageFeedback>> ReadFeedbackAsync(FeedbackRange range, CancellationToken cancellationToken = default) =>
        base.ReadFeedbackAsync(range with { Access = HostOf(range.Access.Project) }, cancellationToken);
}

using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A right store that takes for activity what is none.</summary>
public abstract class RestlessStore(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _touched = new(StringComparer.Ordinal);

    protected void Touch(string conversationId) => _touched[conversationId] = Now;

    protected override Conversation Shown(Conversation conversation) =>
        _touched.TryGetValue(conversation.Id, out var touched) && touched > conversation.LastActivityAt ? conversation with { LastActivityAt = touched } : conversation;
}

[Breaks("takes a rename for activity", "8.5")]
public sealed class IsActiveAtARename(TimeProvider clock) : RestlessStore(clock)
{
    public override ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default)
    {
        if (change.Title is not null)
            Touch(conversationId);
        return base.UpdateConversationAsync(conversationId, access, change, cancellationToken);
    }
}

[Breaks("takes an end for activity", "8.5")]
public sealed class IsActiveAtTheEnd(TimeProvider clock) : RestlessStore(clock)
{
    public override ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default)
    {
        if (change.Status is ConversationStatus.Ended)
            Touch(conversationId);
        return base.UpdateConversationAsync(conversationId, access, change, cancellationToken);
    }
}

[Breaks("takes setting active what is active for activity", "8.5", "5.8")]
public sealed class IsActiveWhenSetActiveAgain(TimeProvider clock) : RestlessStore(clock)
{
    public override ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default)
    {
        if (change.Status is ConversationStatus.Active)
            Touch(conversationId);
        return base.UpdateConversationAsync(conversationId, access, change, cancellationToken);
    }
}

[Breaks("takes the deletion of a message for activity", "8.5")]
public sealed class IsActiveAtADeletion(TimeProvider clock) : RestlessStore(clock)
{
    public override ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        Touch(conversationId);
        return base.DeleteMessageAsync(conversationId, position, access, cancellationToken);
    }
}

[Breaks("takes a commit without messages for activity", "8.5")]
public sealed class IsActiveAtEveryCommit(TimeProvider clock) : RestlessStore(clock)
{
    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        Touch(command.Lease.ConversationId);
        return base.CommitTurnAsync(command, cancellationToken);
    }
}

[Breaks("takes the time at which a conversation began for its last activity", "8.5")]
public sealed class IsActiveWhenItBegan(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default)
    {
        var created = await base.CreateConversationAsync(command, cancellationToken);
        return created with { LastActivityAt = created.CreatedAt };
    }
}

[Breaks("does not take an input for activity", "8.5")]
public sealed class SleepsThroughInput(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _awake = new(StringComparer.Ordinal);

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (await TargetAsync(command) is { } target)
            _awake[target.Id] = target.LastActivityAt;
        return await base.BeginTurnAsync(command, cancellationToken);
    }

    protected override Conversation Shown(Conversation conversation) =>
        _awake.TryGetValue(conversation.Id, out var awake) ? conversation with { LastActivityAt = awake } : conversation;
}

using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("begins a turn by id in a conversation of anyone", "16.1")]
public sealed class BeginsForAnyone(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) => command with { Access = Host };
}

[Breaks("gives a conversation to anyone", "16.1")]
public sealed class ShowsConversationsToAnyone(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<Conversation?> GetConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        base.GetConversationAsync(conversationId, Host, cancellationToken);
}

[Breaks("gives messages to anyone", "16.1")]
public sealed class ShowsMessagesToAnyone(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
        base.ReadMessagesAsync(query with { Access = Host }, cancellationToken);
}

[Breaks("gives a window to anyone", "16.1")]
public sealed class ShowsWindowsToAnyone(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
        base.ReadWindowAsync(query with { Access = Host }, cancellationToken);
}

[Breaks("gives a run to anyone", "16.1")]
public sealed class ShowsRunsToAnyone(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<ConversationRun?> GetRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        base.GetRunAsync(conversationId, number, Host, cancellationToken);
}

[Breaks("lists to anyone what is everyone's", "16.1")]
public sealed class ListsToAnyone(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
        base.ListConversationsAsync(query with { Access = Host }, cancellationToken);
}

[Breaks("lets anyone change a conversation", "16.1")]
public sealed class LetsAnyoneChange(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default) =>
        base.UpdateConversationAsync(conversationId, Host, change, cancellationToken);
}

[Breaks("changes a conversation, and then finds that it is out of reach", "16.1")]
public sealed class ChangesBeforeItLooks(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default)
    {
        await base.UpdateConversationAsync(conversationId, Host, change, cancellationToken);
        return await base.GetConversationAsync(conversationId, access, cancellationToken);
    }
}

[Breaks("lets anyone delete a conversation", "16.1")]
public sealed class LetsAnyoneDelete(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        base.DeleteConversationAsync(conversationId, Host, cancellationToken);
}

[Breaks("lets anyone delete a message", "16.1")]
public sealed class LetsAnyoneDeleteAMessage(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default) =>
        base.DeleteMessageAsync(conversationId, position, Host, cancellationToken);
}

[Breaks("looks at the key of a turn by id before it looks whether the conversation is in reach", "16.1", "6.1")]
public sealed class TellsOutsidersOfAKey(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        return outcome is TurnNotFound && command is { IdempotencyKey: not null, ConversationId: not null }
            && await base.BeginTurnAsync(command with { Access = Host }, cancellationToken) is TurnMismatch mismatch
            ? mismatch
            : outcome;
    }
}

/// <summary>A right store that bends what a caller reaches when it reads a conversation.</summary>
public abstract class ReachingStore(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<Conversation?> GetConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        base.GetConversationAsync(conversationId, Reach(access), cancellationToken);

    public override ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
        base.ListConversationsAsync(query with { Access = Reach(query.Access) }, cancellationToken);

    protected abstract ConversationAccess Reach(ConversationAccess access);
}

[Breaks("takes a caller with no audiences for the host", "16.1")]
public sealed class TakesNobodyForTheHost(TimeProvider clock) : ReachingStore(clock)
{
    protected override ConversationAccess Reach(ConversationAccess access) => access.Audiences is { Count: 0 } ? access with { Audiences = null } : access;
}

[Breaks("does not look at the project", "16.1")]
public sealed class IgnoresTheProject(TimeProvider clock) : ReachingStore(clock)
{
    protected override ConversationAccess Reach(ConversationAccess access) => access with { Project = ConversationScope.DefaultProject };
}

[Breaks("looks at the first audience only", "16.1")]
public sealed class LooksAtOneAudience(TimeProvider clock) : ReachingStore(clock)
{
    protected override ConversationAccess Reach(ConversationAccess access) => access with { Audiences = access.Audiences?.Take(1).ToList() };
}

[Breaks("compares audiences ignoring case", "16.2")]
public sealed class ComparesAudiencesIgnoringCase(TimeProvider clock) : ReachingStore(clock)
{
    protected override ConversationAccess Reach(ConversationAccess access) =>
        access with { Audiences = access.Audiences?.SelectMany(audience => new[] { audience, audience.Replace("USER", "user", StringComparison.Ordinal) }).ToList() };
}

[Breaks("takes an audience for a pattern", "16.2")]
public sealed class TakesAudiencesForPatterns(TimeProvider clock) : ReachingStore(clock)
{
    protected override ConversationAccess Reach(ConversationAccess access) => access.Audiences?.Contains("%") is true ? access with { Audiences = null } : access;
}

[Breaks("lets the host alone delete a conversation", "16.1")]
public sealed class LetsTheHostAloneDelete(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        access.Audiences is null && await base.DeleteConversationAsync(conversationId, access, cancellationToken);
}

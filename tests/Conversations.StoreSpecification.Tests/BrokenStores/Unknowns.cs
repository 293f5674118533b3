using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("gives null for the messages of a conversation that is not there", "8.1")]
public sealed class GivesNullForMessages(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
        await Inner.GetConversationAsync(query.ConversationId, query.Access, cancellationToken) is null ? null! : await base.ReadMessagesAsync(query, cancellationToken);
}

[Breaks("gives null for a window of a conversation that is not there", "7.1")]
public sealed class GivesNullForAWindow(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
        await Inner.GetConversationAsync(query.ConversationId, query.Access, cancellationToken) is null ? null! : await base.ReadWindowAsync(query, cancellationToken);
}

[Breaks("makes up the conversation that it is to change, if it is not there", "16.1")]
public sealed class MakesUpWhatItIsToChange(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default) =>
        await base.UpdateConversationAsync(conversationId, access, change, cancellationToken)
        ?? new Conversation { Id = conversationId, SessionId = "", Project = access.Project, Agent = "", Title = change.Title, CreatedAt = Now, LastActivityAt = Now };
}

[Breaks("gives the last run of a conversation for one that is not there", "2.3")]
public sealed class GivesTheLastRunForAnother(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, long> _last = new(StringComparer.Ordinal);

    public override async ValueTask<ConversationRun?> GetRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        await base.GetRunAsync(conversationId, number, access, cancellationToken)
        ?? await base.GetRunAsync(conversationId, _last.GetValueOrDefault(conversationId), access, cancellationToken);

    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome)
    {
        if (outcome is TurnBegun begun)
            _last[begun.Lease.ConversationId] = begun.Lease.Fence;
        return outcome;
    }
}

[Breaks("says of a conversation that is not there that it has ended", "5.5")]
public sealed class EndsWhatIsNotThere(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome) =>
        outcome is TurnNotFound ? new TurnConversationEnded(command.ConversationId!) : outcome;
}

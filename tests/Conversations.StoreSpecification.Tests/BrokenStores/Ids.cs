using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("puts a new conversation in the place of one with its id", "2.5")]
public sealed class OverwritesAConversation(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default)
    {
        await Inner.DeleteConversationAsync(command.ConversationId, Host, cancellationToken);
        return await base.CreateConversationAsync(command, cancellationToken);
    }
}

[Breaks("gives a conversation whose id is in use for one that it created", "2.5")]
public sealed class GivesTheOneThatIsThere(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default) =>
        await Inner.GetConversationAsync(command.ConversationId, Host, cancellationToken) ?? await base.CreateConversationAsync(command, cancellationToken);
}

[Breaks("begins a turn that is to be in a new conversation in the one that has its id", "2.5")]
public sealed class ContinuesTheOneThatIsThere(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        command.StartNew && await Inner.GetConversationAsync(command.NewConversationId, Host, cancellationToken) is { } taken
            ? await base.BeginTurnAsync(command with { Scope = null, StartNew = false, ConversationId = taken.Id, Access = Host }, cancellationToken)
            : await base.BeginTurnAsync(command, cancellationToken);
}

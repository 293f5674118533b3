using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>The base of the broken stores: an in-memory store whose inputs and outputs a derived class changes.</summary>
public abstract class BrokenStore(IConversationStore inner) : DelegatingConversationStore(inner)
{
    protected BrokenStore(TimeProvider clock)
        : this(new InMemoryConversationStore(clock))
    {
    }

    public override async ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default)
    {
        var state = await base.LoadAsync(lookup, cancellationToken);
        return state with
        {
            Conversation = state.Conversation is null ? null : Changed(state.Conversation),
            KeyedConversation = state.KeyedConversation is null ? null : Changed(state.KeyedConversation),
            KeyedRun = state.KeyedRun is null ? null : Changed(state.KeyedRun),
            Window = [.. state.Window.Select(Changed)],
        };
    }

    public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default) =>
        await base.TryWriteAsync(batch with { Conversations = [.. batch.Conversations.Select(Changed)] }, cancellationToken);

    public override async ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadMessagesAsync(range, cancellationToken)).Select(Changed)];

    public override async ValueTask<IReadOnlyList<StoredRun>> ReadRunsAsync(RunRange range, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadRunsAsync(range, cancellationToken)).Select(Changed)];

    protected static ConversationAccess HostOf(string project) => new(project, null);

    protected virtual StoredConversation Changed(StoredConversation conversation) => conversation;

    protected virtual StoredMessage Changed(StoredMessage message) => message;

    protected virtual StoredRun Changed(StoredRun run) => run;

    protected virtual ConversationWrite Changed(ConversationWrite write) => write;

    /// <summary>Loads a conversation from the inner store, whatever the access is.</summary>
    protected async Task<StoredConversation?> FindAsync(Conversation conversation) =>
        (await Inner.LoadAsync(new ConversationLookup { Access = HostOf(conversation.Project), ConversationId = conversation.Id })).Conversation;

    /// <summary>Returns a message with other parts.</summary>
    protected static StoredMessage WithParts(StoredMessage message, IEnumerable<ContentPart> parts) => new(message.Role, parts)
    {
        ConversationId = message.ConversationId,
        Position = message.Position,
        RunNumber = message.RunNumber,
        CreatedAt = message.CreatedAt,
        IsPartial = message.IsPartial,
        SupersededBy = message.SupersededBy,
        AuthorName = message.AuthorName,
        Metadata = message.Metadata,
        Tokens = message.Tokens,
    };
}

/// <summary>Creates stores of a type whose constructor has a clock.</summary>
public sealed class StoreFixtureOf<TStore> : StoreFixture
    where TStore : IConversationStore
{
    public override ValueTask<IConversationStore> CreateAsync(TimeProvider timeProvider) =>
        new((TStore)Activator.CreateInstance(typeof(TStore), timeProvider)!);
}

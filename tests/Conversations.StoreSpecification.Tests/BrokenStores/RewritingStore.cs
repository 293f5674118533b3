using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A right store with places to put something wrong: each override rewrites what goes in or what comes out.</summary>
public abstract class RewritingStore : DelegatingConversationStore
{
    protected RewritingStore(TimeProvider clock)
        : this(clock, new InMemoryConversationStore(clock))
    {
    }

    protected RewritingStore(TimeProvider clock, IConversationStore inner)
        : base(inner) => Clock = clock;

    /// <summary>The access of the host to the project of most tests.</summary>
    protected static ConversationAccess Host { get; } = new(ConversationScope.DefaultProject, null);

    protected TimeProvider Clock { get; }

    protected DateTimeOffset Now => Clock.GetUtcNow();

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var asked = Asked(command with { Input = [.. command.Input.Select(Written)] });
        var outcome = await Inner.BeginTurnAsync(asked, cancellationToken);
        return Answered(command, outcome switch
        {
            TurnCompletedBefore completed => new TurnCompletedBefore(Shown(completed.Run)),
            TurnRunning running => running with { Run = Shown(running.Run) },
            _ => outcome,
        });
    }

    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        Inner.CommitTurnAsync(command with { Messages = [.. command.Messages.Select(Written)] }, cancellationToken);

    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
        [.. (await Inner.ReadWindowAsync(query, cancellationToken)).Select(Shown)];

    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
        [.. (await Inner.ReadMessagesAsync(query, cancellationToken)).Select(Shown)];

    public override async ValueTask<Conversation?> GetConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        ShownIfAny(await Inner.GetConversationAsync(conversationId, access, cancellationToken));

    public override async ValueTask<Conversation?> GetCurrentAsync(ConversationScope scope, CancellationToken cancellationToken = default) =>
        ShownIfAny(await Inner.GetCurrentAsync(scope, cancellationToken));

    public override async ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
        [.. (await Inner.ListConversationsAsync(query, cancellationToken)).Select(Shown)];

    public override async ValueTask<ConversationRun?> GetRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        await Inner.GetRunAsync(conversationId, number, access, cancellationToken) is { } run ? Shown(run) : null;

    public override async ValueTask<IReadOnlyList<ConversationRun>> ListRunsAsync(RunListing query, CancellationToken cancellationToken = default) =>
        [.. (await Inner.ListRunsAsync(query, cancellationToken)).Select(Shown)];

    public override async ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default) =>
        Shown(await Inner.CreateConversationAsync(command with { Messages = [.. command.Messages.Select(Written)] }, cancellationToken));

    public override async ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default) =>
        ShownIfAny(await Inner.UpdateConversationAsync(conversationId, access, change, cancellationToken));

    /// <summary>A turn as it is passed on.</summary>
    protected virtual BeginTurnCommand Asked(BeginTurnCommand command) => command;

    /// <summary>An outcome as it is given back.</summary>
    protected virtual BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome) => outcome;

    /// <summary>A message as it is passed on.</summary>
    protected virtual ConversationMessage Written(ConversationMessage message) => message;

    /// <summary>A message as it is read.</summary>
    protected virtual ConversationMessage Shown(ConversationMessage message) => message;

    /// <summary>A conversation as it is read.</summary>
    protected virtual Conversation Shown(Conversation conversation) => conversation;

    /// <summary>A run as it is read.</summary>
    protected virtual ConversationRun Shown(ConversationRun run) => run;

    /// <summary>The conversation that a turn would continue, if there is one.</summary>
    protected async ValueTask<Conversation?> TargetAsync(BeginTurnCommand command) =>
        command.Scope is { } scope
            ? command.StartNew ? null : await Inner.GetCurrentAsync(scope)
            : await Inner.GetConversationAsync(command.ConversationId!, command.Access);

    /// <summary>All messages of a conversation, oldest first.</summary>
    protected ValueTask<IReadOnlyList<ConversationMessage>> AllMessagesAsync(string conversationId) =>
        Inner.ReadMessagesAsync(new MessageRange { ConversationId = conversationId, Access = Host, Limit = int.MaxValue });

    /// <summary>Appends messages to a conversation as a turn of their own, if it is free.</summary>
    protected async ValueTask<TurnBegun?> AppendAsync(string conversationId, IReadOnlyList<ConversationMessage> messages)
    {
        if (await Inner.GetConversationAsync(conversationId, Host) is not { } conversation)
            return null;

        var outcome = await Inner.BeginTurnAsync(new BeginTurnCommand
        {
            Access = Host,
            Agent = conversation.Agent,
            ConversationId = conversation.Id,
            NewConversationId = conversation.Id,
            Input = messages,
            Caller = "",
            LeaseDuration = TimeSpan.FromMinutes(1),
        });
        if (outcome is not TurnBegun begun)
            return null;

        await Inner.CommitTurnAsync(new CommitTurnCommand { Lease = begun.Lease, Status = RunStatus.Cancelled });
        return begun;
    }

    private Conversation? ShownIfAny(Conversation? conversation) => conversation is null ? null : Shown(conversation);
}

namespace Conversations.Tests.Manager;

/// <summary>A request whose caller lacks a required field is refused, and shares nothing with other callers that lack it.</summary>
public sealed class RequiredIdentityTests : IAsyncDisposable
{
    private static readonly ConversationIdentity Ann = ConversationIdentity.ForUser("ann");

    private readonly InMemoryConversationStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task Field_of_the_partition_that_the_caller_lacks_is_required()
    {
        var manager = Manager(new ConversationOptions()
            .AddAgent("team", agent => (agent.Mode, agent.PartitionBy) = (PersistenceMode.Shared, ["tenant_id", "tenant"]))
            .AddAgent("records", agent => agent.PartitionBy = ["tenant"]));
        var views = new ConversationView[] { manager, manager.ForIdentity(ConversationIdentity.ForUser("ann", "acme")) };
        var calls = views.SelectMany(view => new Func<Task>[]
        {
            () => view.RunTurnAsync(new TurnRequest("records", "1") { Thread = "t" }, Hi, Token),
            () => view.CreateAsync("records", "t", cancellationToken: Token),
            () => view.GetCurrentAsync("records", "t", cancellationToken: Token),
        }).Append(() => views[1].RunTurnAsync("team", "1", Hi, Token)).Append(() => manager.ImportAsync(new ConversationImport("team", []) { Identity = ConversationIdentity.ForUser("ann", "acme") }, Token));

        foreach (var call in calls)
            (await call.Should().ThrowAsync<IdentityRequiredException>()).Which.Field.Should().Be("tenant");
        (await views[1].ExplainAsync(new TurnRequest("team", "1"), Token)).Refusal.Should().Be(ConversationErrorCodes.IdentityRequired);
        (await manager.ListAsync(cancellationToken: Token).ToListAsync(Token)).Should().BeEmpty();
    }

    [Fact]
    public async Task Default_partition_admits_callers_without_a_tenant_and_apart_from_those_with_one()
    {
        var manager = Manager(new ConversationOptions().AddAgent("team", agent => agent.Mode = PersistenceMode.Shared));

        var host = await manager.RunTurnAsync("team", "1", Hi, Token);
        var ann = await manager.ForIdentity(Ann).RunTurnAsync("team", "1", Hi, Token);
        var acme = await manager.ForIdentity(ConversationIdentity.ForUser("ann", "acme")).RunTurnAsync("team", "1", Hi, Token);

        ann.ConversationId.Should().Be(host.ConversationId);
        acme.ConversationId.Should().NotBe(host.ConversationId);
    }

    [Fact]
    public async Task Partition_that_is_added_to_requires_its_fields()
    {
        var manager = Manager(new ConversationOptions().AddAgent("team", agent =>
        {
            agent.Mode = PersistenceMode.Shared;
            agent.PartitionBy.Add("region");
        }));

        var run = () => manager.ForIdentity(Ann).RunTurnAsync("team", "1", Hi, Token);

        (await run.Should().ThrowAsync<IdentityRequiredException>()).Which.Field.Should().BeOneOf("region", "tenant_id");
    }

    [Fact]
    public async Task Tenant_is_required_of_every_stored_request()
    {
        var options = new ConversationOptions { RequireTenant = true }
            .AddAgent("bot").AddAgent("team", agent => agent.Mode = PersistenceMode.Shared).AddAgent("oracle", agent => agent.Mode = PersistenceMode.Stateless);
        var manager = Manager(options);
        var stored = await manager.ForIdentity(ConversationIdentity.ForUser("ann", "acme")).RunTurnAsync("bot", "1", Hi, Token);
        var calls = new ConversationView[] { manager, manager.ForIdentity(Ann) }.SelectMany(view => new Func<Task>[]
        {
            () => view.RunTurnAsync("bot", "1", Hi, Token),
            () => view.RunTurnAsync("team", "1", Hi, Token),
            () => view.RunTurnAsync(new TurnRequest("bot", "1") { Thread = "t" }, Hi, Token),
            () => view.RunTurnAsync(new TurnRequest("bot", "1") { ConversationId = stored.ConversationId }, Hi, Token),
            () => view.CreateAsync("bot", cancellationToken: Token),
        }).Concat(
        [
            () => manager.RegenerateAsync(stored.ReplyMessageId!, Hi, Token),
            () => manager.ForkAsync(stored.ReplyMessageId!, cancellationToken: Token),
            () => manager.RestoreAsync(stored.ReplyMessageId!, cancellationToken: Token),
        ]);

        foreach (var call in calls)
            (await call.Should().ThrowAsync<IdentityRequiredException>()).Which.Field.Should().Be("tenant_id");
        (await manager.RunTurnAsync("oracle", "1", Hi, Token)).ReplyText.Should().Be("hi");
        (await manager.ListAsync(cancellationToken: Token).ToListAsync(Token)).Should().ContainSingle().Which.MessageCount.Should().Be(2);
    }

    [Fact]
    public async Task Shared_conversations_of_callers_without_a_tenant_are_out_of_reach_when_a_tenant_is_required()
    {
        var options = new ConversationOptions().AddAgent("team", agent => agent.Mode = PersistenceMode.Shared);
        var id = (await Manager(options).ForIdentity(Ann).RunTurnAsync("team", "1", Hi, Token)).ConversationId!;
        options.RequireTenant = true;
        var ann = Manager(options).ForIdentity(Ann);

        (await ann.ListAsync(cancellationToken: Token).ToListAsync(Token)).Should().BeEmpty();
        (await ann.GetAsync(id, Token)).Should().BeNull();
        await FluentActions.Awaiting(() => ann.RenameAsync(id, "mine", Token)).Should().ThrowAsync<ConversationNotFoundException>();
        (await Manager(options).GetAsync(id, Token)).Should().NotBeNull();
    }

    [Fact]
    public async Task Partition_that_is_set_to_itself_is_not_named()
    {
        // As a configuration binder does.
        var manager = Manager(new ConversationOptions().AddAgent("team", agent =>
        {
            agent.Mode = PersistenceMode.Shared;
            agent.PartitionBy = agent.PartitionBy;
        }));

        (await manager.RunTurnAsync("team", "1", Hi, Token)).ConversationId.Should().NotBeNull();
    }

    [Fact]
    public async Task Identity_is_required_of_every_stored_request_of_an_agent()
    {
        var manager = Manager(new ConversationOptions()
            .AddAgent("bot", agent => agent.RequireIdentity = true)
            .AddAgent("team", agent => (agent.Mode, agent.RequireIdentity) = (PersistenceMode.Shared, true)));
        var stored = await manager.ForIdentity(Ann).RunTurnAsync("bot", "1", Hi, Token);
        var calls = new Func<Task>[]
        {
            () => manager.RunTurnAsync("bot", "1", Hi, Token),
            () => manager.RunTurnAsync("team", "1", Hi, Token),
            () => manager.RunTurnAsync(new TurnRequest("bot", "1") { Thread = "t" }, Hi, Token),
            () => manager.RunTurnAsync(new TurnRequest("bot", "1") { ConversationId = stored.ConversationId }, Hi, Token),
            () => manager.RegenerateAsync(stored.ReplyMessageId!, Hi, Token),
        };

        foreach (var call in calls)
            (await call.Should().ThrowAsync<IdentityRequiredException>()).Which.Field.Should().BeNull();
        (await manager.GetMessagesAsync(stored.ConversationId!, cancellationToken: Token).CountAsync(Token)).Should().Be(2);
    }

    private static Task<string> Hi(ConversationTurn turn, CancellationToken cancellationToken) => Task.FromResult("hi");

    private ConversationManager Manager(ConversationOptions options) => new(_store, options);
}

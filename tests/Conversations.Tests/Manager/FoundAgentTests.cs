namespace Conversations.Tests.Manager;

public sealed class FoundAgentTestsInMemory : FoundAgentTests<InMemory>;

public sealed class FoundAgentTestsOnSqlite : FoundAgentTests<Sqlite>;

/// <summary>Agents that are found while the host runs.</summary>
public abstract class FoundAgentTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private static readonly TimeSpan Lifetime = new ConversationOptions().AgentOptionsLifetime;

    private readonly FakeAgents _agents = new();

    protected FoundAgentTests() => Conversations = new ConversationManager(Store, Options(), Time, Log, _agents);

    private ConversationManager Conversations { get; }

    private ScopedConversations Ann => Conversations.ForIdentity(ConversationIdentity.ForUser("ann", "acme"));

    private ScopedConversations Ben => Conversations.ForIdentity(ConversationIdentity.ForUser("ben", "acme"));

    [Fact]
    public async Task Agent_is_found_once_and_its_options_are_used()
    {
        _agents.Set("found-bot", agent => agent.SystemPrompt = "You were found.");

        (await PromptAsync("found-bot"))[0].Text.Should().Be("You were found.");
        var texts = (await PromptAsync("found-bot")).Select(message => message.Text);

        texts.Should().Equal("You were found.", "hello", "hi", "hello");
        _agents.Asked.Should().Equal("found-bot");
    }

    [Fact]
    public async Task Every_member_that_names_an_agent_finds_it()
    {
        _agents.Set("found-bot");
        var created = await Ann.CreateAsync("found-bot", cancellationToken: Cancellation);
        await Ann.ResetAsync("found-bot", cancellationToken: Cancellation);
        (await Ann.ExplainAsync(new TurnRequest("found-bot", "hello"), Cancellation)).Refusal.Should().BeNull();
        var asked = await Ann.RunTurnAsync("found-bot", "hello", (_, _) => Task.FromResult("hi"), Cancellation);
        await using (var turn = await Ann.BeginTurnAsync("found-bot", "again", Cancellation))
            await turn.CommitAsync(Cancellation);
        var again = await Ann.RegenerateAsync(asked.ReplyMessageId!, Say("better"), Cancellation);
        (await Ann.RestoreAsync(asked.ReplyMessageId!, cancellationToken: Cancellation)).Should().BeTrue();
        (await Ann.SupersedeMessageAsync(asked.ReplyMessageId!, cancellationToken: Cancellation)).Should().BeTrue();
        (await Ann.ForkAsync(asked.InputMessageId!, cancellationToken: Cancellation)).Agent.Should().Be("found-bot");
        (await Ann.GetCurrentAsync("found-bot", cancellationToken: Cancellation)).Should().NotBeNull();
        (await Ann.EndCurrentAsync("found-bot", cancellationToken: Cancellation)).Should().NotBeNull();
        await Conversations.ImportAsync(new ConversationImport("found-bot", []) { Identity = ConversationIdentity.ForUser("ann") }, Cancellation);
        (await Ann.DeleteMessageAsync(again.ReplyMessageId!, Cancellation)).Should().BeTrue();
        (await Ann.DeleteAsync(created.Id, Cancellation)).Should().BeTrue();
        (await Ann.DeleteAllAsync("found-bot", Cancellation)).Should().BePositive();

        _agents.Asked.Should().Equal("found-bot");
    }

    [Fact]
    public async Task Changed_options_are_used_when_the_lifetime_is_over()
    {
        _agents.Set("found-bot", agent => agent.SystemPrompt = "old");
        await PromptAsync("found-bot");
        _agents.Set("found-bot", agent => agent.SystemPrompt = "new");

        Time.Advance(Lifetime - TimeSpan.FromTicks(1));
        (await PromptAsync("found-bot"))[0].Text.Should().Be("old");
        Time.Advance(TimeSpan.FromTicks(1));
        (await PromptAsync("found-bot"))[0].Text.Should().Be("new");

        _agents.Asked.Should().HaveCount(2);
    }

    [Fact]
    public async Task Lifetime_begins_when_the_provider_is_asked()
    {
        var answer = new TaskCompletionSource<AgentOptions?>();
        _agents.Set("found-bot", _ => new ValueTask<AgentOptions?>(answer.Task));
        var first = PromptAsync("found-bot");
        await UntilAskedAsync(1);
        Time.Advance(Lifetime);
        answer.SetResult(new AgentOptions());
        await first;

        await PromptAsync("found-bot");

        _agents.Asked.Should().HaveCount(2, "the options can have changed since they were read");
    }

    [Fact]
    public async Task Open_turn_keeps_the_options_with_which_it_began()
    {
        _agents.Set("found-bot", agent => agent.SystemPrompt = "old");
        await using var turn = await Ann.BeginTurnAsync("found-bot", "hello", Cancellation);
        _agents.Remove("found-bot");
        Time.Advance(Lifetime);

        turn.Prompt[0].Text.Should().Be("old");
        await turn.CommitAsync(Cancellation);
    }

    [Fact]
    public async Task Removed_agent_is_unknown_and_its_conversations_are_readable_and_deleted_by_the_host_alone()
    {
        _agents.Set("found-bot");
        var asked = await Ann.RunTurnAsync("found-bot", "hello", Say("hi"), Cancellation);
        _agents.Remove("found-bot");
        Time.Advance(Lifetime);

        var asking = () => PromptAsync("found-bot");
        var deleting = () => Ann.DeleteAsync(asked.ConversationId!, Cancellation);

        await asking.Should().ThrowAsync<ArgumentException>();
        await deleting.Should().ThrowAsync<DeletionForbiddenException>();
        (await Ann.GetMessagesAsync(asked.ConversationId!, cancellationToken: Cancellation).CountAsync(Cancellation)).Should().Be(2);
        (await Conversations.DeleteAsync(asked.ConversationId!, Cancellation)).Should().BeTrue();
    }

    [Fact]
    public async Task Unknown_agent_is_asked_for_each_time_and_the_error_lists_the_added_agents()
    {
        var asking = () => PromptAsync("suport-bot");

        (await asking.Should().ThrowAsync<ArgumentException>()).WithMessage("Agent 'suport-bot' was not added, and the IAgentOptionsProvider does not find it. Added agents: *'support-bot'*");
        _agents.Set("suport-bot");
        await PromptAsync("suport-bot");

        _agents.Asked.Should().HaveCount(2, "an agent that was just created is there at once");
    }

    [Fact]
    public async Task Unknown_agent_is_named_if_no_agent_was_added()
    {
        var manager = new ConversationManager(Store, new ConversationOptions(), Time, Log, _agents);

        var asking = () => manager.CreateAsync("found-bot", cancellationToken: Cancellation);

        (await asking.Should().ThrowAsync<ArgumentException>().WithParameterName("agent")).WithMessage("Agent 'found-bot' was not found by the IAgentOptionsProvider, and no agent was added.*");
    }

    [Fact]
    public async Task Added_agent_wins_and_is_never_asked_for()
    {
        _agents.Set(Bot, agent => agent.SystemPrompt = "found");

        (await PromptAsync(Bot))[0].Text.Should().Be("You are kind.");

        _agents.Asked.Should().BeEmpty();
    }

    [Fact]
    public async Task Options_that_are_not_valid_are_refused_by_name_and_not_kept()
    {
        _agents.Set("found-bot", agent => (agent.HistoryLimit, agent.LeaseDuration) = (0, TimeSpan.Zero));

        var asking = () => PromptAsync("found-bot");

        (await asking.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*not valid*HistoryLimit of agent 'found-bot' is less than 1.*LeaseDuration of agent 'found-bot'*");
        _agents.Set("found-bot");
        await PromptAsync("found-bot");
    }

    [Fact]
    public async Task Exception_of_the_provider_reaches_the_caller_and_is_not_kept()
    {
        var failure = new TimeoutException("The database does not answer.");
        _agents.Set("found-bot", _ => ValueTask.FromException<AgentOptions?>(failure));

        var asking = () => PromptAsync("found-bot");

        (await asking.Should().ThrowAsync<TimeoutException>()).Which.Should().BeSameAs(failure);
        _agents.Set("found-bot");
        await PromptAsync("found-bot");
    }

    [Fact]
    public async Task Exception_after_the_lifetime_reaches_the_caller_until_the_provider_answers_again()
    {
        _agents.Set("found-bot");
        await PromptAsync("found-bot");
        Time.Advance(Lifetime);
        _agents.Set("found-bot", _ => throw new TimeoutException());

        await FluentActions.Awaiting(() => PromptAsync("found-bot")).Should().ThrowAsync<TimeoutException>();
        _agents.Set("found-bot", agent => agent.SystemPrompt = "new");

        (await PromptAsync("found-bot"))[0].Text.Should().Be("new");
    }

    [Fact]
    public async Task Concurrent_first_uses_ask_once_and_one_that_is_cancelled_leaves_the_others()
    {
        var answer = new TaskCompletionSource<AgentOptions?>();
        _agents.Set("found-bot", _ => new ValueTask<AgentOptions?>(answer.Task));
        using var impatient = new CancellationTokenSource();
        var first = Ann.CreateAsync("found-bot", cancellationToken: impatient.Token);
        await UntilAskedAsync(1);
        var others = Enumerable.Range(0, 8).Select(_ => Ann.CreateAsync("found-bot", cancellationToken: Cancellation)).ToList();

        await impatient.CancelAsync();
        await FluentActions.Awaiting(() => first).Should().ThrowAsync<OperationCanceledException>();
        others.Should().NotContain(other => other.IsCompleted);
        answer.SetResult(new AgentOptions());
        await Task.WhenAll(others);

        _agents.Asked.Should().Equal("found-bot");
    }

    [Fact]
    public async Task Provider_does_not_see_the_execution_context_of_the_request()
    {
        var user = new AsyncLocal<string?> { Value = "ann" };
        string? seen = "nothing yet";
        _agents.Set("found-bot", _ =>
        {
            seen = user.Value;
            return ValueTask.FromResult<AgentOptions?>(new AgentOptions());
        });

        await PromptAsync("found-bot");

        seen.Should().BeNull("its answer is used for other users too");
        user.Value.Should().Be("ann");
    }

    [Fact]
    public async Task Closing_the_manager_cancels_what_is_asked()
    {
        _agents.Set("found-bot", closing => new ValueTask<AgentOptions?>(new TaskCompletionSource<AgentOptions?>().Task.WaitAsync(closing)));
        var asking = Ann.CreateAsync("found-bot", cancellationToken: Cancellation);
        await UntilAskedAsync(1);

        await Conversations.DisposeAsync();

        await FluentActions.Awaiting(() => asking).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task The_agent_that_was_not_used_for_the_longest_time_is_dropped_beyond_a_thousand()
    {
        _agents.Set("first-bot");
        _agents.Set("second-bot");
        await Ann.GetCurrentAsync("first-bot", cancellationToken: Cancellation);
        await Ann.GetCurrentAsync("second-bot", cancellationToken: Cancellation);
        for (var number = 2; number < FoundAgents.Most; number++)
        {
            _agents.Set($"bot-{number}");
            await Ann.GetCurrentAsync($"bot-{number}", cancellationToken: Cancellation);
        }

        await Ann.GetCurrentAsync("first-bot", cancellationToken: Cancellation);
        _agents.Set("last-bot");
        await Ann.GetCurrentAsync("last-bot", cancellationToken: Cancellation);
        await Ann.GetCurrentAsync("first-bot", cancellationToken: Cancellation);
        await Ann.GetCurrentAsync("second-bot", cancellationToken: Cancellation);

        _agents.Asked.Count(name => name == "first-bot").Should().Be(1);
        _agents.Asked.Count(name => name == "second-bot").Should().Be(2);
        _agents.Asked.Should().HaveCount(FoundAgents.Most + 2);
    }

    [Fact]
    public async Task Lifetime_of_zero_asks_for_each_request()
    {
        var options = Options();
        options.AgentOptionsLifetime = TimeSpan.Zero;
        var ann = new ConversationManager(Store, options, Time, Log, _agents).ForIdentity(ConversationIdentity.ForUser("ann"));
        _agents.Set("found-bot");

        await ann.CreateAsync("found-bot", cancellationToken: Cancellation);
        await ann.CreateAsync("found-bot", cancellationToken: Cancellation);

        _agents.Asked.Should().HaveCount(2);
    }

    [Fact]
    public async Task Modes_audit_policy_and_required_identity_of_a_found_agent_apply()
    {
        _agents.Set("oracle-bot", agent => agent.Mode = PersistenceMode.Stateless);
        _agents.Set("kept-bot", agent => agent.RetainForAudit = true);
        _agents.Set("strict-bot-2", agent => agent.RequireIdentity = true);
        var kept = await Ann.RunTurnAsync("kept-bot", "hello", Say("hi"), Cancellation);

        var deleting = () => Conversations.DeleteAsync(kept.ConversationId!, Cancellation);
        var deletingAll = () => Conversations.DeleteAllAsync("kept-bot", Cancellation);
        var asking = () => Conversations.RunTurnAsync("strict-bot-2", "hello", Say("hi"), Cancellation);

        (await Ann.RunTurnAsync("oracle-bot", "hello", Say("hi"), Cancellation)).ConversationId.Should().BeNull();
        await deleting.Should().ThrowAsync<DeletionForbiddenException>();
        await deletingAll.Should().ThrowAsync<DeletionForbiddenException>();
        await asking.Should().ThrowAsync<IdentityRequiredException>();
    }

    [Fact]
    public async Task Shared_conversations_of_a_found_agent_are_reached_by_views_that_are_older_than_the_agent()
    {
        var manager = new ConversationManager(Store, new ConversationOptions(), Time, Log, _agents);
        var ben = manager.ForIdentity(ConversationIdentity.ForUser("ben", "acme"));
        var stranger = manager.ForIdentity(ConversationIdentity.ForUser("ben", "other"));
        _agents.Set("team-found", agent => agent.Mode = PersistenceMode.Shared);

        var asked = await manager.ForIdentity(ConversationIdentity.ForUser("ann", "acme")).RunTurnAsync("team-found", "hello", Say("hi"), Cancellation);

        (await ben.ListAsync(cancellationToken: Cancellation).Select(conversation => conversation.Id).ToListAsync(Cancellation)).Should().Equal(asked.ConversationId);
        (await ben.GetAsync(asked.ConversationId!, Cancellation)).Should().NotBeNull();
        (await stranger.GetAsync(asked.ConversationId!, Cancellation)).Should().BeNull();
    }

    [Fact]
    public async Task Partition_of_a_found_agent_must_be_known_at_start()
    {
        var options = Options().AddAgent("region-bot", agent => agent.PartitionBy = ["region", "tenant_id"]);
        var manager = new ConversationManager(Store, options, Time, Log, _agents);
        var ann = manager.ForIdentity(ConversationIdentity.ForUser("ann", "acme").With("region", "north"));
        _agents.Set("found-region", agent => (agent.Mode, agent.PartitionBy) = (PersistenceMode.Shared, ["tenant_id", "region"]));
        _agents.Set("found-team", agent => (agent.Mode, agent.PartitionBy) = (PersistenceMode.Shared, ["team"]));

        var asked = await ann.RunTurnAsync("found-region", "hello", Say("hi"), Cancellation);
        var asking = () => ann.RunTurnAsync("found-team", "hello", Say("hi"), Cancellation);

        (await ann.GetAsync(asked.ConversationId!, Cancellation)).Should().NotBeNull();
        (await asking.Should().ThrowAsync<InvalidOperationException>()).WithMessage("PartitionBy of agent 'found-team'*Add an agent with these fields*");
    }

    [Fact]
    public async Task Found_agents_are_separate_from_each_other()
    {
        _agents.Set("found-bot");
        _agents.Set("Found-bot");
        var asked = await Ann.RunTurnAsync("found-bot", "hello", Say("hi"), Cancellation);

        var asking = () => Ann.RunTurnAsync(new TurnRequest("Found-bot", "hello") { ConversationId = asked.ConversationId }, Say("hi"), Cancellation);

        await asking.Should().ThrowAsync<ConversationNotFoundException>();
        (await Ben.GetAsync(asked.ConversationId!, Cancellation)).Should().BeNull();
    }

    private async Task<IReadOnlyList<ConversationMessage>> PromptAsync(string agent)
    {
        IReadOnlyList<ConversationMessage>? prompt = null;
        await Ann.RunTurnAsync(
            agent,
            "hello",
            (turn, _) =>
            {
                prompt = turn.Prompt;
                return Task.FromResult("hi");
            },
            Cancellation);
        return prompt!;
    }

    private async Task UntilAskedAsync(int times)
    {
        while (_agents.Asked.Count < times)
        {
            Cancellation.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}

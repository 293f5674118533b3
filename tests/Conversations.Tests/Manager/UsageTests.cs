using Conversations.Storage;

namespace Conversations.Tests.Manager;

/// <summary>Reports of usage, and costs by prices.</summary>
public abstract class UsageTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private ConversationMaintenance Maintenance => new(Store, Options());

    [Fact]
    public async Task GetUsage_adds_up_every_run_that_ended_when_no_query_is_given()
    {
        var asked = await AskAsync(Using(input: 1));
        var failing = () => Alice.RunTurnAsync(Bot, "two", Failing(Using(input: 10)), Cancellation);
        await failing.Should().ThrowAsync<InvalidOperationException>();
        await Alice.RegenerateAsync(asked.ReplyMessageId!, Using(input: 100), Cancellation);
        await using var open = await Bob.BeginTurnAsync(new TurnRequest(Bot, "three"), Cancellation);

        var report = await Maintenance.GetUsageAsync(cancellationToken: Cancellation);

        report.Rows.Should().Equal(new UsageRow { Totals = report.Totals });
        report.Totals.Should().Be(new UsageTotals { Runs = 3, RunsWithoutCost = 3, InputTokens = 111 });
    }

    [Fact]
    public async Task GetUsage_has_no_rows_without_runs()
    {
        var report = await Maintenance.GetUsageAsync(new UsageQuery { GroupBy = UsageGrouping.Agent }, Cancellation);

        report.Rows.Should().BeEmpty();
        report.Totals.Should().Be(UsageTotals.None);
        report.Totals.HistoryShare.Should().BeNull();
    }

    [Fact]
    public async Task GetUsage_by_user_adds_up_all_runs_of_a_user_of_a_tenant()
    {
        await Alice.RunTurnAsync(Bot, "hello", Using(input: 1), Cancellation);
        await Alice.RunTurnAsync("team-bot", "hello", Using(input: 10), Cancellation);
        await Manager.ForIdentity(ConversationIdentity.ForUser("alice", "acme")).RunTurnAsync(Bot, "hello", Using(input: 100), Cancellation);
        await Manager.ForIdentity(ConversationIdentity.ForUser("a;b=c")).RunTurnAsync(Bot, "hello", Using(input: 1_000), Cancellation);
        await Manager.RunTurnAsync("team-bot", "hello", Using(input: 10_000), Cancellation);
        await Manager.ForIdentity(ConversationIdentity.FromFields([new("session_id", "alice")])).RunTurnAsync(Bot, "hello", Using(input: 100_000), Cancellation);

        var report = await Maintenance.GetUsageAsync(new UsageQuery { GroupBy = UsageGrouping.User }, Cancellation);

        report.Rows.Select(row => (row.TenantId, row.UserId, row.Totals.Runs, row.Totals.InputTokens)).Should().Equal(
            (null, null, 2, 110_000), (null, "a;b=c", 1, 1_000), (null, "alice", 2, 11), ("acme", "alice", 1, 100));
        report.Totals.InputTokens.Should().Be(111_111);
    }

    [Fact]
    public async Task GetUsage_by_several_groupings_has_a_row_for_each_combination_in_order()
    {
        var first = await Bob.RunTurnAsync(Bot, "hello", Using(input: 1), Cancellation);
        var second = await Alice.RunTurnAsync("audit-bot", "hello", Using(input: 10), Cancellation);
        Time.Advance(TimeSpan.FromDays(1));
        await Alice.RunTurnAsync("audit-bot", "hello", Using(input: 100), Cancellation);
        await Alice.RunTurnAsync("audit-bot", "hello", Using(input: 1_000), Cancellation);

        var report = await Maintenance.GetUsageAsync(
            new UsageQuery { GroupBy = UsageGrouping.Day | UsageGrouping.Agent | UsageGrouping.User | UsageGrouping.Conversation }, Cancellation);

        report.Rows.Select(row => (row.Day, row.Agent, row.UserId, row.ConversationId, row.Totals.InputTokens)).Should().Equal(
            (new DateOnly(2025, 6, 1), "audit-bot", "alice", second.ConversationId, 10),
            (new DateOnly(2025, 6, 1), Bot, "bob", first.ConversationId, 1),
            (new DateOnly(2025, 6, 2), "audit-bot", "alice", second.ConversationId, 1_100));
    }

    [Fact]
    public async Task GetUsage_counts_the_runs_that_match_the_query()
    {
        var first = await AskAsync(Using(input: 1));
        Time.Advance(TimeSpan.FromHours(1));
        var late = Time.GetUtcNow();
        await AskAsync(Using(input: 10));
        await Alice.RunTurnAsync("audit-bot", "hello", Using(input: 100), Cancellation);
        Dictionary<UsageQuery, long> expected = new()
        {
            [new UsageQuery { ConversationId = first.ConversationId }] = 11,
            [new UsageQuery { Agent = "audit-bot" }] = 100,
            [new UsageQuery { StartedFrom = late }] = 110,
            [new UsageQuery { StartedBefore = late }] = 1,
            [new UsageQuery { ConversationId = "conv_unknown" }] = 0,
        };

        foreach (var (query, input) in expected)
            (await Maintenance.GetUsageAsync(query, Cancellation)).Totals.InputTokens.Should().Be(input, "{0}", query);
    }

    [Fact]
    public async Task GetUsage_excludes_other_projects()
    {
        await AskAsync(Using(input: 1));

        var report = await new ConversationMaintenance(Store, new ConversationOptions { Project = "other" }).GetUsageAsync(cancellationToken: Cancellation);

        report.Rows.Should().BeEmpty();
    }

    [Fact]
    public async Task GetUsage_returns_the_share_of_history_in_prompts()
    {
        await CommitAsync(commit => commit with { PromptTokens = 100, HistoryTokens = 20 });
        await CommitAsync(commit => commit with { PromptTokens = 300, HistoryTokens = 180 });
        await CommitAsync(commit => commit with { Usage = new TokenUsage { InputTokens = 1_000_000 } });

        var report = await Maintenance.GetUsageAsync(cancellationToken: Cancellation);

        report.Totals.HistoryShare.Should().Be(0.5);
    }

    [Fact]
    public async Task GetUsage_names_the_missing_feature_when_the_store_lacks_it()
    {
        await using var store = new Plain(Store);

        var asking = () => new ConversationMaintenance(store, Options()).GetUsageAsync(cancellationToken: Cancellation);

        await asking.Should().ThrowAsync<NotSupportedException>().WithMessage("*Plain*IConversationUsageStore*");
    }

    [Fact]
    public async Task Cost_is_computed_from_the_price_of_the_model()
    {
        var priced = Priced(options => options.AddPrice("model", inputPerMillion: 3m, outputPerMillion: 15m, cachedInputPerMillion: 0.3m));

        var answered = await priced.RunTurnAsync(Bot, "one", Using(input: 1_000, "model-2025-08-07"), Cancellation);
        var failing = () => priced.RunTurnAsync(Bot, "two", Failing(Using(input: 1_000, "model")), Cancellation);
        await failing.Should().ThrowAsync<InvalidOperationException>();

        (await RunsAsync(answered)).Should().OnlyContain(run => run.Cost == 0.003m).And.HaveCount(2);
    }

    [Fact]
    public async Task Cost_that_the_turn_sets_is_kept()
    {
        var priced = Priced(options => options.AddPrice("model", 3m, 15m));

        var answered = await priced.RunTurnAsync(
            Bot, "one", async (turn, token) =>
            {
                await Using(input: 1_000, "model")(turn, token);
                turn.Cost = 0m;
            },
            Cancellation);

        (await RunsAsync(answered)).Should().ContainSingle().Which.Cost.Should().Be(0m);
    }

    [Fact]
    public async Task Cost_is_null_without_a_price_or_usage()
    {
        var priced = Priced(options => options.AddPrice("model", 3m, 15m));

        var answered = await priced.RunTurnAsync(Bot, "one", Using(input: 1_000, "model-mini"), Cancellation);
        await priced.RunTurnAsync(Bot, "two", Using(input: 1_000), Cancellation);
        await priced.RunTurnAsync(Bot, "three", (turn, _) => Task.FromResult(turn.Model = "model"), Cancellation);

        (await RunsAsync(answered)).Should().OnlyContain(run => run.Cost == null).And.HaveCount(3);
        (await Maintenance.GetUsageAsync(cancellationToken: Cancellation)).Totals.RunsWithoutCost.Should().Be(3);
    }

    [Fact]
    public async Task Cost_of_earlier_runs_is_kept_when_prices_change()
    {
        await Priced(options => options.AddPrice("model", 3m, 15m)).RunTurnAsync(Bot, "one", Using(input: 1_000_000, "model"), Cancellation);
        await Priced(options => options.AddPrice("model", 5m, 15m)).RunTurnAsync(Bot, "two", Using(input: 1_000_000, "model"), Cancellation);

        (await Maintenance.GetUsageAsync(cancellationToken: Cancellation)).Totals.Cost.Should().Be(8m);
    }

    [Fact]
    public async Task Run_of_several_models_has_the_usage_of_each_and_costs_what_they_cost()
    {
        var priced = Priced(options => options.AddPrice("router", 1m, 1m).AddPrice("large", 10m, 50m));

        var answered = await priced.RunTurnAsync(Bot, "one", UsingSeveral(), Cancellation);

        var run = (await RunsAsync(answered)).Should().ContainSingle().Subject;
        (run.Model, run.Usage, run.Cost).Should().Be(("large", new TokenUsage { InputTokens = 6_000_000, OutputTokens = 100_000, ReasoningTokens = 40_000 }, 3m + 30m + 5m));
        run.UsageByModel.Should().Equal(
            new ModelUsage { Model = "router", Usage = new TokenUsage { InputTokens = 3_000_000 }, Cost = 3m },
            new ModelUsage { Model = "large", Usage = new TokenUsage { InputTokens = 3_000_000, OutputTokens = 100_000, ReasoningTokens = 40_000 }, Cost = 35m });
    }

    [Fact]
    public async Task GetUsage_by_model_gives_each_model_of_a_run_its_own_tokens_and_cost()
    {
        var priced = Priced(options => options.AddPrice("router", 1m, 1m).AddPrice("large", 10m, 50m));
        await priced.RunTurnAsync(Bot, "one", UsingSeveral(), Cancellation);
        await priced.RunTurnAsync(Bot, "two", Using(input: 1_000_000, "router"), Cancellation);
        await priced.RunTurnAsync(Bot, "three", Using(input: 7), Cancellation);

        var report = await Maintenance.GetUsageAsync(new UsageQuery { GroupBy = UsageGrouping.Model }, Cancellation);

        report.Rows.Select(row => (row.Model, row.Totals.Runs, row.Totals.InputTokens, row.Totals.OutputTokens, row.Totals.Cost)).Should().Equal(
            (null, 1, 7, 0, 0m), ("large", 1, 3_000_000, 100_000, 35m), ("router", 1, 4_000_000, 0, 4m));
        report.Totals.Should().Be((await Maintenance.GetUsageAsync(cancellationToken: Cancellation)).Totals);
    }

    [Fact]
    public async Task Cost_of_several_models_is_unknown_when_one_has_no_price()
    {
        var priced = Priced(options => options.AddPrice("large", 10m, 50m));

        var answered = await priced.RunTurnAsync(Bot, "one", UsingSeveral(), Cancellation);

        var run = (await RunsAsync(answered)).Should().ContainSingle().Subject;
        (run.Cost, run.UsageByModel[0].Cost, run.UsageByModel[1].Cost).Should().Be((null, null, 35m));
        var report = await Maintenance.GetUsageAsync(new UsageQuery { GroupBy = UsageGrouping.Model }, Cancellation);
        report.Totals.Should().Be((await Maintenance.GetUsageAsync(cancellationToken: Cancellation)).Totals);
        (report.Totals.Cost, report.Totals.RunsWithoutCost).Should().Be((0m, 1));
    }

    [Fact]
    public async Task Cost_that_a_turn_of_several_models_sets_counts_with_its_last_model()
    {
        var priced = Priced(options => options.AddPrice("router", 1m, 1m).AddPrice("large", 10m, 50m));

        await priced.RunTurnAsync(Bot, "one", UsingSeveral(cost: 2m), Cancellation);

        var report = await Maintenance.GetUsageAsync(new UsageQuery { GroupBy = UsageGrouping.Model }, Cancellation);
        report.Rows.Select(row => (row.Model, row.Totals.Runs, row.Totals.Cost)).Should().Equal(("large", 1, 2m), ("router", 0, 0m));
    }

    [Fact]
    public async Task Usage_that_one_model_adds_in_parts_is_that_of_one_model()
    {
        var answered = await AskAsync((turn, _) =>
        {
            turn.AddUsage("model", new TokenUsage { InputTokens = 1, CacheWriteInputTokens = 1 });
            turn.AddUsage("model", new TokenUsage { InputTokens = 10, CachedInputTokens = 3 });
            return Task.CompletedTask;
        });

        var run = (await RunsAsync(answered)).Should().ContainSingle().Subject;
        (run.Model, run.Usage).Should().Be(("model", new TokenUsage { InputTokens = 11, CachedInputTokens = 3, CacheWriteInputTokens = 1 }));
        run.UsageByModel.Should().BeEmpty();
    }

    [Fact]
    public async Task Usage_that_is_set_replaces_what_was_added()
    {
        var answered = await AskAsync(async (turn, token) =>
        {
            await UsingSeveral()(turn, token);
            turn.Usage = new TokenUsage { InputTokens = 5 };
        });

        var run = (await RunsAsync(answered)).Should().ContainSingle().Subject;
        (run.Usage!.InputTokens, run.UsageByModel.Count).Should().Be((5, 0));
    }

    [Fact]
    public async Task Sum_of_usage_is_at_most_what_a_run_can_have()
    {
        const long most = 1_000_000_000_000_000;

        var answered = await AskAsync((turn, _) =>
        {
            turn.AddUsage("one", new TokenUsage { InputTokens = most });
            turn.AddUsage("two", new TokenUsage { InputTokens = most });
            return Task.CompletedTask;
        });

        (await RunsAsync(answered)).Should().ContainSingle().Which.Usage!.InputTokens.Should().Be(most);
    }

    /// <summary>An agent that asks a small model, a large one and the large one again.</summary>
    private static Func<ConversationTurn, CancellationToken, Task> UsingSeveral(decimal? cost = null) => (turn, _) =>
    {
        turn.Add(ConversationMessage.Assistant("hi"));
        turn.AddUsage("router", new TokenUsage { InputTokens = 3_000_000 });
        turn.AddUsage("large", new TokenUsage { InputTokens = 1_000_000 });
        turn.AddUsage("large", new TokenUsage { InputTokens = 2_000_000, OutputTokens = 100_000, ReasoningTokens = 40_000 });
        turn.Cost = cost;
        return Task.CompletedTask;
    };

    /// <summary>An agent that answers and sets its usage.</summary>
    private static Func<ConversationTurn, CancellationToken, Task> Using(long input, string? model = null) => (turn, _) =>
    {
        turn.Add(ConversationMessage.Assistant("hi"));
        (turn.Model, turn.Usage) = (model, new TokenUsage { InputTokens = input });
        return Task.CompletedTask;
    };

    private static Func<ConversationTurn, CancellationToken, Task> Failing(Func<ConversationTurn, CancellationToken, Task> agent) => async (turn, token) =>
    {
        await agent(turn, token);
        throw new InvalidOperationException("It broke.");
    };

    private Task<TurnResult> AskAsync(Func<ConversationTurn, CancellationToken, Task> agent) => Alice.RunTurnAsync(Bot, "hello", agent, Cancellation);

    private ScopedConversations Priced(Action<ConversationOptions> prices)
    {
        var options = Options();
        prices(options);
        return new ConversationManager(Store, options, Time, Log).ForIdentity(ConversationIdentity.ForUser("alice"));
    }

    private async Task<List<ConversationRun>> RunsAsync(TurnResult result) => await Manager.GetRunsAsync(result.ConversationId!, cancellationToken: Cancellation).ToListAsync(Cancellation);

    /// <summary>Commits a turn in the store with a command that a function changes.</summary>
    private async Task CommitAsync(Func<CommitTurnCommand, CommitTurnCommand> says)
    {
        var scope = new ConversationScope(ConversationScope.DefaultProject, Bot, ConversationOwner.Of(ConversationIdentity.ForUser("alice")), ConversationChannels.Chat);
        var begun = (TurnBegun)await new ConversationEngine(Store, Time).BeginAsync(
            new BeginTurnCommand
            {
                Access = new ConversationAccess(scope.Project, null),
                Agent = scope.Agent,
                Scope = scope,
                NewConversationId = "conv_new",
                Input = [ConversationMessage.User("hello") with { CreatedAt = Time.GetUtcNow() }],
                Caller = scope.Owner.Audience,
                LeaseDuration = TimeSpan.FromMinutes(1),
                Token = UuidV7.NewToken(),
            },
            Cancellation);
        var held = new HeldTurn(begun.Lease, new ConversationAccess(scope.Project, null), begun.Conversation, begun.State.Now, Time);
        (await new ConversationEngine(Store, Time).CommitAsync(held, says(new CommitTurnCommand { Lease = begun.Lease, Access = held.Access, Status = RunStatus.Completed }), Cancellation)).Should().BeTrue();
    }

    /// <summary>A store that has nothing beyond the core.</summary>
    private sealed class Plain(IConversationStore inner) : DelegatingConversationStore(inner)
    {
        public override T? GetFeature<T>()
            where T : class => null;
    }
}

public sealed class UsageTestsInMemory : UsageTests<InMemory>;

public sealed class UsageTestsOnSqlite : UsageTests<Sqlite>;

using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A capability: what runs used is added up.</summary>
public abstract class UsageSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    /// <summary>Every way to group.</summary>
    public static TheoryData<int> Groupings => [.. Enumerable.Range(0, 16)];

    private IConversationUsageStore Usage => FeatureOf(Store);

    [Fact, Rule("21.1", "21.3")]
    public async Task Every_run_counts_whatever_became_of_it()
    {
        var first = await RunAsync(input: 1);
        await AnswerAgainAsync(first.ConversationId, input: 1, "again");
        await RunAsync(input: 10, status: RunStatus.Failed);
        await RunAsync(input: 100, status: RunStatus.Cancelled);
        await RunAsync(input: 1_000, status: RunStatus.RequiresAction);
        await BeginAsync();
        Time.Advance(LeaseDuration);
        await BeginAsync();

        var totals = await TotalsAsync();

        (await RunOfAsync(first)).Status.Should().Be(RunStatus.Superseded);
        totals.Runs.Should().Be(7, "one is interrupted and one running");
        totals.InputTokens.Should().Be(1_111);
        totals.RunsWithoutUsage.Should().Be(3);
    }

    [Fact, Rule("21.1", "13.1", "13.2")]
    public async Task A_deletion_of_a_conversation_takes_its_usage_with_it_and_one_of_a_message_nothing()
    {
        var kept = await RunAsync(input: 1);
        var deleted = await RunAsync(ScopeOf("user_2"), input: 10);

        await Store.DeleteConversationAsync(deleted.ConversationId, Host);
        await Store.DeleteMessageAsync(kept.ConversationId, 1, Host);
        await Store.DeleteMessageAsync(kept.ConversationId, 2, Host);

        (await TotalsAsync()).Should().Match<UsageTotals>(totals => totals.Runs == 1 && totals.InputTokens == 1);
        (await SumAsync(new() { Access = Host, ConversationId = deleted.ConversationId })).Should().BeEmpty();
    }

    [Fact, Rule("21.2")]
    public async Task Sums_of_a_conversation_are_of_its_runs_alone()
    {
        var ours = await RunAsync(input: 1);
        await RunAsync(ScopeOf(channel: "api"), input: 10);
        await RunAsync(input: 100);
        var other = await RunAsync(command: Turn() with { StartNew = true }, input: 1_000);
        await RunAsync(command: TurnIn(ours.ConversationId), input: 10_000);

        (await InputAsync(new() { Access = Host, ConversationId = ours.ConversationId })).Should().Be(10_101);
        (await InputAsync(new() { Access = Host, ConversationId = other.ConversationId })).Should().Be(1_000);
        (await InputAsync(new() { Access = Host, ConversationId = ours.ConversationId.ToUpperInvariant() })).Should().BeNull();
    }

    [Fact, Rule("21.2")]
    public async Task Sums_of_an_agent_are_of_its_runs_alone()
    {
        await RunAsync(ScopeOf(agent: "agent"), input: 1);
        await RunAsync(ScopeOf(agent: "Agent"), input: 10);
        await RunAsync(ScopeOf("user_2", agent: "agent"), input: 100);
        await RunAsync(ScopeOf(agent: "agent_2"), input: 1_000);

        (await InputAsync(new() { Access = Host, Agent = "agent" })).Should().Be(101);
        (await InputAsync(new() { Access = Host, Agent = "Agent" })).Should().Be(10);
        (await InputAsync(new() { Access = Host, Agent = "agent_" })).Should().BeNull();
    }

    [Fact, Rule("21.2")]
    public async Task Sums_of_a_time_are_of_the_runs_that_began_in_it_to_the_tick()
    {
        var tick = TimeSpan.FromTicks(1);
        var times = new List<DateTimeOffset>();
        foreach (var input in new[] { 1, 10, 100 })
        {
            times.Add(Time.GetUtcNow());
            await RunAsync(input: input, lasting: tick);
        }

        (await InputAsync(new() { Access = Host, StartedFrom = times[1] })).Should().Be(110);
        (await InputAsync(new() { Access = Host, StartedFrom = times[1].ToOffset(TimeSpan.FromHours(5)) + tick })).Should().Be(100);
        (await InputAsync(new() { Access = Host, StartedBefore = times[1].ToOffset(TimeSpan.FromHours(-5)) })).Should().Be(1);
        (await InputAsync(new() { Access = Host, StartedBefore = times[1] + tick })).Should().Be(11);
        (await InputAsync(new() { Access = Host, StartedFrom = times[1], StartedBefore = times[2] })).Should().Be(10);
        (await InputAsync(new() { Access = Host, StartedFrom = times[1], StartedBefore = times[1] })).Should().BeNull();
        (await InputAsync(new() { Access = Host, StartedFrom = DateTimeOffset.MinValue, StartedBefore = DateTimeOffset.MaxValue })).Should().Be(111);
    }

    [Fact, Rule("21.2")]
    public async Task Filters_narrow_together()
    {
        var early = await RunAsync(input: 1);
        Time.Advance(TimeSpan.FromHours(1));
        var late = Time.GetUtcNow();
        await RunAsync(input: 10);
        await RunAsync(ScopeOf(agent: "other"), input: 100);

        (await InputAsync(new() { Access = Host, Agent = "agent", StartedFrom = late })).Should().Be(10);
        (await InputAsync(new() { Access = Host, ConversationId = early.ConversationId, StartedBefore = late })).Should().Be(1);
        (await InputAsync(new() { Access = Host, ConversationId = early.ConversationId, Agent = "other" })).Should().BeNull();
    }

    [Theory, Rule("21.3")]
    [MemberData(nameof(Groupings))]
    public async Task A_row_is_of_one_combination_of_what_is_grouped_by(int grouping)
    {
        var keys = (UsageSumKeys)grouping;
        var runs = new List<UsageSum>();
        for (var number = 0; number < 24; number++)
        {
            var scope = ScopeOf(number % 2 == 0 ? "user_1" : "USER_1", agent: number % 3 == 0 ? "agent" : "Agent");
            var caller = number % 4 == 0 ? "" : scope.Owner.Key;
            var lease = await RunAsync(command: Turn(scope) with { Caller = caller, StartNew = number % 8 == 0 }, input: 1 << number);
            runs.Add(new UsageSum
            {
                ConversationId = keys.HasFlag(UsageSumKeys.Conversation) ? lease.ConversationId : null,
                Agent = keys.HasFlag(UsageSumKeys.Agent) ? scope.Agent : null,
                Caller = keys.HasFlag(UsageSumKeys.Caller) && caller.Length > 0 ? caller : null,
                Day = keys.HasFlag(UsageSumKeys.Day) ? DateOnly.FromDateTime(Time.GetUtcNow().UtcDateTime) : null,
                Totals = new UsageTotals { Runs = 1, InputTokens = 1 << number, RunsWithoutCost = 1 },
            });
            Time.Advance(TimeSpan.FromHours(3));
        }

        var rows = await SumAsync(new() { Access = Host, Keys = keys });

        rows.Should().BeEquivalentTo(runs
            .GroupBy(run => (run.ConversationId, run.Agent, run.Caller, run.Day))
            .Select(group => group.First() with { Totals = group.Aggregate(UsageTotals.None, (totals, run) => totals.Plus(run.Totals)) }));
    }

    [Fact, Rule("21.3")]
    public async Task The_day_of_a_run_is_that_on_which_it_began_in_UTC()
    {
        var midnight = new DateTimeOffset(2025, 12, 31, 0, 0, 0, TimeSpan.Zero).AddDays(1);
        Time.SetUtcNow(midnight.AddTicks(-1));
        await RunAsync(input: 1, lasting: TimeSpan.FromTicks(1));
        await RunAsync(input: 10);

        var rows = await SumAsync(new() { Access = Host, Keys = UsageSumKeys.Day });

        rows.Select(row => (row.Day, row.Totals.InputTokens)).Should().BeEquivalentTo(
            new (DateOnly?, long)[] { (new DateOnly(2025, 12, 31), 1), (new DateOnly(2026, 1, 1), 10) });
    }

    [Theory, Rule("21.3")]
    [MemberData(nameof(Groupings))]
    public async Task There_is_no_row_where_there_is_no_run(int grouping)
    {
        var created = await CreateAsync(ScopeOf(), User("hello"));

        (await SumAsync(new() { Access = Host, Keys = (UsageSumKeys)grouping })).Should().BeEmpty();
        (await SumAsync(new() { Access = Host, Keys = (UsageSumKeys)grouping, ConversationId = created.Id })).Should().BeEmpty();
        (await SumAsync(new() { Access = Host, Keys = (UsageSumKeys)grouping, ConversationId = "conv_unknown" })).Should().BeEmpty();
    }

    [Fact, Rule("21.4")]
    public async Task A_row_has_the_sums_of_what_runs_say_and_how_many_do_not()
    {
        await RunAsync(commit => commit with
        {
            Usage = new TokenUsage { InputTokens = 1, OutputTokens = 20, CachedInputTokens = 300 },
            Cost = 4m,
            PromptTokens = 5_000,
            HistoryTokens = 60_000,
        });
        await RunAsync(commit => commit with
        {
            Usage = new TokenUsage { InputTokens = 2, OutputTokens = 30, CachedInputTokens = 400 },
            PromptTokens = 6_000,
            HistoryTokens = 70_000,
        });
        await RunAsync(commit => commit with { Usage = new TokenUsage(), Cost = 0m, PromptTokens = 0, HistoryTokens = 0 });
        await RunAsync(commit => commit with { Cost = 5m });
        await RunAsync(commit => commit);

        (await TotalsAsync()).Should().Be(new UsageTotals
        {
            Runs = 5,
            RunsWithoutUsage = 2,
            RunsWithoutCost = 2,
            InputTokens = 3,
            OutputTokens = 50,
            CachedInputTokens = 700,
            Cost = 9m,
            PromptTokens = 11_000,
            HistoryTokens = 130_000,
        });
    }

    [Fact, Rule("21.4")]
    public async Task Costs_are_added_exactly()
    {
        decimal[] costs = [0.1m, 0.2m, 0.0000000000000000000000001m, 123.45m, -0.05m, 0.1m, 0.1m];
        foreach (var cost in costs)
            await RunAsync(commit => commit with { Cost = cost });

        (await TotalsAsync()).Cost.Should().Be(costs.Sum()).And.Be(123.9000000000000000000000001m);
    }

    [Fact, Rule("21.4")]
    public async Task Sums_of_tokens_are_as_large_as_a_number_of_64_bits()
    {
        await RunAsync(commit => commit with
        {
            Usage = new TokenUsage { InputTokens = long.MaxValue - 1, OutputTokens = long.MaxValue - 1, CachedInputTokens = long.MaxValue - 1 },
            PromptTokens = long.MaxValue - 1,
            HistoryTokens = long.MaxValue - 1,
        });
        await RunAsync(commit => commit with { Usage = new TokenUsage { InputTokens = 1, OutputTokens = 1, CachedInputTokens = 1 }, PromptTokens = 1, HistoryTokens = 1 });

        var totals = await TotalsAsync();

        new[] { totals.InputTokens, totals.OutputTokens, totals.CachedInputTokens, totals.PromptTokens, totals.HistoryTokens }.Should().AllBeEquivalentTo(long.MaxValue);
    }

    [Theory, Rule("21.5")]
    [InlineData(nameof(UsageTotals.InputTokens))]
    [InlineData(nameof(UsageTotals.OutputTokens))]
    [InlineData(nameof(UsageTotals.CachedInputTokens))]
    [InlineData(nameof(UsageTotals.PromptTokens))]
    [InlineData(nameof(UsageTotals.HistoryTokens))]
    [InlineData(nameof(UsageTotals.Cost))]
    public async Task A_sum_that_its_type_cannot_hold_is_an_error(string figure)
    {
        long Most(string of) => string.Equals(of, figure, StringComparison.Ordinal) ? long.MaxValue : 1;
        for (var run = 0; run < 2; run++)
        {
            await RunAsync(commit => commit with
            {
                Usage = new TokenUsage
                {
                    InputTokens = Most(nameof(UsageTotals.InputTokens)),
                    OutputTokens = Most(nameof(UsageTotals.OutputTokens)),
                    CachedInputTokens = Most(nameof(UsageTotals.CachedInputTokens)),
                },
                PromptTokens = Most(nameof(UsageTotals.PromptTokens)),
                HistoryTokens = Most(nameof(UsageTotals.HistoryTokens)),
                Cost = figure is nameof(UsageTotals.Cost) ? decimal.MaxValue : 1,
            });
        }

        var sums = () => TotalsAsync();

        await sums.Should().ThrowAsync<OverflowException>();
    }

    [Fact, Rule("16.1", "16.2")]
    public async Task Sums_are_of_the_runs_in_reach()
    {
        var ours = await RunAsync(input: 1);
        await RunAsync(ScopeOf("USER_1"), input: 10);
        await RunAsync(ScopeOf(project: "other"), input: 100);
        await RunAsync(ScopeOf("user_3"), input: 1_000);
        Dictionary<ConversationAccess, (long? All, long? Ours)> expected = new()
        {
            [Host] = (1_011, 1),
            [AccessOf(ScopeOf())] = (1, 1),
            [new ConversationAccess("default", ["user_1", "user_3", "user_3"])] = (1_001, 1),
            [AccessOf(ScopeOf("user_3"))] = (1_000, null),
            [AccessOf(ScopeOf("user_2"))] = (null, null),
            [AccessOf(ScopeOf(project: "other"))] = (100, null),
            [new ConversationAccess("other", null)] = (100, null),
            [new ConversationAccess("default", [])] = (null, null),
        };

        foreach (var (access, (all, one)) in expected)
        {
            (await InputAsync(new() { Access = access })).Should().Be(all);
            (await InputAsync(new() { Access = access, ConversationId = ours.ConversationId })).Should().Be(one);
        }
    }

    [Fact, Rule("12.1")]
    public async Task A_cancelled_token_throws()
    {
        await RunAsync(input: 1);

        var sums = () => Usage.SumUsageAsync(new() { Access = Host }, new CancellationToken(canceled: true)).AsTask();

        await sums.Should().ThrowAsync<OperationCanceledException>();
        (await InputAsync(new() { Access = Host })).Should().Be(1);
    }

    [Theory, Rule("15.1")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_member_of_a_disposed_store_throws(bool disposeAsync)
    {
        await RunAsync(input: 1);
        var usage = Usage;
        if (disposeAsync)
            await Store.DisposeAsync();
        else
            Store.Dispose();

        var sums = () => usage.SumUsageAsync(new() { Access = Host }).AsTask();

        await sums.Should().ThrowAsync<ObjectDisposedException>();
    }

    private static IConversationUsageStore FeatureOf(IConversationStore store)
    {
        var feature = store.GetFeature<IConversationUsageStore>();
        feature.Should().NotBeNull("a store that adds up no usage lacks this specification, and says so");
        return feature!;
    }

    private async Task<IReadOnlyList<UsageSum>> SumAsync(UsageSumQuery query) => await Usage.SumUsageAsync(query);

    /// <summary>The totals of all runs of the default project, of which there must be some.</summary>
    private async Task<UsageTotals> TotalsAsync() => (await SumAsync(new() { Access = Host })).Should().ContainSingle().Subject.Totals;

    /// <summary>The input tokens of the runs that are meant, in one row; null if there is none.</summary>
    private async Task<long?> InputAsync(UsageSumQuery query)
    {
        var rows = await SumAsync(query);
        rows.Should().HaveCountLessThanOrEqualTo(1, "they are grouped by nothing");
        return rows is [var row] ? row.Totals.InputTokens : null;
    }

    /// <summary>Makes a run with so many input tokens.</summary>
    private Task<TurnLease> RunAsync(ConversationScope? scope = null, long input = 0, RunStatus status = RunStatus.Completed, BeginTurnCommand? command = null, TimeSpan lasting = default) =>
        RunAsync(commit => commit with { Usage = new TokenUsage { InputTokens = input }, Status = status }, command ?? Turn(scope), lasting);

    /// <summary>Makes a run that says what it used.</summary>
    private async Task<TurnLease> RunAsync(Func<CommitTurnCommand, CommitTurnCommand> says, BeginTurnCommand? command = null, TimeSpan lasting = default)
    {
        var begun = await BeginAsync(command);
        Time.Advance(lasting);
        (await Store.CommitTurnAsync(says(Completion(begun.Lease, "answer")))).Should().BeTrue();
        return begun.Lease;
    }
}

using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Optional: sums of what runs used.</summary>
public abstract class UsageSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    /// <summary>Gets the names of the members of the feature.</summary>
    public static TheoryData<string> Members => [nameof(IConversationUsageStore.SumUsageAsync)];

    /// <summary>Gets every combination of keys.</summary>
    public static TheoryData<int> Groupings => [.. Enumerable.Range(0, 64)];

    private static UsageQuery All => new();

    private IConversationUsageStore Usage => Store.GetFeature<IConversationUsageStore>() ?? throw new NotSupportedException("The store has no usage. See StoreLacksAttribute.");

    [Fact, Rule("14.1")]
    public async Task SumUsage_counts_each_closed_run_once_whatever_its_status_and_kind()
    {
        var created = await CreateAsync();
        RunStatus[] statuses = [RunStatus.Completed, RunStatus.Failed, RunStatus.Cancelled, RunStatus.Interrupted, RunStatus.RequiresAction];
        await WriteAsync(Touch(created) with { Runs = [.. statuses.Select((status, index) => Run(created, index + 1, run => run with { Status = status })), Run(created, 6, run => run with { Kind = RunKind.Summary })] });

        Assert.Equal((6L, 60L), await TotalsAsync(All));
    }

    [Fact, Rule("14.1")]
    public async Task SumUsage_does_not_count_the_open_run()
    {
        var opened = await WriteAsync(OpenRun(await CreateAsync()));
        await WriteAsync(Touch(opened) with { Runs = [Run(opened, 9)] });

        Assert.Equal((1L, 10L), await TotalsAsync(All));
    }

    [Fact, Rule("14.1")]
    public async Task SumUsage_counts_replaced_run_as_replaced()
    {
        var created = await CreateAsync();
        var first = await WriteAsync(Touch(created) with { Runs = [Run(created, 1)] });
        await WriteAsync(Touch(first) with { Runs = [Run(created, 1, run => run with { Usage = new TokenUsage { InputTokens = 3 } })] });

        Assert.Equal((1L, 3L), await TotalsAsync(All));
    }

    [Fact, Rule("14.1")]
    public async Task SumUsage_does_not_count_runs_of_deleted_conversations()
    {
        var deleted = await CreateWithRunAsync(ScopeOf());
        await CreateWithRunAsync(ScopeOf());
        await Store.DeleteConversationAsync(deleted.Conversation.Id, Host);

        Assert.Equal((1L, 10L), await TotalsAsync(All));
    }

    [Fact, Rule("14.1")]
    public async Task SumUsage_narrows_by_conversation()
    {
        var one = await CreateWithRunAsync(ScopeOf());
        await CreateWithRunAsync(ScopeOf());

        Assert.Equal((1L, 10L), await TotalsAsync(All with { ConversationId = one.Conversation.Id }));
        Assert.Empty(await Usage.SumUsageAsync(Host, All with { ConversationId = one.Conversation.Id.ToUpperInvariant() }));
    }

    [Fact, Rule("14.1")]
    public async Task SumUsage_narrows_by_agent_ordinally()
    {
        await CreateWithRunAsync(ScopeOf(agent: "agent"));
        await CreateWithRunAsync(ScopeOf(agent: "Agent"));
        await CreateWithRunAsync(ScopeOf(agent: "agent_2"));

        Assert.Equal((1L, 10L), await TotalsAsync(All with { Agent = "agent" }));
    }

    [Theory, Rule("14.1")]
    [InlineData(1, null, 2)]
    [InlineData(null, 2, 2)]
    [InlineData(1, 2, 1)]
    [InlineData(2, 2, 0)]
    [InlineData(null, null, 3)]
    public async Task SumUsage_narrows_by_begin_of_the_run_to_the_tick(int? from, int? before, int expected)
    {
        var created = await CreateAsync();
        var start = Time.GetUtcNow();
        await WriteAsync(Touch(created) with { Runs = [.. Enumerable.Range(0, 3).Select(tick => Run(created, tick + 1, run => run with { StartedAt = start.AddTicks(tick), EndedAt = start.AddDays(1) }))] });

        var sums = await Usage.SumUsageAsync(Host, All with { StartedFrom = from is null ? null : start.AddTicks(from.Value), StartedBefore = before is null ? null : start.AddTicks(before.Value) });

        Assert.Equal(expected, sums.Sum(sum => sum.Totals.Runs));
    }

    [Fact, Rule("14.1", "8.1")]
    public async Task SumUsage_counts_runs_in_reach_only()
    {
        await CreateWithRunAsync(ScopeOf("user_1"));
        await CreateWithRunAsync(ScopeOf("user_2"));
        await CreateWithRunAsync(ScopeOf("user_1", project: "other"));

        Assert.Equal((1L, 10L), await TotalsAsync(All, AccessOf(ScopeOf("user_1"))));
        Assert.Equal((2L, 20L), await TotalsAsync(All));
        Assert.Empty(await Usage.SumUsageAsync(new ConversationAccess(ConversationScope.DefaultProject, []), All));
    }

    [Fact, Rule("14.2")]
    public async Task SumUsage_returns_no_row_when_no_run_counts()
    {
        await WriteAsync(OpenRun(await CreateAsync()));

        Assert.Empty(await Usage.SumUsageAsync(Host, All));
    }

    [Theory, Rule("14.2")]
    [MemberData(nameof(Groupings))]
    public async Task SumUsage_returns_a_row_for_each_combination_of_keys(int grouping)
    {
        var keys = (UsageGrouping)grouping;
        var expected = new UsageSums(new UsageQuery { GroupBy = keys });
        foreach (var (user, agent) in new[] { ("user_1", "agent"), ("user_1", "Agent"), ("user_2", "agent") })
        {
            var created = await CreateInAsync(ScopeOf(user, agent));
            StoredRun[] runs =
            [
                Run(created, 1),
                Run(created, 2, run => run with { Caller = "Caller" }),
                Run(created, 3, run => run with { Caller = null }),
                Run(created, 4, run => run with { StartedAt = run.StartedAt.AddDays(1) }),
                Run(created, 5, run => run with { Kind = RunKind.Summary }),
                Run(created, 6, run => run with { Model = "Model" }),
                Run(created, 7, run => run with { Model = null }),
            ];
            await WriteAsync(Touch(created) with { Runs = runs });
            foreach (var run in runs)
                expected.Add(agent, run.Run);
        }

        var rows = await Usage.SumUsageAsync(Host, All with { GroupBy = keys });

        ModelAssert.Equal(Sorted(expected.Rows), Sorted(rows));
    }

    [Theory, Rule("14.2")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SumUsage_by_model_counts_a_run_of_several_with_its_own_and_the_tokens_and_costs_with_each(bool isReported)
    {
        var created = await CreateAsync();
        ModelUsage[] models =
        [
            new() { Model = "small", Usage = new TokenUsage { InputTokens = 100, CacheWriteInputTokens = 60 }, Cost = isReported ? null : 0.1m },
            new() { Model = "large", Usage = new TokenUsage { InputTokens = 200, OutputTokens = 30, ReasoningTokens = 20 }, Cost = isReported ? null : 2m },
        ];
        var usage = new TokenUsage { InputTokens = 300, OutputTokens = 30, CacheWriteInputTokens = 60, ReasoningTokens = 20 };
        var several = Run(created, 1, run => run with { Model = "large", Usage = usage, UsageByModel = models, Cost = 2.1m, PromptTokens = 50, HistoryTokens = 40 });
        await WriteAsync(Touch(created) with { Runs = [several, Run(created, 2, run => run with { Model = "small" })] });

        var rows = await Usage.SumUsageAsync(Host, All with { GroupBy = UsageGrouping.Model });

        UsageSum[] expected =
        [
            new()
            {
                Model = "large",
                Totals = new UsageTotals { Runs = 1, InputTokens = 200, OutputTokens = 30, ReasoningTokens = 20, Cost = isReported ? 2.1m : 2m, PromptTokens = 50, HistoryTokens = 40 },
            },
            new()
            {
                Model = "small",
                Totals = new UsageTotals { Runs = 1, RunsWithoutCost = 1, InputTokens = 110, CacheWriteInputTokens = 60, Cost = isReported ? 0m : 0.1m },
            },
        ];
        ModelAssert.Equal(expected, Sorted(rows));
        Assert.Equal((2L, 310L), await TotalsAsync(All));
    }

    [Fact, Rule("14.2")]
    public async Task SumUsage_groups_by_UTC_day()
    {
        var created = await CreateAsync();
        var midnight = new DateTimeOffset(2025, 6, 2, 0, 0, 0, TimeSpan.Zero);
        await WriteAsync(Touch(created) with
        {
            Runs = [Run(created, 1, run => run with { StartedAt = midnight.AddTicks(-1) }), Run(created, 2, run => run with { StartedAt = midnight })],
        });

        var rows = await Usage.SumUsageAsync(Host, All with { GroupBy = UsageGrouping.Day });

        Assert.Equal([new DateOnly(2025, 6, 1), new DateOnly(2025, 6, 2)], rows.Select(row => row.Day!.Value).Order());
    }

    [Fact, Rule("14.2")]
    public async Task SumUsage_groups_by_day_of_the_time_zone_of_the_query()
    {
        // Two hours before UTC, and three from 1 June on.
        var summer = TimeZoneInfo.TransitionTime.CreateFixedDateRule(new DateTime(1, 1, 1, 0, 0, 0, DateTimeKind.Unspecified), 6, 1);
        var autumn = TimeZoneInfo.TransitionTime.CreateFixedDateRule(new DateTime(1, 1, 1, 0, 0, 0, DateTimeKind.Unspecified), 9, 1);
        var rule = TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(DateTime.MinValue.Date, DateTime.MaxValue.Date, TimeSpan.FromHours(1), summer, autumn);
        var zone = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(2), "test", "test", "summer", [rule]);
        var created = await CreateAsync();
        DateTimeOffset[] starts =
        [
            new(2025, 5, 1, 21, 59, 59, TimeSpan.Zero),
            new(2025, 5, 1, 22, 0, 0, TimeSpan.Zero),
            new(2025, 7, 1, 20, 59, 59, TimeSpan.Zero),
            new(2025, 7, 1, 21, 0, 0, TimeSpan.Zero),
        ];
        await WriteAsync(Touch(created) with { Runs = [.. starts.Select((start, i) => Run(created, i + 1, run => run with { StartedAt = start }))] });

        var rows = await Usage.SumUsageAsync(Host, All with { GroupBy = UsageGrouping.Day, TimeZone = zone });

        Assert.Equal([new DateOnly(2025, 5, 1), new DateOnly(2025, 5, 2), new DateOnly(2025, 7, 1), new DateOnly(2025, 7, 2)], rows.Select(row => row.Day!.Value).Order());
    }

    [Fact, Rule("14.3")]
    public async Task SumUsage_returns_sums_and_number_of_runs_without_figures()
    {
        var created = await CreateAsync();
        await WriteAsync(Touch(created) with
        {
            Runs =
            [
                Run(created, 1, run => run with { Usage = new TokenUsage { InputTokens = 1, OutputTokens = 20, CachedInputTokens = 300, CacheWriteInputTokens = 4_000, ReasoningTokens = 50_000 }, Cost = 0.1m, PromptTokens = 5, HistoryTokens = 3 }),
                Run(created, 2, run => run with { Usage = new TokenUsage { InputTokens = 4, OutputTokens = 50, CachedInputTokens = 600, CacheWriteInputTokens = 5_000, ReasoningTokens = 10_000 }, Cost = 0.2m, PromptTokens = 50, HistoryTokens = 30 }),
                Run(created, 3, run => run with { Usage = null, Cost = null }),
                Run(created, 4, run => run with { Usage = null, Cost = 0m }),
            ],
        });
        var expected = new UsageTotals
        {
            Runs = 4,
            RunsWithoutUsage = 2,
            RunsWithoutCost = 1,
            InputTokens = 5,
            OutputTokens = 70,
            CachedInputTokens = 900,
            CacheWriteInputTokens = 9_000,
            ReasoningTokens = 60_000,
            Cost = 0.3m,
            PromptTokens = 55,
            HistoryTokens = 33,
        };

        Assert.Equal(expected, Assert.Single(await Usage.SumUsageAsync(Host, All)).Totals);
    }

    [Fact, Rule("14.3")]
    public async Task SumUsage_returns_exact_sums_of_small_and_large_figures()
    {
        var created = await CreateAsync();
        await WriteAsync(Touch(created) with
        {
            Runs =
            [
                Run(created, 1, run => run with { Cost = 0.0000000000000000001m, Usage = new TokenUsage { InputTokens = (1L << 53) + 1 } }),
                Run(created, 2, run => run with { Cost = 12345678.1m, Usage = new TokenUsage { InputTokens = 1L << 53 } }),
            ],
        });

        var totals = Assert.Single(await Usage.SumUsageAsync(Host, All)).Totals;

        Assert.Equal((12345678.1000000000000000001m, (1L << 54) + 1), (totals.Cost, totals.InputTokens));
    }

    [Theory, Rule("14.3")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SumUsage_throws_when_sum_exceeds_its_type(bool isCost)
    {
        var created = await CreateAsync();
        await WriteAsync(Touch(created) with
        {
            Runs = [.. new[] { 1, 2 }.Select(number => Run(created, number, run => isCost ? run with { Cost = decimal.MaxValue } : run with { Usage = new TokenUsage { InputTokens = long.MaxValue } }))],
        });

        await Assert.ThrowsAsync<OverflowException>(async () => await Usage.SumUsageAsync(Host, All));
    }

    [Theory, Rule("10.1")]
    [MemberData(nameof(Members))]
    public async Task Every_member_throws_when_token_is_canceled_before_the_call(string member)
    {
        var calls = new StoreCalls(Store, await WriteAsync(OpenRun(await CreateAsync())));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calls.CallAsync(member, new CancellationToken(canceled: true)));
    }

    [Theory, Rule("12.2")]
    [MemberData(nameof(Members))]
    public async Task Every_member_throws_when_store_was_disposed(string member)
    {
        var calls = new StoreCalls(Store, await WriteAsync(OpenRun(await CreateAsync())));
        await Store.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => calls.CallAsync(member, CancellationToken.None));
    }

    private static IEnumerable<UsageSum> Sorted(IEnumerable<UsageSum> rows) =>
        rows.OrderBy(row => $"{row.ConversationId}|{row.Agent}|{row.Caller ?? "none"}|{row.Day?.DayNumber}|{row.Kind}|{row.Model}", StringComparer.Ordinal);

    private StoredRun Run(StoredConversation conversation, long number, Func<ConversationRun, ConversationRun>? change = null)
    {
        var run = ClosedRun(conversation.Conversation.Id, number).Run with { Usage = new TokenUsage { InputTokens = 10 } };
        return new StoredRun { Run = change is null ? run : change(run) };
    }

    private async Task<StoredConversation> CreateWithRunAsync(ConversationScope scope)
    {
        var conversation = NewConversation(scope);
        return await WriteAsync(Touch(conversation) with { Runs = [Run(conversation, 1)] });
    }

    private async Task<(long Runs, long InputTokens)> TotalsAsync(UsageQuery query, ConversationAccess? access = null)
    {
        var totals = Assert.Single(await Usage.SumUsageAsync(access ?? Host, query)).Totals;
        return (totals.Runs, totals.InputTokens);
    }
}

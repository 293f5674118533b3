using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Lists of a conversation's runs, and their pages.</summary>
public abstract class RunListingSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("8.6")]
    public async Task List_of_runs_is_newest_first_and_shows_each_as_it_is_read_alone()
    {
        TurnBegun[] begun =
        [
            await ExchangeAsync(), await AbandonAsync(Turn(), RunStatus.Failed), await AbandonAsync(Turn(), RunStatus.Cancelled), await ExchangeAsync(),
        ];
        var id = begun[0].Lease.ConversationId;
        var again = await AnswerAgainAsync(id, input: 4, "again");
        var cut = await BeginAsync();
        await Store.CommitTurnAsync(Completion(cut.Lease, "half") with { Status = RunStatus.RequiresAction, FinishReason = LongFinishReason });
        var open = await BeginAsync();

        var runs = await RunsAsync(id);

        runs.Select(run => (run.Number, run.Status)).Should().Equal(
            (open.Lease.Fence, RunStatus.Running),
            (cut.Lease.Fence, RunStatus.RequiresAction),
            (again.Fence, RunStatus.Completed),
            (begun[3].Lease.Fence, RunStatus.Superseded),
            (begun[2].Lease.Fence, RunStatus.Cancelled),
            (begun[1].Lease.Fence, RunStatus.Failed),
            (begun[0].Lease.Fence, RunStatus.Completed));
        runs[1].FinishReason.Should().Be(LongFinishReason);
        foreach (var run in runs)
            run.Should().Be(await Store.GetRunAsync(id, run.Number, Host));
    }

    [Fact, Rule("8.6")]
    public async Task List_of_runs_has_those_of_its_own_conversation_alone()
    {
        var other = ScopeOf("user_2");
        var ours = new List<TurnBegun>();
        for (var number = 0; number < 3; number++)
        {
            ours.Add(await ExchangeAsync());
            await ExchangeAsync(Turn(other));
            await ExchangeAsync(Turn(ScopeOf(channel: "api")));
        }

        var runs = await RunsAsync(ours[0].Lease.ConversationId);

        runs.Select(run => run.Number).Should().Equal(ours.Select(begun => begun.Lease.Fence).Reverse());
    }

    [Theory, Rule("8.6")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public async Task Pages_of_runs_give_each_once_while_others_begin(int limit)
    {
        var id = await ConverseAsync(exchanges: 7);
        var expected = (await RunsAsync(id)).Select(run => run.Number);

        // No further than one too many: a store that repeats a run would go on for ever.
        var seen = new List<long>();
        while (seen.Count <= 7 && await RunsAsync(id, seen is [.., var last] ? last : null, limit) is { Count: > 0 } page)
        {
            page.Should().HaveCountLessThanOrEqualTo(limit);
            seen.AddRange(page.Select(run => run.Number));
            await ExchangeAsync();
        }

        seen.Should().Equal(expected).And.HaveCount(7);
    }

    [Fact, Rule("8.6")]
    public async Task Page_of_runs_begins_below_a_number_that_is_no_run_of_the_conversation()
    {
        var first = await ExchangeAsync();
        var elsewhere = await ExchangeAsync(Turn(ScopeOf("user_2")));
        var second = await ExchangeAsync();
        var id = first.Lease.ConversationId;
        Dictionary<long, long[]> expected = new()
        {
            [long.MaxValue] = [second.Lease.Fence, first.Lease.Fence],
            [second.Lease.Fence + 1] = [second.Lease.Fence, first.Lease.Fence],
            [elsewhere.Lease.Fence] = [first.Lease.Fence],
            [first.Lease.Fence] = [],
            [0] = [],
            [long.MinValue] = [],
        };

        foreach (var (before, numbers) in expected)
            (await RunsAsync(id, before)).Select(run => run.Number).Should().Equal(numbers, "they are those below {0}", before);
    }

    [Fact, Rule("8.6")]
    public async Task List_of_runs_is_empty_where_there_are_none()
    {
        await ExchangeAsync();
        var created = await CreateAsync(ScopeOf("user_2"), User("hello"));

        (await RunsAsync(created.Id)).Should().BeEmpty();
        (await RunsAsync("conv_unknown")).Should().BeEmpty();
        (await RunsAsync("conv_unknown", before: 9)).Should().BeEmpty();
    }

    private ValueTask<IReadOnlyList<ConversationRun>> RunsAsync(string conversationId, long? before = null, int limit = 100) =>
        Store.ListRunsAsync(new RunListing { ConversationId = conversationId, Access = Host, Before = before, Limit = limit });
}

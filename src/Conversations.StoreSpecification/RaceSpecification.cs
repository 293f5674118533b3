using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Many at once.</summary>
public abstract class RaceSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    private const int Runners = 24;
    private const int Rounds = 20;

    [Fact, Rule("5.1", "4.2")]
    public async Task Begin_by_many_creates_one_conversation_and_begins_one_turn()
    {
        var outcomes = await RaceAsync(Runners, async _ => await Store.BeginTurnAsync(Turn()));

        var begun = outcomes.OfType<TurnBegun>().Should().ContainSingle().Subject;
        outcomes.OfType<TurnLocked>().Should().HaveCount(Runners - 1).And.OnlyContain(locked =>
            locked.ConversationId == begun.Lease.ConversationId && locked.HolderRunNumber == begun.Lease.Fence);
        (await ListAsync()).Should().ContainSingle().Which.MessageCount.Should().Be(1);
    }

    [Fact, Rule("5.1", "14.2")]
    public async Task Begin_by_many_on_a_running_clock_begins_one_turn()
    {
        // A clock that runs while many wait for their turn to write: nobody takes another's lease for one of the past or the future.
        await using var store = await Fixture.CreateAsync(new RunningClock());
        for (var round = 0; round < Rounds; round++)
        {
            var scope = ScopeOf($"user_{round}");

            var outcomes = await RaceAsync(Runners, async _ => await store.BeginTurnAsync(Turn(scope)));

            outcomes.OfType<TurnBegun>().Should().ContainSingle();
            outcomes.OfType<TurnLocked>().Should().HaveCount(Runners - 1);
        }
    }

    [Fact, Rule("6.7", "6.4")]
    public async Task Begin_by_many_with_one_key_begins_one()
    {
        var outcomes = await RaceAsync(Runners, async _ => await Store.BeginTurnAsync(Keyed()));

        var begun = outcomes.OfType<TurnBegun>().Should().ContainSingle().Subject;
        outcomes.OfType<TurnRunning>().Should().HaveCount(Runners - 1).And.OnlyContain(running => running.Run.Number == begun.Lease.Fence);
    }

    [Fact, Rule("6.7", "6.5")]
    public async Task Begin_by_many_with_the_key_of_a_failed_request_runs_one_again()
    {
        var first = await AbandonAsync(Keyed(), RunStatus.Failed);

        var outcomes = await RaceAsync(Runners, async _ => await Store.BeginTurnAsync(Keyed()));

        outcomes.OfType<TurnBegun>().Should().ContainSingle().Which.InputPosition.Should().Be(first.InputPosition);
        outcomes.OfType<TurnRunning>().Should().HaveCount(Runners - 1);
        (await MessagesAsync(first.Lease.ConversationId)).Should().ContainSingle();
    }

    [Fact, Rule("6.7")]
    public async Task Begin_by_many_with_one_key_for_a_new_conversation_creates_one()
    {
        var outcomes = await RaceAsync(Runners, async _ => await Store.BeginTurnAsync(Keyed() with { StartNew = true }));

        outcomes.OfType<TurnBegun>().Should().ContainSingle();
        (await ListAsync()).Should().ContainSingle();
    }

    [Fact, Rule("5.3", "4.1")]
    public async Task Begin_by_many_of_new_conversations_creates_them_all_and_one_is_current()
    {
        var outcomes = await RaceAsync(Runners, async _ => await Store.BeginTurnAsync(Turn() with { StartNew = true }));

        var ids = outcomes.OfType<TurnBegun>().Select(begun => begun.Lease.ConversationId).ToList();
        ids.Should().HaveCount(Runners).And.OnlyHaveUniqueItems().And.Contain(await CurrentIdAsync());
    }

    [Fact, Rule("4.3", "4.4")]
    public async Task Begin_by_many_at_expiry_takes_over_once_or_finds_it_committed()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var holder = await BeginAsync(Turn(ScopeOf($"user_{round}")));
            Time.Advance(LeaseDuration);
            var scope = ScopeOf($"user_{round}");

            var outcomes = await RaceAsync(8, async runner => runner == 4
                ? (object)await CommitAsync(holder.Lease, "late")
                : await Store.BeginTurnAsync(Turn(scope)));

            outcomes.OfType<TurnBegun>().Should().ContainSingle();
            var committed = outcomes.OfType<bool>().Single();
            (await RunOfAsync(holder.Lease)).Status.Should().Be(committed ? RunStatus.Completed : RunStatus.Interrupted);
            (await MessagesAsync(holder.Lease.ConversationId)).Should().HaveCount(committed ? 3 : 2);
        }
    }

    [Fact, Rule("4.4", "4.6")]
    public async Task Commit_by_many_of_one_lease_commits_once()
    {
        var begun = await BeginAsync();

        var committed = await RaceAsync(Runners, _ => CommitAsync(begun.Lease, "answer"));

        committed.Should().ContainSingle(success => success);
        (await MessagesAsync(begun.Lease.ConversationId)).Should().HaveCount(2);
    }

    [Fact, Rule("2.1", "3.1", "4.2")]
    public async Task Turns_by_many_leave_whole_exchanges_at_consecutive_positions()
    {
        await RaceAsync(6, async runner =>
        {
            for (var turn = 0; turn < 5; turn++)
            {
                var text = $"{runner}/{turn}";
                TurnBegun? begun;
                while ((begun = await Store.BeginTurnAsync(Turn(text: text)) as TurnBegun) is null)
                    await Task.Yield();
                (await CommitAsync(begun.Lease, text, text)).Should().BeTrue();
            }

            return runner;
        });

        var conversation = (await ListAsync()).Should().ContainSingle().Subject;
        var messages = await MessagesAsync(conversation.Id);
        messages.Select(message => message.Position).Should().Equal(Enumerable.Range(1, 90).Select(position => (long)position));
        messages.Chunk(3).Should().OnlyContain(exchange => exchange.All(message => message.Text == exchange[0].Text && message.RunNumber == exchange[0].RunNumber));
        messages.Select(message => message.Text).Distinct(StringComparer.Ordinal).Should().HaveCount(30);
        messages.Select(message => message.RunNumber!.Value).Should().BeInAscendingOrder();
        conversation.MessageCount.Should().Be(90);
    }

    [Fact, Rule("13.1", "13.3", "3.1")]
    public async Task Delete_while_turns_begin_leaves_whole_conversations()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var scope = ScopeOf($"user_{round}");
            var doomed = await ExchangeAsync(Turn(scope));
            var id = doomed.Lease.ConversationId;

            var outcomes = await RaceAsync<object>(6, async runner => runner switch
            {
                0 or 1 => await Store.DeleteConversationAsync(id, Host),
                2 or 3 => await Store.BeginTurnAsync(Keyed(scope: scope) with { Scope = null, ConversationId = id }),
                _ => await Store.BeginTurnAsync(Turn(scope)),
            });

            outcomes.OfType<bool>().Should().ContainSingle(deleted => deleted);
            (await Store.GetConversationAsync(id, Host)).Should().BeNull();
            (await MessagesAsync(id)).Should().BeEmpty();
            var current = await CurrentIdAsync(scope);
            foreach (var begun in outcomes.OfType<TurnBegun>().Where(begun => begun.StartReason is not null))
                begun.Lease.ConversationId.Should().Be(current);
            foreach (var begun in outcomes.OfType<TurnBegun>())
                (await CommitAsync(begun.Lease, "answer")).Should().Be(!string.Equals(begun.Lease.ConversationId, id, StringComparison.Ordinal));
            (await ListAsync()).Should().NotContain(conversation => conversation.MessageCount % 2 != 0);
            (await ExchangeAsync(Keyed(scope: scope))).Lease.ConversationId.Should().NotBe(id, "its key was freed");
        }
    }

    [Fact, Rule("13.2", "2.4")]
    public async Task Delete_of_a_message_by_many_counts_it_once()
    {
        var created = await CreateAsync(null, User("1"), User("2"));

        var deleted = await RaceAsync(Runners, async _ => await Store.DeleteMessageAsync(created.Id, 1, Host));

        deleted.Should().ContainSingle(success => success);
        (await GetAsync(created.Id)).MessageCount.Should().Be(1);
    }

    [Fact, Rule("5.3")]
    public async Task Create_by_many_to_keep_the_current_one_points_to_one_that_stays()
    {
        var created = await RaceAsync(Runners, async _ => await Store.CreateConversationAsync(Creation() with { Current = CurrentConversationRule.Keep }));

        created.Select(conversation => conversation.Id).Should().OnlyHaveUniqueItems().And.Contain(await CurrentIdAsync());
        (await ListAsync()).Should().HaveCount(Runners).And.OnlyContain(conversation => conversation.IsActive);
    }

    [Fact, Rule("5.3")]
    public async Task Create_by_many_to_end_the_current_one_leaves_one_active()
    {
        await RaceAsync(Runners, async _ => await Store.CreateConversationAsync(Creation() with { Current = CurrentConversationRule.End }));

        (await ListAsync()).Should().ContainSingle(conversation => conversation.IsActive).Which.Id.Should().Be(await CurrentIdAsync());
    }

    [Fact, Rule("3.1", "2.4")]
    public async Task Reading_while_turns_commit_finds_whole_commits()
    {
        var conversation = await CreateAsync();
        var reads = await RaceAsync(4, async runner =>
        {
            var torn = 0;
            for (var turn = 0; turn < 20; turn++)
            {
                if (runner == 0)
                    await CommitAsync((await BeginAsync(TurnIn(conversation.Id))).Lease, "a", "b");
                else if ((await MessagesAsync(conversation.Id)).Count % 3 == 2)
                    torn++;
            }

            return torn;
        });

        reads.Should().AllBeEquivalentTo(0);
    }

    private sealed class RunningClock : TimeProvider
    {
        private long _readings;

        public override DateTimeOffset GetUtcNow()
        {
            var reading = Interlocked.Increment(ref _readings);

            // Every other one dawdles, so that who reads the clock too early is overtaken by who read it later.
            if (reading % 2 == 1)
                Thread.SpinWait(5_000);
            return new DateTimeOffset(2025, 6, 1, 12, 0, 0, TimeSpan.Zero).AddMilliseconds(reading);
        }
    }
}

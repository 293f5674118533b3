using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Many at once, again and again.</summary>
public abstract class RaceSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    private const int Runners = 24;

    // One round may go well by chance.
    private const int Rounds = 20;

    private protected override TimeProvider StoreClock => new DawdlingClock(Time);

    [Fact, Rule("5.1", "4.2")]
    public Task Begin_by_many_creates_one_conversation_and_begins_one_turn() => RepeatAsync(async scope =>
    {
        var outcomes = await RaceAsync(Runners, async _ => await Store.BeginTurnAsync(Turn(scope)));

        var begun = outcomes.OfType<TurnBegun>().Should().ContainSingle().Subject;
        outcomes.OfType<TurnLocked>().Should().HaveCount(Runners - 1).And.OnlyContain(locked =>
            locked.ConversationId == begun.Lease.ConversationId && locked.HolderRunNumber == begun.Lease.Fence);
        (await ListAsync(scope)).Should().ContainSingle().Which.MessageCount.Should().Be(1);
    });

    [Fact, Rule("5.1", "14.2")]
    public async Task Begin_by_many_on_a_running_clock_begins_one_turn()
    {
        // A clock that runs while many wait for their turn to write: nobody takes another's lease for one of the past or the future.
        await using var store = await Fixture.CreateAsync(new DawdlingClock(new RunningClock(Time)));
        await RepeatAsync(async scope =>
        {
            var outcomes = await RaceAsync(Runners, async _ => await store.BeginTurnAsync(Turn(scope)));

            outcomes.OfType<TurnBegun>().Should().ContainSingle();
            outcomes.OfType<TurnLocked>().Should().HaveCount(Runners - 1);
        });
    }

    [Fact, Rule("6.7", "6.4")]
    public Task Begin_by_many_with_one_key_begins_one() => RepeatAsync(async scope =>
    {
        var outcomes = await RaceAsync(Runners, async _ => await Store.BeginTurnAsync(Keyed(scope: scope)));

        var begun = outcomes.OfType<TurnBegun>().Should().ContainSingle().Subject;
        outcomes.OfType<TurnRunning>().Should().HaveCount(Runners - 1).And.OnlyContain(running => running.Run.Number == begun.Lease.Fence);
    });

    [Fact, Rule("6.7", "6.5")]
    public Task Begin_by_many_with_the_key_of_a_failed_request_runs_one_again() => RepeatAsync(async scope =>
    {
        var first = await AbandonAsync(Keyed(scope: scope), RunStatus.Failed);

        var outcomes = await RaceAsync(Runners, async _ => await Store.BeginTurnAsync(Keyed(scope: scope)));

        outcomes.OfType<TurnBegun>().Should().ContainSingle().Which.InputPosition.Should().Be(first.InputPosition);
        outcomes.OfType<TurnRunning>().Should().HaveCount(Runners - 1);
        (await MessagesAsync(first.Lease.ConversationId)).Should().ContainSingle();
    });

    [Fact, Rule("6.7")]
    public Task Begin_by_many_with_one_key_for_a_new_conversation_creates_one() => RepeatAsync(async scope =>
    {
        var outcomes = await RaceAsync(Runners, async _ => await Store.BeginTurnAsync(Keyed(scope: scope) with { StartNew = true }));

        outcomes.OfType<TurnBegun>().Should().ContainSingle();
        (await ListAsync(scope)).Should().ContainSingle();
    });

    [Fact, Rule("5.3", "4.1")]
    public Task Begin_by_many_of_new_conversations_creates_them_all_and_one_is_current() => RepeatAsync(async scope =>
    {
        var outcomes = await RaceAsync(Runners, async _ => await Store.BeginTurnAsync(Turn(scope) with { StartNew = true }));

        var leases = outcomes.OfType<TurnBegun>().Select(begun => begun.Lease).ToList();
        leases.Should().HaveCount(Runners).And.OnlyHaveUniqueItems(lease => lease.Fence);
        leases.Select(lease => lease.ConversationId).Should().OnlyHaveUniqueItems().And.Contain(await CurrentIdAsync(scope));
    });

    [Fact, Rule("4.3", "4.4")]
    public async Task Begin_by_many_at_expiry_takes_over_once_or_finds_it_committed()
    {
        // Who commits comes first in one round and last in another.
        var committer = 0;
        await RepeatAsync(async scope =>
        {
            committer = (committer + 1) % 8;
            var holder = await BeginAsync(Turn(scope));
            Time.Advance(LeaseDuration);

            var outcomes = await RaceAsync(8, async runner => runner == committer
                ? (object)await CommitAsync(holder.Lease, "late")
                : await Store.BeginTurnAsync(Turn(scope)));

            outcomes.OfType<TurnBegun>().Should().ContainSingle();
            var committed = outcomes.OfType<bool>().Single();
            (await RunOfAsync(holder.Lease)).Status.Should().Be(committed ? RunStatus.Completed : RunStatus.Interrupted);
            (await MessagesAsync(holder.Lease.ConversationId)).Should().HaveCount(committed ? 3 : 2);
        });
    }

    [Fact, Rule("4.4", "4.6")]
    public Task Commit_by_many_of_one_lease_commits_once() => RepeatAsync(async scope =>
    {
        var begun = await BeginAsync(Turn(scope));

        var committed = await RaceAsync(Runners, _ => CommitAsync(begun.Lease, "answer"));

        committed.Should().ContainSingle(success => success);
        (await MessagesAsync(begun.Lease.ConversationId)).Should().HaveCount(2);
    });

    [Fact, Rule("2.1", "3.1", "4.2")]
    public async Task Turns_by_many_leave_whole_exchanges_at_consecutive_positions()
    {
        var failed = false;
        await RaceAsync(6, async runner =>
        {
            for (var turn = 0; turn < 5; turn++)
            {
                var text = $"{runner}/{turn}";
                TurnBegun? begun;
                while ((begun = await Store.BeginTurnAsync(Turn(text: text)) as TurnBegun) is null && !Volatile.Read(ref failed))
                    await Task.Yield();
                if (begun is null)
                    break;

                // A turn takes its time, in which others try; and if one fails, they must not wait for its lease for ever.
                await Task.Yield();
                if (!await CommitAsync(begun.Lease, text, text))
                    Volatile.Write(ref failed, true);
            }

            return runner;
        });

        failed.Should().BeFalse("who begins a turn can commit it");
        var conversation = (await ListAsync()).Should().ContainSingle().Subject;
        var messages = await MessagesAsync(conversation.Id);
        messages.Select(message => message.Position).Should().Equal(Enumerable.Range(1, 90).Select(position => (long)position));
        messages.Chunk(3).Should().OnlyContain(exchange => exchange.All(message => message.Text == exchange[0].Text && message.RunNumber == exchange[0].RunNumber));
        messages.Select(message => message.Text).Distinct(StringComparer.Ordinal).Should().HaveCount(30);
        messages.Select(message => message.RunNumber!.Value).Should().BeInAscendingOrder();
        conversation.MessageCount.Should().Be(90);
    }

    [Fact, Rule("13.1", "13.3", "3.1", "5.1")]
    public Task Delete_while_turns_begin_leaves_whole_conversations() => RepeatAsync(async scope =>
    {
        var doomed = await ExchangeAsync(Turn(scope));
        var id = doomed.Lease.ConversationId;

        var outcomes = await RaceAsync<object>(6, async runner => runner switch
        {
            0 or 1 => await Store.DeleteConversationAsync(id, Host),
            2 or 3 => await Store.BeginTurnAsync(Keyed(scope: scope) with { Scope = null, ConversationId = id }),
            _ => await Store.BeginTurnAsync(Turn(scope)),
        });

        outcomes.OfType<bool>().Should().ContainSingle(deleted => deleted);
        outcomes.Skip(4).Should().OnlyContain(outcome => outcome is TurnBegun || outcome is TurnLocked, "a turn by scope finds a conversation, or creates one");
        (await Store.GetConversationAsync(id, Host)).Should().BeNull();
        (await MessagesAsync(id)).Should().BeEmpty();
        var current = await CurrentIdAsync(scope);
        foreach (var begun in outcomes.OfType<TurnBegun>().Where(begun => begun.StartReason is not null))
            begun.Lease.ConversationId.Should().Be(current);
        foreach (var begun in outcomes.OfType<TurnBegun>())
            (await CommitAsync(begun.Lease, "answer")).Should().Be(!string.Equals(begun.Lease.ConversationId, id, StringComparison.Ordinal));
        (await ListAsync(scope)).Should().NotContain(conversation => conversation.MessageCount % 2 != 0);
        (await ExchangeAsync(Keyed(scope: scope))).Lease.ConversationId.Should().NotBe(id, "its key was freed");
    });

    [Fact, Rule("13.2", "2.4")]
    public Task Delete_of_a_message_by_many_counts_it_once() => RepeatAsync(async scope =>
    {
        var created = await CreateAsync(scope, User("1"), User("2"));

        var deleted = await RaceAsync(Runners, async _ => await Store.DeleteMessageAsync(created.Id, 1, Host));

        deleted.Should().ContainSingle(success => success);
        (await GetAsync(created.Id)).MessageCount.Should().Be(1);
    });

    [Fact, Rule("5.3")]
    public Task Create_by_many_to_keep_the_current_one_points_to_one_that_stays() => RepeatAsync(async scope =>
    {
        var pointedTo = await RaceAsync(Runners, async _ =>
        {
            await Store.CreateConversationAsync(Creation(scope) with { Current = CurrentConversationRule.Keep });
            return await CurrentIdAsync(scope);
        });

        var created = await ListAsync(scope);
        created.Should().HaveCount(Runners).And.OnlyContain(conversation => conversation.IsActive);
        pointedTo.Append(await CurrentIdAsync(scope)).Distinct(StringComparer.Ordinal).Should().ContainSingle()
            .Which.Should().BeOneOf(created.Select(conversation => conversation.Id));
    });

    [Fact, Rule("5.3", "5.9")]
    public Task Create_by_many_to_end_the_current_one_leaves_one_active() => RepeatAsync(async scope =>
    {
        await RaceAsync(Runners, async _ => await Store.CreateConversationAsync(Creation(scope) with { Current = CurrentConversationRule.End }));

        (await ListAsync(scope)).Should().ContainSingle(conversation => conversation.IsActive).Which.Id.Should().Be(await CurrentIdAsync(scope));
    });

    [Fact, Rule("3.4", "3.1", "2.4")]
    public async Task Reading_while_turns_begin_and_commit_finds_whole_writes()
    {
        const int Inputs = 20;
        const int Answers = 30;
        var conversation = await CreateAsync();
        var isWritten = false;
        var torn = await RaceAsync(4, async runner =>
        {
            var torn = 0;
            if (runner == 0)
                await WriteAsync();
            while (!Volatile.Read(ref isWritten))
            {
                if (!IsWhole((await MessagesAsync(conversation.Id)).Count) || !IsWhole((await GetAsync(conversation.Id)).MessageCount))
                    torn++;
                await Task.Yield();
            }

            return torn;
        });

        torn.Should().AllBeEquivalentTo(0, "a reader sees an input and an answer whole or not at all");

        static bool IsWhole(long count) => count % (Inputs + Answers) is 0 or Inputs;

        async Task WriteAsync()
        {
            try
            {
                for (var turn = 0; turn < Rounds; turn++)
                {
                    var command = TurnIn(conversation.Id) with { Input = [.. Enumerable.Range(0, Inputs).Select(number => User($"{number}"))] };
                    await CommitAsync((await BeginAsync(command)).Lease, Enumerable.Range(0, Answers).Select(number => $"{number}"));
                }
            }
            finally
            {
                Volatile.Write(ref isWritten, true);
            }
        }
    }

    /// <summary>Runs a race again and again, each time in a scope of its own.</summary>
    private static async Task RepeatAsync(Func<ConversationScope, Task> round)
    {
        for (var number = 0; number < Rounds; number++)
            await round(ScopeOf($"user_{number}"));
    }

    private async Task<IReadOnlyList<Conversation>> ListAsync(ConversationScope scope) =>
        await Store.ListConversationsAsync(new ConversationListing { Access = AccessOf(scope), Limit = int.MaxValue });

    /// <summary>A clock that runs on with every reading.</summary>
    private sealed class RunningClock(TimeProvider inner) : ForwardingClock(inner)
    {
        private long _readings;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddMilliseconds(Interlocked.Increment(ref _readings));
    }
}

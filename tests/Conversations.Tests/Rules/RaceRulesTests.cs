namespace Conversations.Tests.Rules;

/// <summary>Decisions of many callers at once.</summary>
public class RaceRulesTests : RulesTest
{
    private const int Runners = 24;

    // One round can succeed by chance.
    private const int Rounds = 20;

    [Fact, TurnRule("2.1", "1.2")]
    public Task Begin_by_many_creates_one_conversation_and_begins_one_turn() => RepeatAsync(async scope =>
    {
        var outcomes = await RaceAsync(Runners, async _ => await Store.BeginTurnAsync(Turn(scope)));

        var begun = outcomes.OfType<TurnBegun>().Should().ContainSingle().Subject;
        outcomes.OfType<TurnLocked>().Should().HaveCount(Runners - 1).And.OnlyContain(locked =>
            locked.ConversationId == begun.Lease.ConversationId && locked.HolderRunNumber == begun.Lease.RunNumber);
        (await ListAsync(AccessOf(scope))).Should().ContainSingle().Which.MessageCount.Should().Be(1);
    });

    [Fact, TurnRule("3.6", "9.1")]
    public Task Begin_that_loses_a_race_for_a_new_id_leaves_key() => RepeatAsync(async scope =>
    {
        ConversationScope[] scopes = [scope, ScopeOf($"{scope.Owner.Audience}_b")];
        foreach (var each in scopes)
            await SetStatusAsync((await AbandonAsync(Keyed(scope: each), RunStatus.Failed)).Lease.ConversationId, ConversationStatus.Ended);
        var id = NewId();
        var store = new RulesStore(Store.Inner, Time, new InstantTimeProvider());

        var begun = await RaceAsync(2, async runner =>
        {
            try
            {
                return await store.BeginTurnAsync(Keyed(scope: scopes[runner]) with { NewConversationId = id }) is TurnBegun;
            }
            catch (ConversationStoreException)
            {
                return false;
            }
        });

        begun.Should().ContainSingle(success => success);
        var loser = scopes[begun[0] ? 1 : 0];
        (await Store.BeginTurnAsync(Keyed(scope: loser) with { Fingerprint = "other" })).Should().Be(new TurnMismatch());
    }, rounds: 1_000);

    [Fact, TurnRule("2.1", "1.6")]
    public async Task Begin_by_many_on_running_clock_begins_one_turn()
    {
        var clock = new RunningClock();
        await using var inner = new InMemoryConversationStore(clock);
        var store = new RulesStore(inner, clock);
        await RepeatAsync(async scope =>
        {
            var outcomes = await RaceAsync(Runners, _ => store.BeginTurnAsync(Turn(scope)));

            outcomes.OfType<TurnBegun>().Should().ContainSingle();
            outcomes.OfType<TurnLocked>().Should().HaveCount(Runners - 1);
        });
    }

    [Fact, TurnRule("3.7", "3.4")]
    public Task Begin_by_many_with_one_key_begins_one_turn() => RepeatAsync(async scope =>
    {
        var outcomes = await RaceAsync(Runners, async _ => await Store.BeginTurnAsync(Keyed(scope: scope)));

        var begun = outcomes.OfType<TurnBegun>().Should().ContainSingle().Subject;
        outcomes.OfType<TurnRunning>().Should().HaveCount(Runners - 1).And.OnlyContain(running => running.Run.Number == begun.Lease.RunNumber);
    });

    [Fact, TurnRule("3.7", "3.5")]
    public Task Begin_by_many_with_key_of_failed_request_runs_once_again() => RepeatAsync(async scope =>
    {
        var first = await AbandonAsync(Keyed(scope: scope), RunStatus.Failed);

        var outcomes = await RaceAsync(Runners, async _ => await Store.BeginTurnAsync(Keyed(scope: scope)));

        outcomes.OfType<TurnBegun>().Should().ContainSingle().Which.InputPosition.Should().Be(first.InputPosition);
        outcomes.OfType<TurnRunning>().Should().HaveCount(Runners - 1);
        (await MessagesAsync(first.Lease.ConversationId)).Should().ContainSingle();
    });

    [Fact, TurnRule("3.7")]
    public Task Begin_by_many_with_one_key_and_start_new_creates_one_conversation() => RepeatAsync(async scope =>
    {
        var outcomes = await RaceAsync(Runners, async _ => await Store.BeginTurnAsync(Keyed(scope: scope) with { StartNew = true }));

        outcomes.OfType<TurnBegun>().Should().ContainSingle();
        (await ListAsync(AccessOf(scope))).Should().ContainSingle();
    });

    [Fact, TurnRule("2.3", "1.1")]
    public Task Begin_by_many_with_start_new_creates_all_conversations() => RepeatAsync(async scope =>
    {
        var outcomes = await RaceAsync(Runners, async _ => await Store.BeginTurnAsync(Turn(scope) with { StartNew = true }));

        var leases = outcomes.OfType<TurnBegun>().Select(begun => begun.Lease).ToList();
        leases.Should().HaveCount(Runners);
        leases.Select(lease => lease.ConversationId).Should().OnlyHaveUniqueItems().And.Contain(await CurrentIdAsync(scope));
    });

    [Fact, TurnRule("1.3", "1.4")]
    public async Task Begin_by_many_at_expiry_takes_over_once_or_holder_commits()
    {
        // The committer starts first in one round and last in another.
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

    [Fact, TurnRule("1.4", "4.1")]
    public Task Commit_by_many_of_one_lease_commits_once() => RepeatAsync(async scope =>
    {
        var begun = await BeginAsync(Turn(scope));

        var committed = await RaceAsync(Runners, _ => CommitAsync(begun.Lease, "answer"));

        committed.Should().ContainSingle(success => success);
        (await MessagesAsync(begun.Lease.ConversationId)).Should().HaveCount(2);
    });

    [Fact, TurnRule("4.2", "1.2")]
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

                // Others try while a turn is open; if one fails, they must not wait for its lease for ever.
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

    [Fact, TurnRule("7.2", "2.1")]
    public Task Delete_while_turns_begin_leaves_whole_conversations() => RepeatAsync(async scope =>
    {
        var first = await ExchangeAsync(Turn(scope));
        var id = first.Lease.ConversationId;

        var outcomes = await RaceAsync<object>(6, async runner => runner switch
        {
            0 or 1 => await Store.DeleteConversationAsync(id, Host),
            2 or 3 => await Store.BeginTurnAsync(Keyed(scope: scope) with { Scope = null, ConversationId = id }),
            _ => await Store.BeginTurnAsync(Turn(scope)),
        });

        outcomes.OfType<bool>().Should().ContainSingle(deleted => deleted);
        outcomes.Skip(4).Should().OnlyContain(outcome => outcome is TurnBegun || outcome is TurnLocked);
        (await Store.GetConversationAsync(id, Host)).Should().BeNull();
        (await MessagesAsync(id)).Should().BeEmpty();
        var current = await CurrentIdAsync(scope);
        foreach (var begun in outcomes.OfType<TurnBegun>().Where(begun => begun.StartReason is not null))
            begun.Lease.ConversationId.Should().Be(current);
        foreach (var begun in outcomes.OfType<TurnBegun>())
            (await CommitAsync(begun.Lease, "answer")).Should().Be(!string.Equals(begun.Lease.ConversationId, id, StringComparison.Ordinal));
        (await ListAsync(AccessOf(scope))).Should().NotContain(conversation => conversation.MessageCount % 2 != 0);
        (await ExchangeAsync(Keyed(scope: scope))).Lease.ConversationId.Should().NotBe(id);
    });

    [Fact, TurnRule("7.1", "5.1")]
    public Task DeleteMessage_by_many_counts_it_once() => RepeatAsync(async scope =>
    {
        var created = await CreateAsync(scope, User("1"), User("2"));

        var deleted = await RaceAsync(Runners, async _ => await Store.DeleteMessageAsync(created.Id, 1, Host));

        deleted.Should().ContainSingle(success => success);
        (await GetAsync(created.Id)).MessageCount.Should().Be(1);
    });

    [Fact, TurnRule("2.3")]
    public Task Create_by_many_with_keep_leaves_one_pointer() => RepeatAsync(async scope =>
    {
        var pointedTo = await RaceAsync(Runners, async _ =>
        {
            await Store.CreateConversationAsync(Creation(scope) with { Current = CurrentConversationRule.Keep });
            return await CurrentIdAsync(scope);
        });

        var created = await ListAsync(AccessOf(scope));
        created.Should().HaveCount(Runners).And.OnlyContain(conversation => conversation.IsActive);
        pointedTo.Append(await CurrentIdAsync(scope)).Distinct(StringComparer.Ordinal).Should().ContainSingle()
            .Which.Should().BeOneOf(created.Select(conversation => conversation.Id));
    });

    [Fact, TurnRule("2.3")]
    public Task Create_by_many_with_end_leaves_one_active() => RepeatAsync(async scope =>
    {
        await RaceAsync(Runners, async _ => await Store.CreateConversationAsync(Creation(scope) with { Current = CurrentConversationRule.End }));

        (await ListAsync(AccessOf(scope))).Should().ContainSingle(conversation => conversation.IsActive).Which.Id.Should().Be(await CurrentIdAsync(scope));
    });

    /// <summary>Repeats a race, each time in another scope.</summary>
    private static async Task RepeatAsync(Func<ConversationScope, Task> round, int rounds = Rounds)
    {
        for (var number = 0; number < rounds; number++)
            await round(ScopeOf($"user_{number}"));
    }

    /// <summary>A clock that moves on with every reading.</summary>
    private sealed class RunningClock : TimeProvider
    {
        private long _readings;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddMilliseconds(Interlocked.Increment(ref _readings));
    }
}

using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A capability: several stores, in one process or more, use the same data at the same time.</summary>
public abstract class SharedDataSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : PersistentStoreFixture, new()
{
    private const string Data = "shared";
    private const int Stores = 4;

    [Fact, Rule("5.1", "4.2")]
    public async Task Begin_in_stores_opened_at_once_on_new_data_creates_one_conversation()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, Stores).Select(_ => Task.Run(() => Fixture.OpenAsync(Data, Time).AsTask())));

        var outcomes = await Task.WhenAll(stores.Select(store => Task.Run(() => store.BeginTurnAsync(Turn()).AsTask())));

        var begun = outcomes.OfType<TurnBegun>().Should().ContainSingle().Subject;
        outcomes.OfType<TurnLocked>().Should().HaveCount(Stores - 1).And.OnlyContain(locked => locked.HolderRunNumber == begun.Lease.Fence);
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Fact, Rule("4.3", "4.4")]
    public async Task Commit_with_a_lease_that_another_store_took_over_is_refused()
    {
        await using var one = await Fixture.OpenAsync(Data, Time);
        await using var other = await Fixture.OpenAsync(Data, Time);
        var slow = await BeginAsync(one, Turn());
        Time.Advance(LeaseDuration);
        var quick = await BeginAsync(other, Turn());

        (await one.CommitTurnAsync(Completion(slow.Lease, "late"))).Should().BeFalse();
        (await other.CommitTurnAsync(Completion(quick.Lease, "in time"))).Should().BeTrue();

        var texts = await one.ReadMessagesAsync(new MessageRange { ConversationId = slow.Lease.ConversationId, Access = Host, Limit = 10 });
        texts.Select(message => message.Text).Should().Equal("hello", "hello", "in time");
    }

    [Fact, Rule("6.7", "6.3")]
    public async Task Begin_with_one_key_in_all_stores_runs_once_and_is_seen_by_all()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, Stores).Select(_ => Fixture.OpenAsync(Data, Time).AsTask()));
        var outcomes = await Task.WhenAll(stores.Select(store => Task.Run(() => store.BeginTurnAsync(Keyed()).AsTask())));
        var begun = outcomes.OfType<TurnBegun>().Should().ContainSingle().Subject;

        (await stores[0].CommitTurnAsync(Completion(begun.Lease, "answer"))).Should().BeTrue();

        foreach (var store in stores)
        {
            (await store.BeginTurnAsync(Keyed())).Should().BeOfType<TurnCompletedBefore>().Which.Run.Number.Should().Be(begun.Lease.Fence);
            await store.DisposeAsync();
        }
    }

    [Fact, Rule("2.3")]
    public async Task Begin_in_all_stores_at_once_gives_no_number_twice()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, Stores).Select(_ => Fixture.OpenAsync(Data, Time).AsTask()));

        var begun = await RaceAsync(Stores * 6, runner => BeginAsync(stores[runner % Stores], Turn(ScopeOf($"user_{runner}"))));

        begun.Select(turn => turn.Lease.Fence).Should().OnlyHaveUniqueItems();
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Fact, Rule("3.1")]
    public async Task Every_write_in_one_store_is_seen_by_another_that_has_read_before()
    {
        await using var one = await Fixture.OpenAsync(Data, Time);
        await using var other = await Fixture.OpenAsync(Data, Time);
        var first = await BeginAsync(one, Keyed());
        var id = first.Lease.ConversationId;

        // They take turns, so that each sees what it did not write itself.
        var before = await WholeState.OfAsync(other);
        var number = 0;
        foreach (var write in Writes(id, first.Lease))
        {
            var (writer, reader) = number++ % 2 == 0 ? (one, other) : (other, one);
            Time.Advance(TimeSpan.FromSeconds(1));
            await write(writer);

            var after = await WholeState.OfAsync(reader);
            after.Should().Equal(await WholeState.OfAsync(writer), "write {0} is there, whoever reads it", number);
            after.Should().NotEqual(before, "write {0} changed something", number);
            before = after;
        }
    }

    [Fact, Rule("4.2", "4.3")]
    public async Task A_renewal_in_one_store_is_seen_by_another_that_has_found_the_lease()
    {
        await using var one = await Fixture.OpenAsync(Data, Time);
        await using var other = await Fixture.OpenAsync(Data, Time);
        var open = (await BeginAsync(one, Turn())).Lease;
        Time.Advance(LeaseDuration / 2);
        (await other.BeginTurnAsync(Turn())).Should().Be(new TurnLocked(open.ConversationId, open.Fence, LeaseDuration / 2));

        (await one.RenewLeaseAsync(open)).Should().BeTrue();

        (await other.BeginTurnAsync(Turn())).Should().Be(new TurnLocked(open.ConversationId, open.Fence, LeaseDuration));
    }

    /// <summary>Writes of each kind, each of which changes what can be read.</summary>
    private IEnumerable<Func<IConversationStore, Task>> Writes(string id, TurnLease open)
    {
        yield return store => store.CommitTurnAsync(Completion(open, "answer")).AsTask();
        yield return store => BeginAsync(store, Turn());
        yield return store => store.UpdateConversationAsync(id, Host, new ConversationChange { Title = "renamed" }).AsTask();
        yield return async store =>
        {
            if (store.GetFeature<IConversationSummaryStore>() is { } summaries)
                (await summaries.SaveSummaryAsync(SummaryCommands.Save(id, Host, 0, 2))).Should().BeTrue();
            else
                await BeginAsync(store, Turn(ScopeOf("user_2")));
        };
        yield return store => store.DeleteMessageAsync(id, 2, Host).AsTask();
        yield return store => store.UpdateConversationAsync(id, Host, new ConversationChange { Status = ConversationStatus.Ended }).AsTask();
        yield return store => store.UpdateConversationAsync(id, Host, new ConversationChange { Status = ConversationStatus.Active }).AsTask();
        yield return store => store.CreateConversationAsync(Creation(null, User("past")) with { Current = CurrentConversationRule.End }).AsTask();
        yield return store => BeginAsync(store, Turn() with { StartNew = true });
        yield return store => store.DeleteConversationAsync(id, Host).AsTask();
    }
}

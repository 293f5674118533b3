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
}

using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>The end of a store.</summary>
public abstract class DisposalSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Theory, Rule("15.1")]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_store_is_disposed_twice_in_either_way(bool firstAsync, bool secondAsync)
    {
        await ExchangeAsync();

        await DisposeStoreAsync(firstAsync);
        var again = () => DisposeStoreAsync(secondAsync);

        await again.Should().NotThrowAsync();
    }

    [Theory, Rule("15.1")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_member_of_a_disposed_store_throws(bool disposeAsync)
    {
        var open = await BeginAsync();
        var calls = EveryMember.Of(Store, Turn(), open.Lease, Creation());

        await DisposeStoreAsync(disposeAsync);

        foreach (var (member, call) in calls)
            await call.Invoking(invoke => invoke(CancellationToken.None)).Should().ThrowAsync<ObjectDisposedException>(member);
    }

    [Fact, Rule("15.1")]
    public async Task A_store_that_was_never_used_is_disposed()
    {
        var unused = await Fixture.CreateAsync(Time);

        await unused.Invoking(async store => await store.DisposeAsync()).Should().NotThrowAsync();
    }

    private async Task DisposeStoreAsync(bool disposeAsync)
    {
        if (disposeAsync)
            await Store.DisposeAsync();
        else
            Store.Dispose();
    }
}

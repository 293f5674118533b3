using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A token that was cancelled before a call.</summary>
public abstract class CancellationSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("12.1")]
    public async Task A_cancelled_token_throws_and_writes_nothing()
    {
        var open = await BeginAsync();
        var before = await StateAsync();
        var calls = EveryMember.Of(Store, Turn(ScopeOf()) with { StartNew = true }, open.Lease, Creation());
        var cancelled = new CancellationToken(canceled: true);

        foreach (var (member, call) in calls)
            (await call.Invoking(invoke => invoke(cancelled)).Should().ThrowAsync<OperationCanceledException>(member)).Which.Should().NotBeNull();

        (await StateAsync()).Should().Equal(before);
        var begins = async () => await Store.BeginTurnAsync(Turn());
        (await begins.Should().NotThrowAsync()).Which.Should().BeOfType<TurnLocked>();
    }

    [Fact, Rule("12.1")]
    public async Task A_store_is_as_usable_after_a_cancellation_as_before()
    {
        var open = await BeginAsync();
        var calls = EveryMember.Of(Store, Turn(ScopeOf("user_2")) with { Access = Host }, open.Lease, Creation(ScopeOf("user_3")));
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();
        foreach (var call in calls.Values)
            await call.Invoking(invoke => invoke(cancellation.Token)).Should().ThrowAsync<OperationCanceledException>();

        foreach (var (member, call) in calls)
            await call.Invoking(invoke => invoke(CancellationToken.None)).Should().NotThrowAsync(member);

        (await ListAsync()).Select(conversation => conversation.UserId).Should().BeEquivalentTo("user_2", "user_3");
    }

    [Fact, Rule("12.1")]
    public async Task A_token_cancelled_after_the_call_takes_no_effect()
    {
        using var cancellation = new CancellationTokenSource();
        var begun = (await Store.BeginTurnAsync(Turn(), cancellation.Token)).Should().BeOfType<TurnBegun>().Subject;
        await cancellation.CancelAsync();

        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();

        (await TextsAsync(begun.Lease.ConversationId)).Should().Equal("hello", "answer");
    }

    [Fact, Rule("12.1", "3.1")]
    public async Task A_token_cancelled_while_a_turn_begins_leaves_all_of_it_or_nothing()
    {
        using var cancellation = new CancellationTokenSource();
        await using var store = await Fixture.CreateAsync(new CancellingClock(Time, cancellation));
        var begins = async () => (await store.BeginTurnAsync(Turn(), cancellation.Token)) is TurnBegun;

        var begun = await TriesAsync(begins);

        (await store.GetCurrentAsync(ScopeOf()) is not null).Should().Be(begun, "what is said to be cancelled was not written, and what is not was");
    }

    [Fact, Rule("12.1", "3.1")]
    public async Task A_token_cancelled_while_a_turn_is_committed_leaves_all_of_it_or_nothing()
    {
        using var cancellation = new CancellationTokenSource();
        var clock = new CancellingClock(Time, cancellation) { IsArmed = false };
        await using var store = await Fixture.CreateAsync(clock);
        var turn = await BeginAsync(store, Turn());
        clock.IsArmed = true;

        var committed = await TriesAsync(async () => await store.CommitTurnAsync(Completion(turn.Lease, "answer"), cancellation.Token));

        (await store.GetConversationAsync(turn.Lease.ConversationId, Host))!.MessageCount.Should().Be(committed ? 2 : 1);
    }

    [Fact, Rule("12.1")]
    public void Every_member_is_tried() =>
        EveryMember.Of(Store, Turn(), new TurnLease("conv_x", 1, LeaseDuration), Creation()).Keys
            .Should().BeEquivalentTo(EveryMember.Names)
            .And.BeEquivalentTo(typeof(IConversationStore).GetMethods()
                .Where(method => Array.Exists(method.GetParameters(), parameter => parameter.ParameterType == typeof(CancellationToken)))
                .Select(method => method.Name));

    private static async Task<bool> TriesAsync(Func<Task<bool>> write)
    {
        try
        {
            return await write();
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>A clock that cancels when it is read, which a store does while it writes.</summary>
    private sealed class CancellingClock(TimeProvider inner, CancellationTokenSource cancellation) : ForwardingClock(inner)
    {
        public bool IsArmed { get; set; } = true;

        public override DateTimeOffset GetUtcNow()
        {
            if (IsArmed)
                cancellation.Cancel();
            return base.GetUtcNow();
        }
    }
}

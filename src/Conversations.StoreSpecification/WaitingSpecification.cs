using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A write that waits for another, which is held up in the middle.</summary>
/// <remarks>A store in the middle of a write reads its clock [14.3], so the clock holds it up. Where none waits for the other, there is nothing to find.</remarks>
public abstract class WaitingSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    /// <summary>The writes.</summary>
    public static TheoryData<string> Writes => [.. EveryMember.Writes];

    [Theory, Rule("12.1", "3.1")]
    [MemberData(nameof(Writes))]
    public async Task A_write_that_is_cancelled_while_it_waits_writes_nothing(string member)
    {
        var clock = new HeldClock(Time);
        await using var store = await Fixture.CreateAsync(clock);
        var open = (TurnBegun)await store.BeginTurnAsync(Turn());
        var call = EveryMember.Of(store, Turn() with { StartNew = true }, open.Lease, Creation())[member];

        var wasCancelled = await CancelledWait.TryAsync(clock, store, open.Lease, call);

        var conversation = await store.GetConversationAsync(open.Lease.ConversationId, Host);
        var all = await store.ListConversationsAsync(new ConversationListing { Access = Host, Limit = 9 });
        if (wasCancelled)
            all.Should().Equal(conversation!).And.OnlyContain(only => only.MessageCount == 1 && only.IsActive && only.Title == null);
    }

    [Fact, Rule("14.3")]
    public async Task A_turn_that_waits_begins_no_sooner_than_the_one_before_it_ended()
    {
        var clock = new HeldClock(Time);
        await using var store = await Fixture.CreateAsync(clock);
        var before = ((TurnBegun)await store.BeginTurnAsync(Turn())).Lease;
        clock.Arm();
        try
        {
            var begin = new WaitingCall<BeginTurnOutcome>(() => store.BeginTurnAsync(Turn()).AsTask());
            await Task.WhenAny(clock.Reached, begin.Result);
            Time.Advance(TimeSpan.FromSeconds(1));
            var commit = new WaitingCall<bool>(() => store.CommitTurnAsync(Completion(before, "answer")).AsTask());
            commit.RunAsFarAsItGoes();

            clock.Release();

            (await commit.Result).Should().BeTrue();
            if (await begin.Result is TurnBegun { Lease: var lease })
                (await RunAsync(lease)).StartedAt.Should().BeOnOrAfter((await RunAsync(before)).EndedAt!.Value);
        }
        finally
        {
            clock.Release();
        }

        async Task<ConversationRun> RunAsync(TurnLease of) => (await store.GetRunAsync(of.ConversationId, of.Fence, Host))!;
    }
}

using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A write that waits for another, which is held up in the middle.</summary>
/// <remarks>A store in the middle of a write reads its clock [14.3], so the clock holds it up. Where none waits for the other, there is nothing to find.</remarks>
public abstract class WaitingSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    private static readonly TimeSpan Meanwhile = TimeSpan.FromSeconds(10);

    /// <summary>The writes.</summary>
    public static TheoryData<string> Writes => [.. EveryMember.Writes];

    [Theory, Rule("12.1", "3.1")]
    [MemberData(nameof(Writes))]
    public Task A_write_that_is_cancelled_while_it_waits_writes_nothing(string member) => OnOpenTurnAsync(
        async (behind, clock, store, open) =>
        {
            var call = EveryMember.Of(store, Turn() with { StartNew = true }, open, Creation())[member];

            var (wasCancelled, waited) = await behind.CancelAsync(clock, store, open, call);

            var conversation = await store.GetConversationAsync(open.ConversationId, Host);
            var all = await store.ListConversationsAsync(new ConversationListing { Access = Host, Limit = 9 });
            if (wasCancelled)
                all.Should().Equal(conversation!).And.OnlyContain(only => only.MessageCount == 1 && only.IsActive && only.Title == null);
            return waited && !wasCancelled;
        },
        "a write that has not begun can be cancelled");

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
            await clock.ReachAsync(begin.Result);
            Time.Advance(TimeSpan.FromSeconds(1));
            var commit = new WaitingCall<bool>(() => store.CommitTurnAsync(Completion(before, "answer")).AsTask());
            await commit.LookBrieflyAsync();

            clock.Release();

            (await commit.Result).Should().BeTrue();
            if (await begin.Result is TurnBegun { Lease: var lease })
                (await RunAsync(store, lease)).StartedAt.Should().BeOnOrAfter((await RunAsync(store, before)).EndedAt!.Value);
        }
        finally
        {
            clock.Release();
        }
    }

    [Fact, Rule("14.3")]
    public Task A_renewal_that_waits_gives_the_whole_of_the_lease() => OnOpenTurnAsync(
        async (behind, clock, store, open) =>
        {
            var waited = await WaitsAsync(behind, clock, store, open, () => store.RenewLeaseAsync(open).AsTask());

            var next = await store.BeginTurnAsync(Turn());
            return waited && next != new TurnLocked(open.ConversationId, open.Fence, LeaseDuration);
        },
        "a lease runs from when it was renewed, not from when somebody came to renew it");

    [Fact, Rule("14.3")]
    public Task A_commit_that_waits_ends_its_run_when_it_writes() => OnOpenTurnAsync(
        async (behind, clock, store, open) =>
        {
            var waited = await WaitsAsync(behind, clock, store, open, () => store.CommitTurnAsync(Completion(open, "answer")).AsTask());

            return waited && (await RunAsync(store, open)).EndedAt != Time.GetUtcNow();
        },
        "a run goes on while its commit waits");

    [Fact, Rule("14.3")]
    public Task A_change_that_waits_ends_the_conversation_when_it_writes() => OnOpenTurnAsync(
        async (behind, clock, store, open) =>
        {
            var end = new ConversationChange { Status = ConversationStatus.Ended };
            var waited = await WaitsAsync(behind, clock, store, open, async () => await store.UpdateConversationAsync(open.ConversationId, Host, end) is { IsActive: false });

            return waited && (await store.GetConversationAsync(open.ConversationId, Host))!.EndedAt != Time.GetUtcNow();
        },
        "a conversation goes on while its end waits");

    private static async Task<ConversationRun> RunAsync(IConversationStore store, TurnLease of) => (await store.GetRunAsync(of.ConversationId, of.Fence, Host))!;

    /// <summary>Does a write behind another on a store with an open turn.</summary>
    private Task OnOpenTurnAsync(Func<WriteBehind, HeldClock, IConversationStore, TurnLease, Task<bool>> isWrong, string because) => WriteBehind.CheckAsync(
        async behind =>
        {
            var clock = new HeldClock(Time);
            await using var store = await Fixture.CreateAsync(clock);
            return await isWrong(behind, clock, store, (await BeginAsync(store, Turn())).Lease);
        },
        because);

    /// <summary>Does a write behind a begin that finds the lease held, while time goes on, and tells whether it seemed to wait.</summary>
    private async Task<bool> WaitsAsync(WriteBehind behind, HeldClock clock, IConversationStore store, TurnLease open, Func<Task<bool>> write)
    {
        var (_, success, waited) = await behind.DoAsync(clock, () => store.BeginTurnAsync(TurnIn(open.ConversationId)).AsTask(), write, () =>
        {
            Time.Advance(Meanwhile);
            return Task.CompletedTask;
        });

        success.Should().BeTrue();
        return waited;
    }
}

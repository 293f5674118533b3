using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>Requests to stop an open run.</summary>
public class StopRulesTests : RulesTest
{
    [Fact, TurnRule("1.9")]
    public async Task Stop_of_a_held_run_is_learned_by_its_holder_and_changes_nothing_else()
    {
        var held = await BeginAsync();
        var before = await Store.FindAsync(held.Lease.ConversationId);

        (await Store.StopAsync(held.Lease)).Should().Be(StopOutcome.Requested);

        (await Store.FindAsync(held.Lease.ConversationId)).Should().Be(before! with { Version = before.Version + 1, OpenRun = before.OpenRun! with { IsStopRequested = true } });
        (await Store.ReadStateAsync(held.Lease)).Should().Be(LeaseState.StopRequested);
        (await Store.BeginTurnAsync(Turn())).Should().BeOfType<TurnLocked>();
    }

    [Fact, TurnRule("1.9", "1.5")]
    public async Task Renewals_keep_the_request()
    {
        var held = await BeginAsync();
        (await Store.RenewAsync(held.Lease)).Should().Be(LeaseState.Held);
        await Store.StopAsync(held.Lease);
        Time.Advance(TimeSpan.FromSeconds(1));

        (await Store.RenewAsync(held.Lease)).Should().Be(LeaseState.StopRequested);
        (await Store.RenewAsync(held.Lease)).Should().Be(LeaseState.StopRequested);

        (await Store.FindAsync(held.Lease.ConversationId))!.OpenRun!.LeaseExpiresAt.Should().Be(Time.GetUtcNow() + LeaseDuration);
    }

    [Theory, TurnRule("1.9")]
    [InlineData(RunStatus.Cancelled)]
    [InlineData(RunStatus.Completed)]
    public async Task Holder_decides_how_a_stopped_run_ends(RunStatus status)
    {
        var held = await BeginAsync();
        await Store.StopAsync(held.Lease);

        (await Store.CommitTurnAsync(Completion(held.Lease, "answer") with { Status = status })).Should().BeTrue();

        (await RunOfAsync(held.Lease)).Status.Should().Be(status);
    }

    [Fact, TurnRule("1.9")]
    public async Task Second_stop_writes_nothing()
    {
        var held = await BeginAsync();
        await Store.StopAsync(held.Lease);
        var before = await StateAsync();

        (await Store.StopAsync(held.Lease)).Should().Be(StopOutcome.Requested);

        (await StateAsync()).Should().Equal(before);
    }

    [Fact, TurnRule("1.9")]
    public async Task Next_run_is_not_asked_to_stop()
    {
        var held = await BeginAsync();
        await Store.StopAsync(held.Lease);
        await CommitAsync(held.Lease);

        var next = await BeginAsync();

        (await Store.ReadStateAsync(next.Lease)).Should().Be(LeaseState.Held);
        (await Store.StopAsync(held.Lease)).Should().Be(StopOutcome.NotOpen);
        (await Store.ReadStateAsync(held.Lease)).Should().Be(LeaseState.Lost);
    }

    [Fact, TurnRule("1.9", "1.7", "6.3")]
    public async Task Stop_of_a_run_whose_lease_has_expired_interrupts_it()
    {
        var dead = await BeginAsync();
        await Store.AppendSegmentsAsync(dead.Lease, Piece.Cut(Time.GetUtcNow(), "half"));
        Time.Advance(LeaseDuration);

        (await Store.StopAsync(dead.Lease)).Should().Be(StopOutcome.Interrupted);

        (await RunOfAsync(dead.Lease)).Should().BeEquivalentTo(new { Status = RunStatus.Interrupted, OutputCount = 1 });
        (await TextsAsync(dead.Lease.ConversationId)).Should().Equal("hello", "half");
    }

    [Fact, TurnRule("1.9", "2.8")]
    public async Task Stop_of_a_run_that_is_not_open_or_out_of_reach_writes_nothing()
    {
        var held = await BeginAsync();
        var ended = await ExchangeAsync(Turn(ScopeOf("user_2")));
        var before = await StateAsync();

        (await Store.StopAsync(held.Lease, AccessOf(ScopeOf("user_2")))).Should().Be(StopOutcome.NotOpen);
        (await Store.StopAsync(held.Lease with { RunNumber = 2 })).Should().Be(StopOutcome.NotOpen);
        (await Store.StopAsync(held.Lease with { ConversationId = "conv_unknown" })).Should().Be(StopOutcome.NotOpen);
        (await Store.StopAsync(ended.Lease)).Should().Be(StopOutcome.NotOpen);

        (await StateAsync()).Should().Equal(before);
    }
}

using Conversations.Tests.Manager;
using Microsoft.Extensions.Logging;

namespace Conversations.Tests.Turns;

/// <summary>When <see cref="ConversationTurn.Stopping"/> fires, and when not. The lease is 30 seconds, so it is renewed every 10.</summary>
public sealed class StoppingTests : IDisposable
{
    private static readonly TurnRequest Request = new("bot", "hello");

    [ThreadStatic]
    private static bool _isAdvancing;

    private readonly JumpingClock _time = new();
    private readonly RecordingLogger _log = new();
    private readonly FaultyStore _store;
    private readonly ScopedConversations _alice;

    public StoppingTests()
    {
        _store = new FaultyStore(new InMemoryConversationStore(_time));
        var options = new ConversationOptions().AddAgent("bot").AddAgent("tireless", agent => agent.MaxTurnDuration = TimeSpan.MaxValue)
            .AddAgent("hasty", agent => agent.MaxTurnDuration = TimeSpan.FromSeconds(25)).AddAgent("oracle", agent => agent.Mode = PersistenceMode.Stateless);
        _alice = new ConversationManager(_store, options, _time, _log).ForIdentity(ConversationIdentity.ForUser("alice"));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Stopping_fires_when_the_store_refuses_a_renewal()
    {
        await using var turn = await _alice.BeginTurnAsync(Request, Cancellation);
        var token = turn.Stopping;
        await _alice.DeleteAsync(turn.ConversationId!, Cancellation);

        Advance(9.9);
        var before = token.IsCancellationRequested;
        Advance(0.1);

        before.Should().BeFalse();
        token.IsCancellationRequested.Should().BeTrue();
        turn.Stopping.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public async Task Stopping_has_fired_when_it_is_first_read_after_the_loss()
    {
        await using var turn = await _alice.BeginTurnAsync(Request, Cancellation);
        await _alice.DeleteAsync(turn.ConversationId!, Cancellation);

        Advance(10);

        turn.Stopping.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public async Task Stopping_fires_when_renewals_fail_until_the_lease_expires()
    {
        await using var turn = await _alice.BeginTurnAsync(Request, Cancellation);
        Advance(10);
        _store.OnRenew = () => throw new TimeoutException("not an exception of ours");

        Advance(29.9);
        var before = turn.Stopping.IsCancellationRequested;
        Advance(0.1);

        before.Should().BeFalse();
        turn.Stopping.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public async Task Stopping_fires_when_a_renewal_does_not_return_before_the_lease_expires()
    {
        var renewal = new TaskCompletionSource();
        var renewals = 0;
        await using var turn = await _alice.BeginTurnAsync(Request, Cancellation);
        _store.OnRenew = () =>
        {
            renewals++;
            return renewal.Task;
        };

        Advance(29.9);
        var before = turn.Stopping.IsCancellationRequested;
        Advance(0.1);
        renewal.SetResult();

        before.Should().BeFalse();
        turn.Stopping.IsCancellationRequested.Should().BeTrue();
        renewals.Should().Be(1, "one that is under way is not overtaken by the next");
    }

    [Fact]
    public async Task Stopping_fires_when_the_process_was_paused_for_longer_than_the_lease_and_nothing_is_renewed()
    {
        var renewals = 0;
        _store.OnRenew = () => Task.FromResult(renewals++);
        await using var turn = await _alice.BeginTurnAsync(Request, Cancellation);
        _time.Jump(TimeSpan.FromSeconds(27));

        Advance(3);

        turn.Stopping.IsCancellationRequested.Should().BeTrue();
        Advance(100);
        renewals.Should().Be(0);
    }

    [Fact]
    public async Task Stopping_does_not_fire_when_the_process_was_paused_for_less_than_the_lease()
    {
        await using var turn = await _alice.BeginTurnAsync(Request, Cancellation);
        _time.Jump(TimeSpan.FromSeconds(19.9));

        Advance(100);

        turn.Stopping.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public async Task Stopping_uses_elapsed_time_and_not_the_time_of_day()
    {
        await using var turn = await _alice.BeginTurnAsync(Request, Cancellation);
        _time.SetUtcNow(_time.GetUtcNow() + TimeSpan.FromDays(1));

        Advance(60);

        turn.Stopping.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public async Task Stopping_does_not_fire_when_renewals_fail_for_less_than_a_lease()
    {
        await using var turn = await _alice.BeginTurnAsync(Request, Cancellation);
        _store.OnRenew = () => throw new TimeoutException("not an exception of ours");
        Advance(29);
        _store.OnRenew = null;

        Advance(0.9);
        await turn.CommitAsync(Cancellation);

        turn.Stopping.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public async Task Stopping_does_not_fire_for_a_renewal_that_finds_the_turn_committed()
    {
        var renewal = new TaskCompletionSource();
        _store.OnRenew = () => renewal.Task;
        await using var turn = await _alice.BeginTurnAsync(Request, Cancellation);
        var token = turn.Stopping;
        Advance(10);
        var committing = turn.CommitAsync(Cancellation);

        renewal.SetResult();
        await committing;

        token.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public async Task Stopping_does_not_fire_while_a_slow_commit_is_in_progress()
    {
        var committed = new TaskCompletionSource();
        await using var turn = await _alice.BeginTurnAsync(Request, Cancellation);
        var token = turn.Stopping;
        _store.OnCommit = _ => committed.Task;
        _store.OnRenew = () => throw new TimeoutException("not an exception of ours");
        var committing = turn.CommitAsync(Cancellation);

        Advance(120);
        var during = token.IsCancellationRequested;
        committed.SetResult();

        during.Should().BeFalse();
        (await committing).RunId.Should().Be(turn.RunId);
    }

    [Fact]
    public async Task Stopping_fires_after_a_failed_commit_when_the_lease_has_expired_meanwhile()
    {
        var committed = new TaskCompletionSource();
        await using var turn = await _alice.BeginTurnAsync(Request, Cancellation);
        _store.OnCommit = _ => committed.Task;
        _store.OnRenew = () => throw new TimeoutException("not an exception of ours");
        var committing = turn.CommitAsync(Cancellation);
        Advance(30);
        committed.SetException(new TimeoutException("not an exception of ours"));
        await committing.Invoking(task => task).Should().ThrowAsync<TimeoutException>();
        _store.OnCommit = null;

        Advance(10);

        turn.Stopping.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public async Task Stopping_does_not_fire_once_the_turn_has_ended()
    {
        var turn = await _alice.BeginTurnAsync(Request, Cancellation);
        var token = turn.Stopping;
        await turn.DisposeAsync();
        await _alice.DeleteAsync(turn.ConversationId!, Cancellation);

        Advance(100);

        token.IsCancellationRequested.Should().BeFalse();
        turn.Stopping.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public async Task Stopping_fires_at_a_commit_that_is_refused()
    {
        await using var turn = await _alice.BeginTurnAsync(Request, Cancellation);
        var token = turn.Stopping;
        await _alice.DeleteAsync(turn.ConversationId!, Cancellation);

        var committing = () => turn.CommitAsync(Cancellation);

        await committing.Should().ThrowAsync<LeaseLostException>();
        token.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public async Task Stopping_is_not_canceled_when_turn_is_not_stored()
    {
        await using var turn = await _alice.BeginTurnAsync(new TurnRequest("oracle", "hello"), Cancellation);
        _time.Jump(TimeSpan.FromDays(1));

        turn.Stopping.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public async Task Stopping_runs_callbacks_on_another_thread_than_renewals()
    {
        var inline = new TaskCompletionSource<bool>();
        await using var turn = await _alice.BeginTurnAsync(Request, Cancellation);
        await using var registration = turn.Stopping.Register(() => inline.SetResult(_isAdvancing));
        await _alice.DeleteAsync(turn.ConversationId!, Cancellation);

        _isAdvancing = true;
        Advance(10);
        _isAdvancing = false;

        (await inline.Task).Should().BeFalse();
    }

    [Fact]
    public async Task Stopping_logs_the_type_of_an_exception_that_a_callback_throws()
    {
        await using var turn = await _alice.BeginTurnAsync(Request, Cancellation);
        await using var registration = turn.Stopping.Register(() => throw new TimeoutException("a secret"));
        await _alice.DeleteAsync(turn.ConversationId!, Cancellation);

        Advance(10);
        while (!_log.Entries.Any(entry => entry.Level == LogLevel.Warning))
            await Task.Yield();

        _log.Entries.Where(entry => entry.Level == LogLevel.Warning).Should().ContainSingle()
            .Which.Text.Should().Be($"A callback registered with Stopping of run '{turn.RunId}' threw System.TimeoutException.");
    }

    [Fact]
    public async Task Turn_is_not_renewed_and_loses_its_lease_at_expiry_when_it_is_open_for_too_long()
    {
        await using var turn = await _alice.BeginTurnAsync(new TurnRequest("hasty", "hello"), Cancellation);

        Advance(49.9);
        var before = turn.Stopping.IsCancellationRequested;
        var early = () => _alice.BeginTurnAsync(new TurnRequest("hasty", "too early"), Cancellation);
        await early.Should().ThrowAsync<ConversationLockedException>();
        Advance(0.1);

        before.Should().BeFalse();
        turn.Stopping.IsCancellationRequested.Should().BeTrue();
        await using var next = await _alice.BeginTurnAsync(new TurnRequest("hasty", "next"), Cancellation);
        next.ConversationId.Should().Be(turn.ConversationId);
        var late = () => turn.CommitAsync(Cancellation);
        await late.Should().ThrowAsync<LeaseLostException>();
        _log.Entries.Where(entry => entry.Level >= LogLevel.Warning).Should().ContainSingle().Which.Text.Should()
            .Be($"Run '{turn.RunId}' has been open for 00:00:25, the maximum duration of a turn. Its lease is no longer renewed.");
    }

    [Fact]
    public async Task Turn_that_was_open_for_too_long_can_commit_until_a_takeover()
    {
        await using var turn = await _alice.BeginTurnAsync(new TurnRequest("hasty", "hello"), Cancellation);
        turn.Add(ConversationMessage.Assistant("at last"));
        Advance(600);

        var result = await turn.CommitAsync(Cancellation);

        turn.Stopping.IsCancellationRequested.Should().BeTrue();
        (await _alice.GetRunAsync(result.RunId!, Cancellation))!.Status.Should().Be(RunStatus.Completed);
    }

    [Theory]
    [InlineData("bot", true)]
    [InlineData("tireless", false)]
    public async Task Turn_is_renewed_for_ten_minutes_by_default(string agent, bool isLost)
    {
        await using var turn = await _alice.BeginTurnAsync(new TurnRequest(agent, "hello"), Cancellation);

        Advance(600);
        var before = turn.Stopping.IsCancellationRequested;
        Advance(30);

        before.Should().BeFalse();
        turn.Stopping.IsCancellationRequested.Should().Be(isLost);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void MaxTurnDuration_is_refused_when_it_is_not_positive(int seconds)
    {
        var options = new ConversationOptions().AddAgent("bot", agent => agent.MaxTurnDuration = TimeSpan.FromSeconds(seconds));

        var making = () => new ConversationManager(_store, options);

        making.Should().Throw<ArgumentException>().WithMessage("Agents:bot:MaxTurnDuration is not more than zero.*");
    }

    private void Advance(double seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));
}

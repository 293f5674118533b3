using Conversations.StoreSpecification;

namespace Conversations.Tests.Storage;

public sealed class ManualTimeProviderTests
{
    private static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ManualTimeProvider _clock = new(Start);
    private readonly List<string> _fired = [];

    [Fact]
    public void Advance_moves_the_time_and_the_timestamp()
    {
        var timestamp = _clock.GetTimestamp();

        _clock.Advance(TimeSpan.FromSeconds(5));

        _clock.GetUtcNow().Should().Be(Start.AddSeconds(5));
        _clock.GetElapsedTime(timestamp).Should().Be(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Advance_back_is_refused()
    {
        var advance = () => _clock.Advance(TimeSpan.FromTicks(-1));

        advance.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void SetUtcNow_to_an_earlier_time_moves_the_time_and_not_the_timestamp()
    {
        using var timer = Timer("timer", 10);
        _clock.Advance(TimeSpan.FromSeconds(5));
        var timestamp = _clock.GetTimestamp();

        _clock.SetUtcNow(new DateTimeOffset(2024, 12, 31, 2, 0, 0, TimeSpan.FromHours(2)));

        _clock.GetUtcNow().Should().BeExactly(Start.AddDays(-1));
        _clock.GetTimestamp().Should().Be(timestamp);
        _clock.Advance(TimeSpan.FromSeconds(5));
        _clock.GetUtcNow().Should().Be(Start.AddDays(-1).AddSeconds(5));
        _fired.Should().Equal("timer at 86395 before");
    }

    [Fact]
    public void Advance_fires_timers_in_the_order_in_which_they_fall_due()
    {
        using var late = Timer("late", 3);
        using var early = Timer("early", 1);
        using var alsoLate = Timer("also late", 3);
        using var periodic = Timer("periodic", 2, period: 2);
        using var beyond = Timer("beyond", 7);

        _clock.Advance(TimeSpan.FromSeconds(6));

        _fired.Should().Equal("early at 1", "periodic at 2", "late at 3", "also late at 3", "periodic at 4", "periodic at 6");
        _clock.GetUtcNow().Should().Be(Start.AddSeconds(6));
    }

    [Fact]
    public void Advance_by_zero_fires_what_is_due_at_once()
    {
        using var timer = Timer("timer", 0);
        _fired.Should().BeEmpty();

        _clock.Advance(TimeSpan.Zero);
        _clock.Advance(TimeSpan.FromSeconds(1));

        _fired.Should().Equal("timer at 0");
    }

    [Fact]
    public void Advance_leaves_disposed_and_stopped_timers_alone()
    {
        var disposed = Timer("disposed", 1);
        using var stopped = Timer("stopped", 1);
        using var changed = Timer("changed", 1);
        disposed.Dispose();
        stopped.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan).Should().BeTrue();
        changed.Change(TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan).Should().BeTrue();

        _clock.Advance(TimeSpan.FromSeconds(5));

        _fired.Should().Equal("changed at 2");
        disposed.Change(TimeSpan.Zero, TimeSpan.Zero).Should().BeFalse();
    }

    [Fact]
    public void Timer_callback_can_set_timers_and_move_the_clock()
    {
        using var second = _clock.CreateTimer(_ => Note("second"), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var first = _clock.CreateTimer(
            _ =>
            {
                Note("first");
                second.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
                _clock.Advance(TimeSpan.FromSeconds(1));
            },
            null,
            TimeSpan.FromSeconds(1),
            Timeout.InfiniteTimeSpan);

        _clock.Advance(TimeSpan.FromSeconds(1));

        _fired.Should().Equal("first at 1", "second at 2");
        _clock.GetUtcNow().Should().Be(Start.AddSeconds(2));
    }

    [Fact]
    public async Task Delays_and_cancellations_use_the_clock()
    {
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(2), _clock);
        var delay = Task.Delay(TimeSpan.FromSeconds(1), _clock, TestContext.Current.CancellationToken);

        _clock.Advance(TimeSpan.FromSeconds(1));
        await delay;
        var cancelledEarly = cancellation.IsCancellationRequested;
        _clock.Advance(TimeSpan.FromSeconds(1));

        cancelledEarly.Should().BeFalse();
        cancellation.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public void Advance_by_many_threads_adds_up()
    {
        Parallel.For(0, 100, _ => _clock.Advance(TimeSpan.FromSeconds(1)));

        _clock.GetUtcNow().Should().Be(Start.AddSeconds(100));
    }

    private ITimer Timer(string name, int due, int? period = null) =>
        _clock.CreateTimer(_ => Note(name), null, TimeSpan.FromSeconds(due), period is null ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(period.Value));

    private void Note(string name)
    {
        var since = (_clock.GetUtcNow() - Start).TotalSeconds;
        _fired.Add(since < 0 ? $"{name} at {-since:0} before" : $"{name} at {since:0}");
    }
}

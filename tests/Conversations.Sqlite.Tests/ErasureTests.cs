using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.Sqlite.Tests;

/// <summary>When what was deleted is erased.</summary>
public sealed class ErasureTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Later = TimeSpan.FromMinutes(10);

    private readonly ManualTimeProvider _clock = new();
    private readonly Erasure _erasure;
    private int _times;

    public ErasureTests() => _erasure = new Erasure(_clock.CreateTimer(_ => _times++, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));

    public void Dispose() => _erasure.Dispose();

    [Fact]
    public void Erasure_begins_soon_after_a_deletion_and_once()
    {
        _erasure.Schedule();
        _clock.Advance(Later);
        _times.Should().Be(0);

        _erasure.Need();
        _erasure.Schedule();
        _erasure.Schedule();
        _clock.Advance(Soon);

        _times.Should().Be(1);
    }

    [Fact]
    public void Erasure_begins_again_later_each_time_while_it_is_needed()
    {
        _erasure.Need();
        foreach (var delay in new[] { 250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000 })
        {
            _erasure.Schedule();
            _clock.Advance(TimeSpan.FromMilliseconds(delay - 1));
            var before = _times;
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            (_times - before).Should().Be(1);
            _erasure.Begin();
        }
    }

    [Fact]
    public void Erasure_looks_soon_and_then_from_time_to_time()
    {
        _erasure.Watch(isSoon: true);
        _clock.Advance(Soon);
        _times.Should().Be(1);

        for (var looks = 2; looks < 5; looks++)
        {
            _erasure.Begin();
            _clock.Advance(Later - Soon);
            _times.Should().Be(looks - 1);
            _clock.Advance(Soon);
            _times.Should().Be(looks);
        }
    }

    [Fact]
    public void Erasure_after_a_deletion_does_not_wait_for_the_next_look()
    {
        _erasure.Watch();
        _erasure.Need();
        _erasure.Schedule();
        _erasure.Watch();

        _clock.Advance(Soon);

        _times.Should().Be(1);
    }
}

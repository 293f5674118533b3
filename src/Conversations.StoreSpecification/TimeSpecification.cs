using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Times, the store's own and those it was given.</summary>
public abstract class TimeSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    /// <summary>Times that are hard to keep.</summary>
    public static TheoryData<long, int> Times => new()
    {
        { new DateTime(2025, 6, 1, 12, 0, 0, DateTimeKind.Utc).Ticks + 1, 0 },
        { new DateTime(2025, 6, 1, 12, 0, 0, DateTimeKind.Utc).Ticks + 9_999_999, 120 },
        { new DateTime(1969, 12, 31, 23, 59, 59, DateTimeKind.Utc).Ticks + 3, -570 },
        { new DateTime(1582, 10, 4, 0, 0, 0, DateTimeKind.Utc).Ticks, 840 },
        { new DateTime(2100, 2, 28, 23, 59, 59, DateTimeKind.Utc).Ticks, -840 },
        { DateTime.MinValue.Ticks, 0 },
        { DateTime.MaxValue.Ticks, 0 },
    };

    [Theory, Rule("9.2")]
    [MemberData(nameof(Times))]
    public async Task Times_that_were_given_come_back_to_the_tick_in_utc(long utcTicks, int offsetMinutes)
    {
        var utc = new DateTimeOffset(utcTicks, TimeSpan.Zero);
        var given = utc.ToOffset(TimeSpan.FromMinutes(offsetMinutes));

        var created = await Store.CreateConversationAsync(Creation(null, User("x") with { CreatedAt = given }) with { CreatedAt = given });

        var read = await GetAsync(created.Id);
        var message = (await MessagesAsync(created.Id)).Should().ContainSingle().Subject;
        foreach (var time in new[] { created.CreatedAt, created.LastMessageAt, read.CreatedAt, read.LastMessageAt, message.CreatedAt })
            time.Should().BeExactly(utc);
    }

    [Fact, Rule("9.2", "14.1")]
    public async Task Times_of_the_store_are_those_of_its_clock_to_the_tick()
    {
        var began = Time.GetUtcNow();
        var begun = await BeginAsync();
        Time.Advance(TimeSpan.FromTicks(3));
        var answered = Time.GetUtcNow();
        await CommitAsync(begun.Lease, "answer");
        Time.Advance(TimeSpan.FromTicks(3));
        var ended = await SetStatusAsync(begun.Lease.ConversationId, ConversationStatus.Ended);

        ended.CreatedAt.Should().BeExactly(began);
        ended.LastActivityAt.Should().BeExactly(answered);
        ended.EndedAt.Should().BeExactly(Time.GetUtcNow());
        var run = await RunOfAsync(begun.Lease);
        run.StartedAt.Should().BeExactly(began);
        run.EndedAt.Should().BeExactly(answered);
    }

    [Fact, Rule("14.1")]
    public async Task Leases_go_by_the_clock_that_the_store_was_given()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(1999, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var store = await Fixture.CreateAsync(clock);
        var begun = await BeginAsync(store, Turn());
        Time.Advance(LeaseDuration * 2);

        var before = await store.BeginTurnAsync(Turn());
        clock.Advance(LeaseDuration);
        var after = await store.BeginTurnAsync(Turn());

        before.Should().Be(new TurnLocked(begun.Lease.ConversationId, begun.Lease.Fence, LeaseDuration));
        after.Should().BeOfType<TurnBegun>();
    }
}

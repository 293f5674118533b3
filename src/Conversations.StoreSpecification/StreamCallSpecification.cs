using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A capability: what holds for the members of any store holds for those of streams: who reaches what, cancellation, the end of the store.</summary>
public abstract class StreamCallSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    /// <summary>The names of the members that write.</summary>
    public static TheoryData<string> Writes => [nameof(IConversationStreamStore.AppendSegmentsAsync), nameof(IConversationStreamStore.InterruptRunAsync)];

    [Fact, Rule("16.1", "16.2")]
    public async Task Outsiders_read_nothing_and_interrupt_nothing()
    {
        var streams = StreamCommands.FeatureOf(Store);
        var (lease, _) = await BeginStreamAsync(Store);
        Time.Advance(LeaseDuration);
        var before = await StateAsync();
        ConversationAccess[] outsiders = [AccessOf(ScopeOf("user_2")), AccessOf(ScopeOf("USER_1")), AccessOf(ScopeOf(project: "other")), new("other", null), new("default", [])];

        foreach (var access in outsiders)
        {
            (await streams.ReadStreamAsync(StreamCommands.All(lease, access))).Should().BeNull();
            (await streams.InterruptRunAsync(lease.ConversationId, lease.Fence, access)).Should().BeFalse();
        }

        (await StateAsync()).Should().Equal(before);
        var owners = new ConversationAccess(ConversationScope.DefaultProject, ["another", ScopeOf().Owner.Audience]);
        var read = await streams.ReadStreamAsync(StreamCommands.All(lease, owners));
        read.Should().NotBeNull();
        read!.Segments.Should().ContainSingle();
        (await streams.InterruptRunAsync(lease.ConversationId, lease.Fence, owners)).Should().BeTrue();
    }

    [Fact, Rule("12.1")]
    public async Task A_cancelled_token_throws_and_writes_nothing()
    {
        var streams = StreamCommands.FeatureOf(Store);
        var (lease, more) = await BeginStreamAsync(Store);
        Time.Advance(LeaseDuration);
        var before = await StateAsync();
        var calls = Calls(streams, lease, more);
        var cancelled = new CancellationToken(canceled: true);

        foreach (var (member, call) in calls)
            await call.Invoking(invoke => invoke(cancelled)).Should().ThrowAsync<OperationCanceledException>(member);

        (await StateAsync()).Should().Equal(before);
        (await streams.ReadStreamAsync(StreamCommands.All(lease, Host)))!.Segments.Should().ContainSingle();
        foreach (var (member, call) in calls)
            (await call(CancellationToken.None)).Should().BeTrue(member);
    }

    [Theory, Rule("12.1", "3.1")]
    [MemberData(nameof(Writes))]
    public Task A_write_that_is_cancelled_while_it_waits_writes_nothing(string member) => WriteBehind.CheckAsync(
        async behind =>
        {
            var clock = new HeldClock(Time);
            await using var store = await Fixture.CreateAsync(clock);
            var streams = StreamCommands.FeatureOf(store);
            var (lease, more) = await BeginStreamAsync(store);
            Time.Advance(LeaseDuration);
            var other = (await BeginAsync(store, Turn() with { StartNew = true })).Lease;

            var (wasCancelled, waited) = await behind.CancelAsync(clock, store, other, Calls(streams, lease, more)[member]);

            var read = (await streams.ReadStreamAsync(StreamCommands.All(lease, Host)))!;
            (read.Run.Status == RunStatus.Running && read.Segments.Count == 1).Should().Be(wasCancelled, "what is said to be cancelled was not written, and what is not was");
            return waited && !wasCancelled;
        },
        "a write that has not begun can be cancelled");

    [Theory, Rule("15.1")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_member_of_a_disposed_store_throws(bool disposeAsync)
    {
        var (lease, more) = await BeginStreamAsync(Store);
        var calls = Calls(StreamCommands.FeatureOf(Store), lease, more);
        if (disposeAsync)
            await Store.DisposeAsync();
        else
            Store.Dispose();

        foreach (var (member, call) in calls)
            await call.Invoking(invoke => invoke(CancellationToken.None)).Should().ThrowAsync<ObjectDisposedException>(member);
    }

    /// <summary>A call of every member, each of which succeeds once the lease has expired.</summary>
    private static Dictionary<string, Func<CancellationToken, Task<bool>>> Calls(IConversationStreamStore streams, TurnLease lease, StreamSegment more) => new(StringComparer.Ordinal)
    {
        [nameof(streams.AppendSegmentsAsync)] = async token => await streams.AppendSegmentsAsync(StreamCommands.Append(lease, more), token),
        [nameof(streams.ReadStreamAsync)] = async token => await streams.ReadStreamAsync(StreamCommands.All(lease, Host), token) is { IsLeaseExpired: true },
        [nameof(streams.InterruptRunAsync)] = async token => await streams.InterruptRunAsync(lease.ConversationId, lease.Fence, Host, token),
    };

    /// <summary>Begins a turn that has streamed one segment, and gives the next.</summary>
    private async Task<(TurnLease Lease, StreamSegment More)> BeginStreamAsync(IConversationStore store)
    {
        var lease = (await BeginAsync(store, Turn())).Lease;
        var segments = StreamCommands.Cut(Time.GetUtcNow(), "a|b");
        (await StreamCommands.FeatureOf(store).AppendSegmentsAsync(StreamCommands.Append(lease, segments[0]))).Should().BeTrue();
        return (lease, segments[1]);
    }
}

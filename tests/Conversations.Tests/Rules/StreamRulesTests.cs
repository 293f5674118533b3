using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>The output of open runs, and what remains of it after their end.</summary>
public class StreamRulesTests : RulesTest
{
    [Fact, TurnRule("6.1", "5.6", "4.2")]
    public async Task Append_changes_neither_counters_nor_activity()
    {
        var begun = await BeginAsync();
        var before = await GetAsync(begun.Lease.ConversationId);
        Time.Advance(LeaseDuration / 2);

        await AppendAsync(begun.Lease, "a|b", "c");

        (await GetAsync(begun.Lease.ConversationId)).Should().Be(before);
    }

    [Fact, TurnRule("6.1", "1.2")]
    public async Task Append_does_not_renew_lease()
    {
        var begun = await BeginAsync();
        Time.Advance(LeaseDuration - TimeSpan.FromTicks(1));

        await AppendAsync(begun.Lease, "a");

        (await Store.BeginTurnAsync(Turn())).Should().Be(new TurnLocked(begun.Lease.ConversationId, begun.Lease.RunNumber, TimeSpan.FromTicks(1)));
    }

    [Fact, TurnRule("6.1", "1.5", "1.8")]
    public async Task Append_succeeds_when_lease_expired_and_was_not_taken_over()
    {
        var begun = await BeginAsync();
        await SetStatusAsync(begun.Lease.ConversationId, ConversationStatus.Ended);
        Time.Advance(LeaseDuration * 3);

        (await AppendAsync(begun.Lease, "a")).Should().BeTrue();
    }

    [Fact, TurnRule("6.1", "1.4")]
    public async Task Append_is_refused_when_lease_is_lost()
    {
        var lost = (await BeginAsync()).Lease;
        await AppendAsync(lost, "a");
        Time.Advance(LeaseDuration);
        var current = (await BeginAsync()).Lease;
        var committed = (await ExchangeAsync(Turn(ScopeOf("user_2")))).Lease;
        var deleted = (await BeginAsync(Turn(ScopeOf("user_3")))).Lease;
        await Store.DeleteConversationAsync(deleted.ConversationId, Host);
        TurnLease[] refused =
        [
            lost, committed, deleted, current with { ConversationId = committed.ConversationId }, current with { ConversationId = "conv_unknown" },
            current with { RunNumber = lost.RunNumber }, current with { Token = lost.Token },
        ];

        foreach (var lease in refused)
            (await AppendAsync(lease, "a|b")).Should().BeFalse();

        (await Store.ReadSegmentsAsync(lost)).Should().Equal("a");
        (await Store.ReadSegmentsAsync(committed)).Should().BeEmpty();
        (await Store.ReadSegmentsAsync(current)).Should().BeEmpty();
    }

    [Fact, TurnRule("6.4")]
    public async Task Commit_appends_its_own_messages_and_not_streamed_ones()
    {
        var begun = await BeginAsync();
        await AppendAsync(begun.Lease, "str|eamed", "and more");

        (await CommitAsync(begun.Lease, "committed")).Should().BeTrue();

        (await MessagesAsync(begun.Lease.ConversationId)).Select(message => (message.Text, message.IsPartial)).Should().Equal(("hello", false), ("committed", false));
        (await RunOfAsync(begun.Lease)).OutputCount.Should().Be(1);
    }

    [Theory, TurnRule("6.5")]
    [InlineData(0)]
    [InlineData(3 * TimeSpan.TicksPerMinute)]
    public async Task Commit_keeps_segments_for_retention_of_run(long retention)
    {
        var begun = await BeginAsync(Turn() with { SegmentRetention = TimeSpan.FromTicks(retention) });
        await AppendAsync(begun.Lease, "a|b");
        Time.Advance(TimeSpan.FromDays(400));

        await CommitAsync(begun.Lease, "ab");

        (await ExpiryOfAsync(begun.Lease)).Should().Be(Time.GetUtcNow().AddTicks(retention));
    }

    [Fact, TurnRule("6.5")]
    public async Task Commit_keeps_segments_for_ever_when_retention_has_no_end()
    {
        var begun = await BeginAsync(Turn() with { SegmentRetention = TimeSpan.MaxValue });
        await AppendAsync(begun.Lease, "a");

        await CommitAsync(begun.Lease, "a");

        (await ExpiryOfAsync(begun.Lease)).Should().Be(DateTimeOffset.MaxValue);
    }

    [Fact, TurnRule("6.5")]
    public async Task Commit_sets_no_expiry_when_nothing_was_streamed()
    {
        var begun = await ExchangeAsync();

        (await ExpiryOfAsync(begun.Lease)).Should().BeNull();
    }

    [Theory, TurnRule("6.5", "6.3")]
    [InlineData(InterruptedOutput.Append)]
    [InlineData(InterruptedOutput.AppendSuperseded)]
    [InlineData(InterruptedOutput.Discard)]
    public async Task Interrupt_keeps_segments_for_retention_of_run(InterruptedOutput onInterruption)
    {
        var begun = await BeginAsync(Turn() with { OnInterruption = onInterruption });
        await AppendAsync(begun.Lease, "ha|lf");
        Time.Advance(LeaseDuration);

        await Store.InterruptAsync(begun.Lease);

        (await ExpiryOfAsync(begun.Lease)).Should().Be(Time.GetUtcNow() + Piece.Retention);
        (await Store.ReadSegmentsAsync(begun.Lease)).Should().Equal("ha", "lf");
    }

    [Theory, TurnRule("6.5", "7.1")]
    [InlineData(1)]
    [InlineData(2)]
    public async Task DeleteMessage_drops_segments_of_its_closed_run(int position)
    {
        var first = (await BeginAsync()).Lease;
        await AppendAsync(first, "a|b");
        await CommitAsync(first, "ab");
        var second = (await BeginAsync()).Lease;
        await AppendAsync(second, "c|d");

        (await Store.DeleteMessageAsync(first.ConversationId, position, Host)).Should().BeTrue();

        (await Store.ReadSegmentsAsync(first)).Should().BeEmpty();
        (await Store.ReadSegmentsAsync(second)).Should().Equal("c", "d");
    }

    [Fact, TurnRule("6.5", "7.1")]
    public async Task DeleteMessage_leaves_segments_of_open_run()
    {
        var open = (await BeginAsync()).Lease;
        await AppendAsync(open, "a|b");

        await Store.DeleteMessageAsync(open.ConversationId, 1, Host);

        (await Store.ReadSegmentsAsync(open)).Should().Equal("a", "b");
    }

    [Fact, TurnRule("6.5", "7.2")]
    public async Task Delete_drops_segments_of_conversation()
    {
        var other = (await BeginAsync(Turn(ScopeOf("user_2")))).Lease;
        await AppendAsync(other, "a");
        var deleted = (await BeginAsync()).Lease;
        await AppendAsync(deleted, "b");

        await Store.DeleteConversationAsync(deleted.ConversationId, Host);

        (await Store.ReadSegmentsAsync(deleted)).Should().BeEmpty();
        (await Store.ReadSegmentsAsync(other)).Should().Equal("a");
    }

    [Fact, TurnRule("6.1", "4.1")]
    public async Task Commit_succeeds_without_load_after_segments()
    {
        var begun = await BeginAsync();
        await AppendAsync(begun.Lease, "a|b");
        await Store.RenewLeaseAsync(begun.Lease);
        await AppendAsync(begun.Lease, "a|b|c");

        (await CommitAsync(begun.Lease, "abc")).Should().BeTrue();
    }

    [Fact, TurnRule("2.8", "1.7")]
    public async Task Interrupt_by_outsider_writes_nothing()
    {
        var lease = (await BeginAsync()).Lease;
        Time.Advance(LeaseDuration);
        var before = await StateAsync();
        ConversationAccess[] outsiders = [AccessOf(ScopeOf("user_2")), AccessOf(ScopeOf("USER_1")), AccessOf(ScopeOf(project: "other")), new("other", null), new("default", [])];

        foreach (var access in outsiders)
            (await Store.InterruptAsync(lease, access)).Should().BeFalse();

        (await StateAsync()).Should().Equal(before);
    }

    [Fact, TurnRule("2.8", "1.7")]
    public async Task Interrupt_by_owner_succeeds()
    {
        var lease = (await BeginAsync()).Lease;
        Time.Advance(LeaseDuration);

        (await Store.InterruptAsync(lease, AccessOf(ScopeOf()))).Should().BeTrue();
    }

    [Fact, TurnRule("6.3")]
    public void Join_leaves_out_damaged_piece_when_message_has_others()
    {
        var segments = Piece.Cut(Time.GetUtcNow(), "a|b|c").Select(piece => piece.ToSegment()).ToArray();
        segments[1] = segments[1] with { Content = "damaged" };

        StreamPiece.Join(Piece.Read(segments).Select(piece => piece.Fragment)).Select(message => message.Text).Should().Equal("ac");
    }

    [Fact, TurnRule("6.3")]
    public void Join_keeps_damaged_message_as_an_error()
    {
        var segments = Piece.Cut(Time.GetUtcNow(), "a|b").Select(piece => piece.ToSegment() with { Content = "damaged" }).ToArray();

        StreamPiece.Join(Piece.Read(segments).Select(piece => piece.Fragment)).Should().ContainSingle().Which.Kind.Should().Be(MessageKind.Error);
    }

    private Task<bool> AppendAsync(TurnLease lease, params IEnumerable<string> messages) => Store.AppendSegmentsAsync(lease, Piece.Cut(Time.GetUtcNow(), messages));

    private async Task<DateTimeOffset?> ExpiryOfAsync(TurnLease lease) => (await Store.FindRunAsync(lease.ConversationId, lease.RunNumber))!.SegmentsExpireAt;
}

using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A capability: what a running turn adds is saved in segments, and can be read.</summary>
public abstract class StreamSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    /// <summary>The names of texts that may be content.</summary>
    public static TheoryData<string> TextNames => HostileTexts.ContentNames;

    private IConversationStreamStore Streams => StreamCommands.FeatureOf(Store);

    [Fact, Rule("20.1", "20.2", "9.2")]
    public async Task Append_keeps_the_segments_as_they_are()
    {
        var begun = await BeginAsync();
        StreamSegment[] first = [new(1, 0, new ConversationMessage(MessageRole.Assistant, new TextPart("a")) { Position = 2, CreatedAt = Time.GetUtcNow().AddTicks(-7) })];
        StreamSegment[] next =
        [
            new(2, 1, StreamCommands.Fragment(Time.GetUtcNow(), 2, new TextPart("bc"))),
            new(3, 3, new ConversationMessage(MessageRole.Tool, new ToolResultPart("call", "d")) { Position = 3, CreatedAt = Time.GetUtcNow().AddTicks(7).ToOffset(TimeSpan.FromHours(2)) }),
        ];

        var appended = new[] { await AppendAsync(begun.Lease, first), await AppendAsync(begun.Lease, next) };

        appended.Should().Equal(true, true);
        var read = await ReadAsync(begun.Lease);
        read.Segments.Should().Equal([.. first, .. next]);
        read.Segments.Should().OnlyContain(segment => segment.Fragment.CreatedAt!.Value.Offset == TimeSpan.Zero);
        read.Run.Should().Be(await RunOfAsync(begun.Lease)).And.Match<ConversationRun>(run => run.Status == RunStatus.Running);
        read.IsLeaseExpired.Should().BeFalse();
    }

    [Theory, Rule("20.2", "9.1")]
    [MemberData(nameof(TextNames))]
    public async Task Texts_come_back(string name)
    {
        var text = HostileTexts.Get(name);
        var begun = await BeginAsync();
        var first = new StreamSegment(1, 0, StreamCommands.Fragment(Time.GetUtcNow(), 2, new TextPart(text)));

        await AppendAsync(begun.Lease, [first, StreamCommands.Segment([first], StreamCommands.Fragment(Time.GetUtcNow(), 2, new TextPart(text), new TextPart("end")))]);

        var read = await ReadAsync(begun.Lease);
        read.Segments.Select(segment => string.Equals(((TextPart)segment.Fragment.Parts[0]).Text, text, StringComparison.Ordinal)).Should().Equal(true, true);
    }

    [Fact, Rule("20.2", "10.1")]
    public async Task Parts_come_back_in_order()
    {
        var begun = await BeginAsync();
        ContentPart[] parts =
        [
            new TextPart("a"),
            new ReasoningPart("b") { ProtectedData = "signed" },
            new RawPart("""{ "type":"image" , "n":1.0e+05, "é":"\u00e9\/" }"""),
            new ToolCallPart("call", "first", """{"x": 1}"""),
            new ToolResultPart("call", "failed") { Name = "first", IsError = true },
            new ErrorPart("error") { Code = "code" },
            new TextPart(""),
        ];

        await AppendAsync(begun.Lease, [new StreamSegment(1, 0, StreamCommands.Fragment(Time.GetUtcNow(), 2, parts))]);

        (await ReadAsync(begun.Lease)).Segments.Should().ContainSingle().Which.Fragment.Parts.Should().Equal(parts);
    }

    [Fact, Rule("20.2", "10.1")]
    public async Task Metadata_of_a_segment_and_of_its_parts_comes_back_to_the_letter()
    {
        const string Json = """{ "a":1.0e+05,  "a":"\u00e9" }""";
        var begun = await BeginAsync();
        var fragment = StreamCommands.Fragment(Time.GetUtcNow(), 2, new TextPart("a") { Metadata = Json }, new ReasoningPart("b") { Metadata = Json }) with { Metadata = Json };
        StreamSegment[] segments = [new(1, 0, fragment), new(2, StreamSegment.LengthOf(fragment), StreamCommands.Fragment(Time.GetUtcNow(), 2, new TextPart("c")))];

        await AppendAsync(begun.Lease, segments);

        (await ReadAsync(begun.Lease)).Segments.Should().Equal(segments);
    }

    [Fact, Rule("20.1")]
    public async Task Append_passes_over_a_number_that_is_there()
    {
        var begun = await BeginAsync();
        var segments = Cut("a|b|c|d");
        await AppendAsync(begun.Lease, segments.Take(2));

        var again = await AppendAsync(begun.Lease, segments.Take(2));
        var overlapping = await AppendAsync(begun.Lease, [segments[1] with { Fragment = segments[0].Fragment }, .. segments.Skip(2)]);

        (again, overlapping).Should().Be((true, true));
        (await ReadAsync(begun.Lease)).Segments.Should().Equal(segments);
    }

    [Fact, Rule("1.1")]
    public async Task Lists_that_a_caller_changes_change_nothing_that_is_saved()
    {
        var begun = await BeginAsync();
        var segments = Cut("a|b|c");
        var given = segments.ToList();
        await Streams.AppendSegmentsAsync(StreamCommands.Append(begun.Lease) with { Segments = given });

        given[0] = segments[2];
        if ((await ReadAsync(begun.Lease)).Segments is IList<StreamSegment> { IsReadOnly: false } read)
            read[1] = segments[2];

        (await ReadAsync(begun.Lease)).Segments.Should().Equal(segments);
    }

    [Fact, Rule("20.1", "8.5", "2.1")]
    public async Task Append_moves_nothing_and_is_no_activity()
    {
        var begun = await BeginAsync();
        var before = await StateAsync();
        Time.Advance(LeaseDuration / 2);

        await AppendAsync(begun.Lease, Cut("a|b", "c"));

        (await StateAsync()).Should().Equal(before);
        await CommitAsync(begun.Lease, "answer");
        (await MessagesAsync(begun.Lease.ConversationId)).Select(message => message.Position).Should().Equal(1, 2);
    }

    [Fact, Rule("20.1", "4.3")]
    public async Task Append_renews_nothing()
    {
        var begun = await BeginAsync();
        Time.Advance(LeaseDuration - TimeSpan.FromTicks(1));

        await AppendAsync(begun.Lease, Cut("a"));

        (await Store.BeginTurnAsync(Turn())).Should().Be(new TurnLocked(begun.Lease.ConversationId, begun.Lease.Fence, TimeSpan.FromTicks(1)));
        Time.Advance(TimeSpan.FromTicks(1));
        (await Store.BeginTurnAsync(Turn())).Should().BeOfType<TurnBegun>();
    }

    [Fact, Rule("20.1", "4.5", "4.7")]
    public async Task Append_under_a_lease_that_expired_but_nobody_took_over_is_saved()
    {
        var begun = await BeginAsync();
        await SetStatusAsync(begun.Lease.ConversationId, ConversationStatus.Ended);
        Time.Advance(LeaseDuration * 3);

        var appended = await AppendAsync(begun.Lease, Cut("a"));

        appended.Should().BeTrue();
        (await ReadAsync(begun.Lease)).Segments.Should().ContainSingle();
    }

    [Fact, Rule("20.1", "4.4")]
    public async Task Append_under_a_lease_that_is_no_longer_the_current_one_is_refused()
    {
        var lost = (await BeginAsync()).Lease;
        await AppendAsync(lost, Cut("a"));
        Time.Advance(LeaseDuration);
        var current = (await BeginAsync()).Lease;
        var committed = (await ExchangeAsync(Turn(ScopeOf("user_2")))).Lease;
        var deleted = (await BeginAsync(Turn(ScopeOf("user_3")))).Lease;
        await Store.DeleteConversationAsync(deleted.ConversationId, Host);
        TurnLease[] refused = [lost, committed, deleted, current with { ConversationId = committed.ConversationId }, current with { ConversationId = "conv_unknown" }];

        foreach (var lease in refused)
            (await AppendAsync(lease, Cut("a|b"))).Should().BeFalse();

        (await ReadAsync(lost)).Segments.Should().ContainSingle();
        (await ReadAsync(committed)).Segments.Should().BeEmpty();
        (await ReadAsync(current)).Segments.Should().BeEmpty();
    }

    [Theory, Rule("20.2")]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(4, 2)]
    [InlineData(5, 3)]
    [InlineData(6, 4)]
    [InlineData(7, 4)]
    [InlineData(8, 4)]
    [InlineData(long.MaxValue, 4)]
    [InlineData(long.MinValue, 1)]
    public async Task Read_begins_with_the_last_segment_that_begins_at_the_offset_or_before(long from, int first)
    {
        var begun = await BeginAsync();
        var segments = Cut("ab|cde|f|gh");
        await AppendAsync(begun.Lease, segments);

        var all = await Streams.ReadStreamAsync(StreamCommands.All(begun.Lease, Host) with { From = from });
        var two = await Streams.ReadStreamAsync(StreamCommands.All(begun.Lease, Host) with { From = from, Limit = 2 });

        all!.Segments.Should().Equal(segments.Skip(first - 1));
        two!.Segments.Should().Equal(segments.Skip(first - 1).Take(2));
    }

    [Fact, Rule("20.2", "16.1")]
    public async Task Read_finds_the_run_of_the_conversation_and_its_segments_alone()
    {
        var first = (await BeginAsync()).Lease;
        var second = (await BeginAsync(Turn(ScopeOf("user_2")))).Lease;
        await AppendAsync(first, Cut("a"));
        await AppendAsync(second, Cut("b|c"));
        await CommitAsync(first, "a");
        var third = (await BeginAsync()).Lease;

        (await ReadAsync(first)).Segments.Should().Equal(Cut("a"));
        (await ReadAsync(second)).Segments.Should().Equal(Cut("b|c"));
        (await ReadAsync(third)).Segments.Should().BeEmpty();
        (await ReadAsync(third)).Run.Number.Should().Be(third.Fence);
        TurnLease[] unknown = [first with { ConversationId = second.ConversationId }, first with { Fence = third.Fence + 1 }, first with { ConversationId = "conv_unknown" }];
        foreach (var lease in unknown)
            (await Streams.ReadStreamAsync(StreamCommands.All(lease, Host))).Should().BeNull();
    }

    [Fact, Rule("20.2", "4.3", "14.2")]
    public async Task Read_tells_whether_the_lease_of_the_run_has_expired()
    {
        var begun = await BeginAsync();
        var start = Time.GetUtcNow();
        var expired = new List<bool>();

        foreach (var time in new[] { TimeSpan.Zero, LeaseDuration - TimeSpan.FromTicks(1), LeaseDuration, -LeaseDuration, -LeaseDuration - TimeSpan.FromSeconds(1) })
        {
            Time.SetUtcNow(start + time);
            expired.Add((await ReadAsync(begun.Lease)).IsLeaseExpired);
        }

        expired.Should().Equal(false, false, true, false, true);
    }

    [Fact, Rule("20.2")]
    public async Task Read_of_a_run_that_is_not_running_finds_no_lease_that_expired()
    {
        var committed = (await ExchangeAsync()).Lease;
        var lost = (await BeginAsync()).Lease;
        Time.Advance(LeaseDuration);
        var current = (await BeginAsync()).Lease;

        (await ReadAsync(committed)).IsLeaseExpired.Should().BeFalse();
        (await ReadAsync(lost)).IsLeaseExpired.Should().BeFalse();
        (await ReadAsync(current)).IsLeaseExpired.Should().BeFalse();
        await Store.RenewLeaseAsync(current with { Duration = LeaseDuration * 10 });
        Time.Advance(LeaseDuration * 9);
        (await ReadAsync(current)).IsLeaseExpired.Should().BeFalse();
    }

    [Fact, Rule("20.2", "19.5")]
    public async Task Read_shows_the_run_as_it_is_shown_alone()
    {
        var begun = await BeginAsync();
        await AppendAsync(begun.Lease, Cut("a"));
        await CommitAsync(begun.Lease, "a");
        await AnswerAgainAsync(begun.Lease.ConversationId, input: 1, "b");

        var read = await ReadAsync(begun.Lease);

        read.Run.Should().Be(await RunOfAsync(begun.Lease)).And.Match<ConversationRun>(run => run.Status == RunStatus.Superseded);
        read.Segments.Should().ContainSingle();
    }

    [Fact, Rule("20.4")]
    public async Task Commit_appends_its_own_messages_whatever_was_streamed()
    {
        var begun = await BeginAsync();
        await AppendAsync(begun.Lease, Cut("str|eamed", "and more"));

        (await CommitAsync(begun.Lease, "committed")).Should().BeTrue();

        (await MessagesAsync(begun.Lease.ConversationId)).Select(message => (message.Text, message.IsPartial)).Should().Equal(("hello", false), ("committed", false));
        (await RunOfAsync(begun.Lease)).OutputCount.Should().Be(1);
    }

    [Fact, Rule("20.5", "14.1")]
    public async Task Segments_are_kept_after_the_end_for_as_long_as_the_last_command_said()
    {
        var begun = await BeginAsync();
        var segments = Cut("a|b");
        await AppendAsync(begun.Lease, segments);
        await Streams.AppendSegmentsAsync(StreamCommands.Append(begun.Lease, segments) with { KeepFor = TimeSpan.FromMinutes(3) });
        Time.Advance(TimeSpan.FromDays(400));
        (await ReadAsync(begun.Lease)).Segments.Should().Equal(segments, "the run is running");
        await CommitAsync(begun.Lease, "ab");

        Time.Advance(TimeSpan.FromMinutes(3) - TimeSpan.FromTicks(1));
        var before = await ReadAsync(begun.Lease);
        Time.Advance(TimeSpan.FromTicks(1));
        var after = await ReadAsync(begun.Lease);

        before.Segments.Should().Equal(segments);
        before.Run.Status.Should().Be(RunStatus.Completed);
        after.Segments.Should().BeEmpty();
        after.Run.Should().Be(before.Run);
    }

    [Theory, Rule("20.5")]
    [InlineData(0, false)]
    [InlineData(long.MaxValue, true)]
    public async Task Segments_may_be_kept_for_any_time(long ticks, bool areKept)
    {
        var begun = await BeginAsync();
        await Streams.AppendSegmentsAsync(StreamCommands.Append(begun.Lease, Cut("a")) with { KeepFor = TimeSpan.FromTicks(ticks) });
        await CommitAsync(begun.Lease, "a");

        var read = await ReadAsync(begun.Lease);

        read.Segments.Should().HaveCount(areKept ? 1 : 0);
    }

    [Fact, Rule("20.5")]
    public async Task Other_streams_that_begin_leave_those_alone_that_are_kept()
    {
        var running = (await BeginAsync(Turn(ScopeOf("user_1")))).Lease;
        var kept = (await BeginAsync(Turn(ScopeOf("user_2")))).Lease;
        var over = (await BeginAsync(Turn(ScopeOf("user_3")))).Lease;
        foreach (var (lease, keepFor) in new[] { (running, TimeSpan.Zero), (kept, StreamCommands.KeepFor), (over, TimeSpan.FromSeconds(1)) })
            await Streams.AppendSegmentsAsync(StreamCommands.Append(lease, Cut("a|b")) with { KeepFor = keepFor });
        await CommitAsync(kept, "ab");
        await CommitAsync(over, "ab");
        Time.Advance(StreamCommands.KeepFor - TimeSpan.FromTicks(1));

        for (var next = 4; next < 44; next++)
            await AppendAsync((await BeginAsync(Turn(ScopeOf($"user_{next}")))).Lease, Cut("a"));

        (await ReadAsync(running)).Segments.Should().HaveCount(2);
        (await ReadAsync(kept)).Segments.Should().HaveCount(2);
        (await ReadAsync(over)).Segments.Should().BeEmpty();
    }

    [Theory, Rule("20.5", "13.2")]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Delete_of_a_message_takes_the_segments_of_its_run_and_no_others(int position)
    {
        var first = (await BeginAsync()).Lease;
        await AppendAsync(first, Cut("a|b"));
        await CommitAsync(first, "ab");
        var second = (await BeginAsync()).Lease;
        await AppendAsync(second, Cut("c|d"));

        (await Store.DeleteMessageAsync(first.ConversationId, position, Host)).Should().BeTrue();

        (await ReadAsync(first)).Segments.Should().BeEmpty();
        (await ReadAsync(second)).Segments.Should().Equal(Cut("c|d"));
        (await AppendAsync(second, Cut("c|d|e"))).Should().BeTrue();
        (await ReadAsync(second)).Segments.Should().HaveCount(3);
    }

    [Fact, Rule("20.5", "13.1")]
    public async Task Delete_of_a_conversation_takes_the_segments_of_its_runs_and_no_others()
    {
        var other = (await BeginAsync(Turn(ScopeOf("user_2")))).Lease;
        await AppendAsync(other, Cut("a"));
        var gone = (await BeginAsync()).Lease;
        await AppendAsync(gone, Cut("b"));
        await CommitAsync(gone, "b");
        await AppendAsync((await BeginAsync()).Lease, Cut("c"));

        await Store.DeleteConversationAsync(gone.ConversationId, Host);
        var next = (await BeginAsync()).Lease;

        (await Streams.ReadStreamAsync(StreamCommands.All(gone, Host))).Should().BeNull();
        (await ReadAsync(other)).Segments.Should().ContainSingle();
        (await ReadAsync(next)).Segments.Should().BeEmpty();
    }

    private async Task<bool> AppendAsync(TurnLease lease, params IEnumerable<StreamSegment> segments) =>
        await Streams.AppendSegmentsAsync(StreamCommands.Append(lease, segments));

    private async Task<StreamRead> ReadAsync(TurnLease lease)
    {
        var read = await Streams.ReadStreamAsync(StreamCommands.All(lease, Host));
        return read.Should().NotBeNull().And.BeOfType<StreamRead>().Subject;
    }

    private IReadOnlyList<StreamSegment> Cut(params IEnumerable<string> messages) => StreamCommands.Cut(Time.GetUtcNow(), messages);
}

using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Optional: segments of streamed output.</summary>
public abstract class StreamSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    /// <summary>Gets the names of the members of the feature.</summary>
    public static TheoryData<string> Members => [nameof(IConversationStreamStore.AppendSegmentsAsync), nameof(IConversationStreamStore.ReadSegmentsAsync)];

    /// <summary>Gets the names of texts that are valid content of a segment.</summary>
    public static TheoryData<string> Contents => [.. HostileTexts.ContentNames.Select(row => row.Data).Where(name => name != "empty")];

    private IConversationStreamStore Streams => Store.GetFeature<IConversationStreamStore>() ?? throw new NotSupportedException("The store has no streams. See StoreLacksAttribute.");

    [Fact, Rule("13.1")]
    public async Task AppendSegments_returns_true_when_run_is_open()
    {
        var opened = await OpenAsync();

        Assert.True(await Streams.AppendSegmentsAsync(SegmentsOf(opened, Segment(1))));
    }

    [Fact, Rule("13.1")]
    public async Task AppendSegments_adds_1_to_version_of_the_conversation()
    {
        var opened = await OpenAsync();
        await AppendAsync(opened, Segment(1), Segment(2));

        Assert.Equal(opened.Version + 1, (await LoadAsync(opened.Conversation.Id))?.Version);
    }

    [Fact, Rule("13.1", "2.1")]
    public async Task TryWrite_returns_false_when_segments_were_appended_since()
    {
        var opened = await OpenAsync();
        await AppendAsync(opened, Segment(1));

        await AssertRefusedAsync(Batch(CloseRun(opened)));
    }

    [Fact, Rule("13.1")]
    public async Task AppendSegments_changes_nothing_but_version_and_segments()
    {
        var opened = await OpenAsync();
        await AppendAsync(opened, Segment(1));

        ModelAssert.Equal(opened with { Version = opened.Version + 1 }, await LoadAsync(opened.Conversation.Id));
    }

    [Fact, Rule("13.1")]
    public async Task AppendSegments_does_not_need_the_version()
    {
        var opened = await OpenAsync();
        await WriteAsync(Rename(opened, "title"));

        Assert.True(await Streams.AppendSegmentsAsync(SegmentsOf(opened, Segment(1))));
    }

    [Theory, Rule("13.1")]
    [InlineData(2, 1_001)]
    [InlineData(1, 1_002)]
    [InlineData(0, 1_001)]
    [InlineData(1, 0)]
    public async Task AppendSegments_returns_false_when_number_or_token_differs(long number, long token)
    {
        var opened = await OpenAsync();

        await AssertNotAppendedAsync(SegmentsOf(opened, Segment(1)) with { RunNumber = number, Token = token });
    }

    [Fact, Rule("13.1")]
    public async Task AppendSegments_returns_false_when_run_was_closed()
    {
        var opened = await OpenAsync();
        await WriteAsync(CloseRun(opened));

        await AssertNotAppendedAsync(SegmentsOf(opened, Segment(1)));
    }

    [Fact, Rule("13.1")]
    public async Task AppendSegments_returns_false_when_another_run_is_open()
    {
        var opened = await OpenAsync();
        await WriteAsync(OpenRun(await WriteAsync(CloseRun(opened))));

        await AssertNotAppendedAsync(SegmentsOf(opened, Segment(1)));
    }

    [Fact, Rule("13.1")]
    public async Task AppendSegments_returns_false_when_conversation_was_deleted()
    {
        var opened = await OpenAsync();
        await Store.DeleteConversationAsync(opened.Conversation.Id, Host);

        Assert.False(await Streams.AppendSegmentsAsync(SegmentsOf(opened, Segment(1))));
    }

    [Fact, Rule("13.1")]
    public async Task AppendSegments_skips_segments_whose_number_exists()
    {
        var opened = await OpenAsync();
        await AppendAsync(opened, Segment(1, "a"), Segment(2, "b"));
        await AppendAsync(opened, Segment(1, "x"), Segment(2, "y"), Segment(3, "c"));

        Assert.Equal(["a", "b", "c"], await ContentsAsync(opened));
    }

    [Fact, Rule("13.1")]
    public async Task AppendSegments_appends_none_when_it_fails_in_the_middle()
    {
        var opened = await OpenAsync();
        var failing = new FaultyList<StreamSegment>(() => throw new InvalidOperationException("failed"), Segment(1), Segment(2));
        await Assert.ThrowsAnyAsync<Exception>(async () => await Streams.AppendSegmentsAsync(SegmentsOf(opened) with { Segments = failing }));

        Assert.Empty(await ContentsAsync(opened));
    }

    [Fact, Rule("13.1", "1.1")]
    public async Task AppendSegments_keeps_segments_when_list_changes_after_call()
    {
        var opened = await OpenAsync();
        var segments = new List<StreamSegment> { Segment(1, "a") };
        await Streams.AppendSegmentsAsync(SegmentsOf(opened) with { Segments = segments });

        segments[0] = Segment(1, "changed");
        segments.Add(Segment(2));

        Assert.Equal(["a"], await ContentsAsync(opened));
    }

    [Fact, Rule("1.1")]
    public async Task AppendSegments_appends_segments_as_they_were_passed_when_the_list_changes_before_it_completes()
    {
        var opened = await OpenAsync();
        using var change = new ListChange();

        var appending = Streams.AppendSegmentsAsync(SegmentsOf(opened, change.Of([Segment(1, "passed")], [Segment(1, "changed")])));
        change.Apply();

        Assert.True(await appending);
        Assert.Equal(["passed"], await ContentsAsync(opened));
    }

    [Fact, Rule("13.2")]
    public async Task ReadSegments_returns_segments_as_written_in_order_of_numbers()
    {
        var opened = await OpenAsync();
        StreamSegment[] segments = [.. Enumerable.Range(1, 12).Select(number => Segment(number))];
        foreach (var segment in segments)
            await AppendAsync(opened, segment);

        ModelAssert.Equal(segments, await Streams.ReadSegmentsAsync(RangeOf(opened)));
    }

    [Theory, Rule("13.2", "9.1")]
    [MemberData(nameof(Contents))]
    public async Task ReadSegments_returns_content_to_the_letter(string name)
    {
        var opened = await OpenAsync();
        await AppendAsync(opened, Segment(1, HostileTexts.Get(name)));

        Assert.Equal(HostileTexts.Get(name), Assert.Single(await ContentsAsync(opened)));
    }

    [Theory, Rule("13.2")]
    [InlineData(0, 9, "1 2 3")]
    [InlineData(9, 9, "1 2 3")]
    [InlineData(10, 9, "2 3")]
    [InlineData(19, 9, "2 3")]
    [InlineData(20, 9, "3")]
    [InlineData(99, 9, "3")]
    [InlineData(0, 2, "1 2")]
    [InlineData(10, 1, "2")]
    public async Task ReadSegments_begins_with_the_last_segment_at_the_offset_or_before_it(long from, int limit, string expected)
    {
        var opened = await OpenAsync();
        await AppendAsync(opened, new StreamSegment(1, 0, "a"), new StreamSegment(2, 10, "b"), new StreamSegment(3, 20, "c"));

        var segments = await Streams.ReadSegmentsAsync(RangeOf(opened) with { From = from, Limit = limit });

        Assert.Equal(expected, string.Join(' ', segments.Select(segment => segment.Number)));
    }

    [Fact, Rule("13.2")]
    public async Task ReadSegments_begins_with_the_first_segment_when_none_begins_at_the_offset_or_before_it()
    {
        var opened = await OpenAsync();
        await AppendAsync(opened, new StreamSegment(1, 10, "a"), new StreamSegment(2, 20, "b"));

        Assert.Equal([1, 2], (await Streams.ReadSegmentsAsync(RangeOf(opened) with { From = 9 })).Select(segment => segment.Number));
    }

    [Fact, Rule("13.2")]
    public async Task ReadSegments_returns_segments_of_the_run_and_conversation_only()
    {
        var one = await OpenAsync();
        var other = await OpenAsync();
        await AppendAsync(one, Segment(1, "one"));
        await AppendAsync(other, Segment(1, "other"));

        Assert.Equal(["one"], await ContentsAsync(one));
        Assert.Empty(await Streams.ReadSegmentsAsync(RangeOf(one) with { RunNumber = 2 }));
    }

    [Fact, Rule("13.3")]
    public async Task ReadSegments_returns_segments_until_they_expire()
    {
        var opened = await OpenAsync();
        await CloseStreamedAsync(opened, Time.GetUtcNow().AddTicks(2));
        Time.Advance(TimeSpan.FromTicks(1));
        var conversation = (await LoadAsync(opened.Conversation.Id))!;
        await AppendAsync(await WriteAsync(OpenRun(conversation)), Segment(1));

        Assert.Equal(["a"], await ContentsAsync(opened));
    }

    [Fact, Rule("13.3")]
    public async Task ReadSegments_returns_no_dropped_segments()
    {
        var opened = await OpenAsync();
        var closed = await CloseStreamedAsync(opened, Time.GetUtcNow().AddDays(1));
        await WriteAsync(Touch(closed) with { DroppedSegments = [1] });

        Assert.Empty(await ContentsAsync(opened));
    }

    [Fact, Rule("13.3")]
    public async Task ReadSegments_returns_no_segments_when_the_write_that_closes_the_run_drops_them()
    {
        var opened = await OpenAsync();
        await AppendAsync(opened, Segment(1));
        await WriteAsync(CloseRun((await LoadAsync(opened.Conversation.Id))!) with { DroppedSegments = [1] });

        Assert.Empty(await ContentsAsync(opened));
    }

    [Fact, Rule("13.3")]
    public async Task ReadSegments_returns_segments_of_other_runs_when_segments_were_dropped()
    {
        var first = await OpenAsync();
        var closed = await CloseStreamedAsync(first, Time.GetUtcNow().AddDays(1));
        var second = await WriteAsync(OpenRun(closed));
        await AppendAsync(second, Segment(1, "b"));
        await WriteAsync(Touch((await LoadAsync(second.Conversation.Id))!) with { DroppedSegments = [2, 9] });

        Assert.Equal(["a"], await ContentsAsync(first));
    }

    [Fact, Rule("11.1", "13.3")]
    public async Task DeleteConversation_removes_segments()
    {
        var opened = await OpenAsync();
        await AppendAsync(opened, Segment(1));
        await Store.DeleteConversationAsync(opened.Conversation.Id, Host);
        await WriteAsync(OpenRun(NewConversation() with { Conversation = opened.Conversation with { LastPosition = 0 } }));

        Assert.Empty(await ContentsAsync(opened));
    }

    [Theory, Rule("8.1")]
    [InlineData("user_2", ConversationScope.DefaultProject)]
    [InlineData("user_1", "other")]
    public async Task Segments_are_neither_appended_nor_read_when_out_of_reach(string user, string project)
    {
        var opened = await OpenAsync();
        var access = AccessOf(ScopeOf(user, project: project));
        await AssertNotAppendedAsync(SegmentsOf(opened, Segment(1)) with { Access = access });
        await AppendAsync(opened, Segment(1));

        Assert.Empty(await Streams.ReadSegmentsAsync(RangeOf(opened) with { Access = access }));
    }

    [Theory, Rule("10.1")]
    [MemberData(nameof(Members))]
    public async Task Every_member_throws_when_token_is_canceled_before_the_call(string member)
    {
        var calls = new StoreCalls(Store, await OpenAsync());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calls.CallAsync(member, new CancellationToken(canceled: true)));
    }

    [Theory, Rule("12.2")]
    [MemberData(nameof(Members))]
    public async Task Every_member_throws_when_store_was_disposed(string member)
    {
        var calls = new StoreCalls(Store, await OpenAsync());
        await Store.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => calls.CallAsync(member, CancellationToken.None));
    }

    [Fact, Rule("13.1", "2.4")]
    public async Task AppendSegments_appends_none_when_the_run_is_closed_at_the_same_time()
    {
        for (var round = 0; round < 5; round++)
        {
            var opened = await OpenAsync();

            var written = await RaceAsync(2, runner => runner == 0
                ? Streams.AppendSegmentsAsync(SegmentsOf(opened, Segment(1))).AsTask()
                : Store.TryWriteAsync(Batch(CloseRun(opened))).AsTask());

            Assert.Equal(1, written.Count(isWritten => isWritten));
            Assert.Equal(written[0] ? 1 : 0, (await ContentsAsync(opened)).Count);
        }
    }

    private static StreamSegment Segment(int number, string content = "a") => new(number, number - 1, content);

    private static SegmentBatch SegmentsOf(StoredConversation opened, params IReadOnlyList<StreamSegment> segments) => new()
    {
        Access = Host,
        ConversationId = opened.Conversation.Id,
        RunNumber = opened.LastRun,
        Token = opened.OpenRun!.Token,
        Segments = segments,
    };

    private static SegmentRange RangeOf(StoredConversation opened) =>
        new() { Access = Host, ConversationId = opened.Conversation.Id, RunNumber = opened.LastRun, Limit = int.MaxValue };

    private async Task<StoredConversation> OpenAsync() => await WriteAsync(OpenRun(await CreateAsync(), null, User()));

    private async Task AppendAsync(StoredConversation opened, params IReadOnlyList<StreamSegment> segments) =>
        Assert.True(await Streams.AppendSegmentsAsync(SegmentsOf(opened, segments)), "The store did not append segments to an open run.");

    private async Task<StoredConversation> CloseStreamedAsync(StoredConversation opened, DateTimeOffset expiresAt)
    {
        await AppendAsync(opened, Segment(1, "a"));
        var write = CloseRun((await LoadAsync(opened.Conversation.Id))!);
        return await WriteAsync(write with { Runs = [write.Runs[0] with { SegmentsExpireAt = expiresAt }] });
    }

    private async Task<IReadOnlyList<string>> ContentsAsync(StoredConversation opened) =>
        [.. (await Streams.ReadSegmentsAsync(RangeOf(opened))).Select(segment => segment.Content)];

    private async Task AssertNotAppendedAsync(SegmentBatch batch)
    {
        var before = await SnapshotAsync(Store);

        var isAppended = await Streams.AppendSegmentsAsync(batch);

        Assert.False(isAppended, "The store appended segments although the run does not hold the lease.");
        ModelAssert.Equal(before, await SnapshotAsync(Store), "The contents of the store before and after segments that were not appended");
    }
}

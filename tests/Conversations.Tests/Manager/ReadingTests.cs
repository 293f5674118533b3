namespace Conversations.Tests.Manager;

public sealed class ReadingTestsInMemory : ReadingTests<InMemory>;

public sealed class ReadingTestsOnSqlite : ReadingTests<Sqlite>;

public abstract class ReadingTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task List_reads_all_pages_newest_activity_first()
    {
        var ids = await ManyAsync(7);
        await AskAsync(new TurnRequest(Bot, "again") { ConversationId = ids[2] });

        var listed = await Alice.ListAsync(new ConversationQuery { PageSize = 3 }, Cancellation).Select(conversation => conversation.Id).ToListAsync(Cancellation);

        listed.Should().Equal(ids[2], ids[6], ids[5], ids[4], ids[3], ids[1], ids[0]);
    }

    [Fact]
    public async Task ListPage_returns_a_cursor_while_there_are_more_rows()
    {
        var ids = await ManyAsync(4);
        var query = new ConversationQuery { PageSize = 2 };

        var first = await Alice.ListPageAsync(query, cancellationToken: Cancellation);
        var second = await Alice.ListPageAsync(query, first.NextCursor, Cancellation);

        first.Items.Select(conversation => conversation.Id).Should().Equal(ids[3], ids[2]);
        second.Items.Select(conversation => conversation.Id).Should().Equal(ids[1], ids[0]);
        second.NextCursor.Should().BeNull();
    }

    [Fact]
    public async Task List_narrows_by_every_filter()
    {
        var early = Time.GetUtcNow();
        var chat = await AskAsync();
        Time.Advance(TimeSpan.FromMinutes(1));
        var api = await AskAsync(new TurnRequest(Bot, "hello") { Channel = "api" });
        var thread = await AskAsync(new TurnRequest("patient-bot", "hello") { Thread = "order-7" });
        var bob = await Bob.RunTurnAsync(Bot, "hello", Say("hi"), Cancellation);
        await Bob.EndAsync(bob.ConversationId!, Cancellation);
        Dictionary<ConversationQuery, string?[]> expected = new()
        {
            [new() { Agent = "patient-bot" }] = [thread.ConversationId],
            [new() { UserId = "alice" }] = [chat.ConversationId, api.ConversationId],
            [new() { Channel = "api" }] = [api.ConversationId],
            [new() { Thread = "order-7" }] = [thread.ConversationId],
            [new() { Status = ConversationStatus.Ended }] = [bob.ConversationId],
            [new() { LastRunStatus = RunStatus.Completed, Status = ConversationStatus.Ended }] = [bob.ConversationId],
            [new() { LastRunStatus = RunStatus.Failed }] = [],
            [new() { ActiveBefore = early.AddTicks(1) }] = [chat.ConversationId],
            [new() { ActiveFrom = early.AddTicks(1), Channel = "chat" }] = [bob.ConversationId],
        };

        foreach (var (query, ids) in expected)
        {
            var listed = await Manager.ListAsync(query, Cancellation).Select(conversation => conversation.Id).ToListAsync(Cancellation);
            listed.Should().BeEquivalentTo(ids, "{0}", query);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("%%%")]
    [InlineData("bGlzdHwtMXx4")]
    [InlineData("bGlzdHw5OTk5OTk5OTk5OTk5OTk5OTk5fHg")]
    public async Task ListPage_with_an_unknown_cursor_is_refused(string cursor)
    {
        var listing = () => Alice.ListPageAsync(cursor: cursor, cancellationToken: Cancellation);

        await listing.Should().ThrowAsync<ArgumentException>().WithParameterName("cursor");
    }

    [Fact]
    public async Task Page_with_a_cursor_of_another_list_is_refused()
    {
        var result = await AskAsync();
        await AskAsync();
        var other = await AskAsync(new TurnRequest(Bot, "hello") { StartNew = true });
        var query = new MessageQuery { PageSize = 1 };
        var cursor = (await Alice.GetMessagePageAsync(result.ConversationId!, query, cancellationToken: Cancellation)).NextCursor;
        var runs = (await Alice.GetRunPageAsync(result.ConversationId!, pageSize: 1, cancellationToken: Cancellation)).NextCursor;
        var changed = (await Alice.GetMessagePageAsync(result.ConversationId!, query with { After = 1 }, cancellationToken: Cancellation)).NextCursor;
        Func<Task>[] readings =
        [
            () => Alice.GetMessagePageAsync(other.ConversationId!, query, cursor, Cancellation),
            () => Alice.GetMessagePageAsync(result.ConversationId!, query with { NewestFirst = true }, cursor, Cancellation),
            () => Alice.GetMessagePageAsync(result.ConversationId!, query with { After = 1 }, cursor, Cancellation),
            () => Alice.GetMessagePageAsync(result.ConversationId!, query, changed, Cancellation),
            () => Alice.GetMessagePageAsync(other.ConversationId!, query with { After = 1 }, changed, Cancellation),
            () => Alice.GetMessagePageAsync(result.ConversationId!, query with { After = 1, NewestFirst = true }, changed, Cancellation),
            () => Alice.ListPageAsync(cursor: cursor, cancellationToken: Cancellation),
            () => Alice.GetRunPageAsync(result.ConversationId!, cursor, cancellationToken: Cancellation),
            () => Alice.GetRunPageAsync(other.ConversationId!, runs, cancellationToken: Cancellation),
        ];

        foreach (var reading in readings)
            await reading.Should().ThrowAsync<ArgumentException>().WithParameterName("cursor");
    }

    [Fact]
    public async Task GetRunPage_returns_a_cursor_while_there_are_more_rows()
    {
        var runs = new List<string?>();
        for (var i = 0; i < 5; i++)
            runs.Add((await AskAsync()).RunId);
        var id = (await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation))!.Id;

        var first = await Alice.GetRunPageAsync(id, pageSize: 2, cancellationToken: Cancellation);
        var second = await Alice.GetRunPageAsync(id, first.NextCursor, 2, Cancellation);
        var third = await Alice.GetRunPageAsync(id, second.NextCursor, 2, Cancellation);

        first.Items.Concat(second.Items).Concat(third.Items).Select(run => run.Id).Should().Equal(runs[4], runs[3], runs[2], runs[1], runs[0]);
        third.NextCursor.Should().BeNull();
    }

    [Fact]
    public async Task GetRuns_reads_all_pages_newest_first()
    {
        for (var i = 0; i < 51; i++)
            await AskAsync();
        var id = (await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation))!.Id;

        var numbers = await Alice.GetRunsAsync(id, Cancellation).Select(run => run.Number).ToListAsync(Cancellation);

        numbers.Should().HaveCount(51).And.BeInDescendingOrder();
    }

    [Fact]
    public async Task GetRunPage_is_empty_for_an_empty_conversation_and_not_found_for_an_unknown_one()
    {
        var empty = await Alice.CreateAsync(Bot, cancellationToken: Cancellation);

        var none = () => Alice.GetRunPageAsync("conv_none", cancellationToken: Cancellation);

        (await Alice.GetRunPageAsync(empty.Id, cancellationToken: Cancellation)).Items.Should().BeEmpty();
        await none.Should().ThrowAsync<ConversationNotFoundException>();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task GetRunPage_with_a_size_out_of_bounds_is_refused(int size)
    {
        var reading = () => Alice.GetRunPageAsync("conv_none", pageSize: size, cancellationToken: Cancellation);

        await reading.Should().ThrowAsync<ArgumentOutOfRangeException>().WithParameterName("pageSize");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public void PageSize_out_of_bounds_is_refused(int size)
    {
        var conversations = () => new ConversationQuery { PageSize = size };
        var messages = () => new MessageQuery { PageSize = size };

        conversations.Should().Throw<ArgumentOutOfRangeException>().WithParameterName("PageSize");
        messages.Should().Throw<ArgumentOutOfRangeException>().WithParameterName("PageSize");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetMessages_reads_every_message_in_either_order(bool newestFirst)
    {
        for (var i = 0; i < 4; i++)
            await AskAsync($"question {i}", $"answer {i}");
        var id = (await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation))!.Id;

        var positions = await Alice.GetMessagesAsync(id, new MessageQuery { PageSize = 3, NewestFirst = newestFirst }, Cancellation)
            .Select(message => message.Position).ToListAsync(Cancellation);

        positions.Should().Equal(newestFirst ? [8, 7, 6, 5, 4, 3, 2, 1] : [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    [Fact]
    public async Task GetMessages_is_empty_for_an_empty_conversation_and_not_found_for_an_unknown_one()
    {
        var empty = await Alice.CreateAsync(Bot, cancellationToken: Cancellation);

        var none = () => Alice.GetMessagesAsync("conv_none", cancellationToken: Cancellation).ToListAsync(Cancellation).AsTask();

        (await Alice.GetMessagesAsync(empty.Id, cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().BeEmpty();
        await none.Should().ThrowAsync<ConversationNotFoundException>();
    }

    [Theory]
    [InlineData("run_none")]
    [InlineData("conv_1")]
    [InlineData("run_0_99999999999999999999")]
    public async Task GetRun_is_null_when_there_is_no_such_run(string id) => (await Alice.GetRunAsync(id, Cancellation)).Should().BeNull();

    [Theory]
    [InlineData(49)]
    [InlineData(50)]
    [InlineData(51)]
    [InlineData(101)]
    public async Task GetRuns_reads_every_run_newest_first(int count)
    {
        var asked = new List<TurnResult>();
        for (var i = 0; i < count; i++)
            asked.Add(await AskAsync());

        var runs = await Alice.GetRunsAsync(asked[0].ConversationId!, Cancellation).ToListAsync(Cancellation);

        runs.Select(run => run.Id).Should().Equal(asked.Select(result => result.RunId).Reverse());
        runs[0].Should().Be(await Alice.GetRunAsync(asked[^1].RunId!, Cancellation));
    }

    [Fact]
    public async Task GetRuns_is_empty_without_runs_and_not_found_for_an_unknown_conversation()
    {
        var empty = await Alice.CreateAsync(Bot, cancellationToken: Cancellation);

        var none = () => Alice.GetRunsAsync("conv_none", Cancellation).ToListAsync(Cancellation).AsTask();

        (await Alice.GetRunsAsync(empty.Id, Cancellation).ToListAsync(Cancellation)).Should().BeEmpty();
        await none.Should().ThrowAsync<ConversationNotFoundException>();
    }

    private async Task<List<string>> ManyAsync(int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            ids.Add((await AskAsync(new TurnRequest(Bot, "hello") { StartNew = true })).ConversationId!);
        }

        Time.Advance(TimeSpan.FromSeconds(1));
        return ids;
    }
}

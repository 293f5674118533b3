using Conversations.Storage;

namespace Conversations.Tests.Manager;

/// <summary>Callers that read what is new since they have read last.</summary>
public abstract class NewMessageTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task GetMessages_returns_what_follows_a_position_or_an_id()
    {
        var one = await AskAsync("one", "1");
        await AskAsync("two", "2");

        (await NewAsync(one, new MessageQuery { After = 2 })).Should().Equal("two", "2");
        (await NewAsync(one, new MessageQuery { AfterMessageId = one.ReplyMessageId })).Should().Equal("two", "2");
        (await NewAsync(one, new MessageQuery { After = 2, NewestFirst = true, PageSize = 1 })).Should().Equal("2", "two");
        (await NewAsync(one, new MessageQuery { After = 0, PageSize = 1 })).Should().Equal("one", "1", "two", "2");
        (await NewAsync(one, new MessageQuery { After = 4 })).Should().BeEmpty();
        (await NewAsync(one, new MessageQuery { After = long.MaxValue })).Should().BeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetMessages_returns_an_answer_that_was_superseded_since_with_its_mark(bool newestFirst)
    {
        var one = await AskAsync("one", "1");
        var again = await Alice.RegenerateAsync(one.ReplyMessageId!, Say("2"), Cancellation);

        var read = await NewAsync(one, new MessageQuery { After = 2, NewestFirst = newestFirst, PageSize = 1 });

        read.Should().BeEquivalentTo("1 superseded by 2", "2");
        (await NewAsync(one, new MessageQuery { AfterMessageId = again.ReplyMessageId })).Should().BeEmpty("the caller has seen it");
    }

    [Fact]
    public async Task GetMessages_returns_what_a_replacement_superseded_to_a_caller_that_knew_its_input()
    {
        var one = await AskAsync("one", "1");
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "uno") { ReplaceMessageId = one.InputMessageId }, Cancellation);
        var pending = await NewAsync(one, new MessageQuery { After = 2 });
        turn.Add(ConversationMessage.Assistant("eins"));

        await turn.CommitAsync(Cancellation);

        pending.Should().Equal("uno superseded by 2");
        (await NewAsync(one, new MessageQuery { After = 3 })).Should().Equal("one superseded by 2", "1 superseded by 2", "uno", "eins");
    }

    [Fact]
    public async Task GetMessages_returns_a_single_message_that_was_superseded_or_restored()
    {
        var one = await AskAsync("one", "1");
        var two = await AskAsync("two", "2");
        await AskAsync("three", "3");

        await Alice.SupersedeMessageAsync(two.ReplyMessageId!, cancellationToken: Cancellation);
        var superseded = await NewAsync(one, new MessageQuery { After = 6 });
        await Alice.RestoreAsync(two.ReplyMessageId!, cancellationToken: Cancellation);
        var restored = await NewAsync(one, new MessageQuery { After = 6 });

        superseded.Should().Equal("2 superseded by 4", "three", "3");
        restored.Should().Equal("2", "three", "3");
    }

    [Fact]
    public async Task GetMessages_returns_a_restored_answer_and_what_it_replaces()
    {
        var one = await AskAsync("one", "1");
        var again = await Alice.RegenerateAsync(one.ReplyMessageId!, Say("2"), Cancellation);

        await Alice.RestoreAsync(one.ReplyMessageId!, cancellationToken: Cancellation);

        (await NewAsync(one, new MessageQuery { AfterMessageId = again.ReplyMessageId })).Should().Equal("1", "2 superseded by 3");
    }

    [Fact]
    public async Task GetMessages_returns_changes_to_imported_messages()
    {
        var imported = await Manager.ImportAsync(new ConversationImport(Bot, [ConversationMessage.User("one"), ConversationMessage.Assistant("1"), ConversationMessage.User("two"), ConversationMessage.Assistant("2")]) { Identity = ConversationIdentity.ForUser("alice") }, Cancellation);
        var messages = await Alice.GetMessagesAsync(imported.Id, cancellationToken: Cancellation).ToListAsync(Cancellation);

        await Alice.SupersedeMessageAsync(messages[1].Id!, cancellationToken: Cancellation);

        (await TextsAsync(imported.Id, new MessageQuery { After = 4 })).Should().Equal("1 superseded by 1", "two", "2");
    }

    [Theory]
    [InlineData(false, 4)]
    [InlineData(true, 4)]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    public async Task GetMessages_loses_no_mark_if_messages_are_superseded_between_pages(bool newestFirst, int pageSize)
    {
        var one = await AskAsync("one", "1");
        await AskAsync("two", "2");
        await AskAsync("three", "3");
        var known = new Dictionary<long, bool>();
        var query = new MessageQuery { After = 0, PageSize = pageSize, NewestFirst = newestFirst };

        // A conversation that changes before every further page does not keep the caller reading.
        var pages = 0;
        string? cursor = null;
        do
        {
            var page = await Alice.GetMessagePageAsync(one.ConversationId!, query, cursor, Cancellation);
            Take(page.Items);
            cursor = page.NextCursor;
            await Alice.RegenerateAsync(one.InputMessageId!, Say("again"), Cancellation);
            pages++;
        }
        while (cursor is not null && pages < 10);
        Take(await Alice.GetMessagesAsync(one.ConversationId!, new MessageQuery { After = known.Keys.Max() }, Cancellation).ToListAsync(Cancellation));

        pages.Should().Be((6 + pageSize - 1) / pageSize);
        var stored = await Alice.GetMessagesAsync(one.ConversationId!, new MessageQuery { IncludeSuperseded = true }, Cancellation).ToListAsync(Cancellation);
        known.Should().BeEquivalentTo(stored.ToDictionary(message => message.Position, message => message.IsSuperseded));

        void Take(IReadOnlyList<StoredMessage> messages)
        {
            foreach (var message in messages)
                known[message.Position] = message.IsSuperseded;
        }
    }

    [Fact]
    public async Task GetMessages_loses_no_mark_of_a_turn_that_was_open_when_its_input_was_read()
    {
        var one = await AskAsync("one", "1");
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "uno") { ReplaceMessageId = one.InputMessageId }, Cancellation);
        var query = new MessageQuery { After = 0, PageSize = 2 };
        var first = await Alice.GetMessagePageAsync(one.ConversationId!, query, cancellationToken: Cancellation);
        turn.Add(ConversationMessage.Assistant("eins"));
        await turn.CommitAsync(Cancellation);

        var second = await Alice.GetMessagePageAsync(one.ConversationId!, query, first.NextCursor, Cancellation);

        second.Should().BeEquivalentTo(new { NextCursor = (string?)null, Items = new[] { new { Text = "uno" } } });
        (await NewAsync(one, new MessageQuery { After = second.Items[0].Position })).Should().Equal("one superseded by 2", "1 superseded by 2", "uno", "eins");
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 2)]
    public async Task GetMessages_looks_for_changes_once_for_all_pages(long known, int reads)
    {
        var one = await AskAsync("one", "1");
        await Alice.RegenerateAsync(one.ReplyMessageId!, Say("1, rather"), Cancellation);
        for (var i = 0; i < 10; i++)
            await AskAsync("more");
        var store = new RunReadingStore(Store);
        await using var manager = new ConversationManager(store, Options(), Time, Log);

        var read = await manager.ForIdentity(ConversationIdentity.ForUser("alice")).GetMessagesAsync(one.ConversationId!, new MessageQuery { After = known, PageSize = 1 }, Cancellation).CountAsync(Cancellation);

        read.Should().BeGreaterThan(20);
        store.Reads.Should().Be(reads, "the run of the known message and those after it are read");
    }

    [Fact]
    public async Task Query_that_contradicts_itself_is_refused()
    {
        var one = await AskAsync("one", "1");
        var other = await Bob.RunTurnAsync(Bot, "hello", Say("hi"), Cancellation);
        foreach (var query in new[] { new MessageQuery { After = 1, AfterMessageId = one.ReplyMessageId }, new() { AfterMessageId = other.ReplyMessageId }, new() { AfterMessageId = "nonsense" } })
            await FluentActions.Awaiting(() => Alice.GetMessagePageAsync(one.ConversationId!, query, cancellationToken: Cancellation)).Should().ThrowAsync<ArgumentException>().WithParameterName("query");
        FluentActions.Invoking(() => new MessageQuery { After = -1 }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("value");
        await FluentActions.Awaiting(() => Alice.GetMessagePageAsync(other.ConversationId!, new MessageQuery { After = 1 }, cancellationToken: Cancellation)).Should().ThrowAsync<ConversationNotFoundException>();
    }

    private Task<List<string>> NewAsync(TurnResult result, MessageQuery query) => TextsAsync(result.ConversationId!, query);

    private async Task<List<string>> TextsAsync(string conversationId, MessageQuery query) =>
        await Alice.GetMessagesAsync(conversationId, query, Cancellation).Select(message => message.SupersededBy is { } by ? $"{message.Text} superseded by {by}" : message.Text).ToListAsync(Cancellation);
}

public sealed class NewMessageTestsInMemory : NewMessageTests<InMemory>;

public sealed class NewMessageTestsOnSqlite : NewMessageTests<Sqlite>;

/// <summary>Counts how often runs are read.</summary>
internal sealed class RunReadingStore(IConversationStore inner) : DelegatingConversationStore(inner)
{
    public int Reads { get; private set; }

    public override ValueTask<IReadOnlyList<StoredRun>> ReadRunsAsync(RunRange range, CancellationToken cancellationToken = default)
    {
        Reads++;
        return base.ReadRunsAsync(range, cancellationToken);
    }
}

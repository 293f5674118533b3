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

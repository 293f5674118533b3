using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Messages are read between two positions, in either direction.</summary>
public abstract class MessagePageSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    private const string Counter = "counter";

    [Theory, Rule("5.4")]
    [InlineData(0L, null, "1 2 3 4 5")]
    [InlineData(2L, null, "3 4 5")]
    [InlineData(0L, 4L, "1 2 3")]
    [InlineData(1L, 5L, "2 3 4")]
    [InlineData(4L, 9L, "5")]
    [InlineData(3L, 4L, "")]
    [InlineData(4L, 3L, "")]
    [InlineData(5L, null, "")]
    [InlineData(0L, 1L, "")]
    [InlineData(0L, long.MaxValue, "1 2 3 4 5")]
    [InlineData(long.MaxValue, null, "")]
    public async Task ReadMessages_returns_messages_between_positions_in_both_directions(long after, long? before, string expected)
    {
        var created = await CreateNumberedAsync(5);
        var range = AllMessages(created.Conversation.Id) with { After = after, Before = before };

        var forward = await TextsAsync(range);
        var backward = await TextsAsync(range with { NewestFirst = true });

        Assert.Equal(expected, string.Join(' ', forward));
        Assert.Equal(expected, string.Join(' ', backward.Reverse()));
    }

    [Theory, Rule("5.4")]
    [InlineData(false, "1 2")]
    [InlineData(true, "3 2")]
    public async Task ReadMessages_returns_at_most_limit(bool newestFirst, string expected)
    {
        var created = await CreateNumberedAsync(3);

        Assert.Equal(expected, string.Join(' ', await TextsAsync(AllMessages(created.Conversation.Id) with { NewestFirst = newestFirst, Limit = 2 })));
    }

    [Theory, Rule("5.4")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ReadMessages_returns_each_message_once_page_by_page(bool newestFirst)
    {
        var created = await CreateNumberedAsync(7);
        await WriteAsync(Touch(created) with { DeletedMessages = [3] });
        var range = AllMessages(created.Conversation.Id) with { NewestFirst = newestFirst, Limit = 2 };

        var read = new List<string>();
        for (var page = await Store.ReadMessagesAsync(range); page.Count > 0 && read.Count < 10; page = await Store.ReadMessagesAsync(range))
        {
            read.AddRange(page.Select(message => message.Text));
            range = newestFirst ? range with { Before = page[^1].Position } : range with { After = page[^1].Position };
        }

        Assert.Equal(newestFirst ? "7 6 5 4 2 1" : "1 2 4 5 6 7", string.Join(' ', read));
    }

    [Fact, Rule("5.4")]
    public async Task ReadMessages_accepts_positions_of_deleted_messages_as_bounds()
    {
        var created = await CreateNumberedAsync(5);
        await WriteAsync(Touch(created) with { DeletedMessages = [2, 4] });

        Assert.Equal(["3"], await TextsAsync(AllMessages(created.Conversation.Id) with { After = 2, Before = 4 }));
    }

    [Fact, Rule("5.4")]
    public async Task ReadMessages_returns_messages_of_all_kinds()
    {
        var created = await CreateAsync(
            Stored(ConversationMessage.System("s")),
            User(),
            Assistant() with { SupersededBy = 7 },
            Error(),
            Stored(ConversationMessage.ToolCall("c", "tool", "{}")),
            Stored(ConversationMessage.ToolResult("c", "r")));

        Assert.Equal([1, 2, 3, 4, 5, 6], (await MessagesAsync(created.Conversation.Id)).Select(message => message.Position));
    }

    [Theory, Rule("5.4")]
    [InlineData(true, false, false, "1 2 4")]
    [InlineData(false, true, false, "1 3 4")]
    [InlineData(true, true, false, "1 4 5")]
    [InlineData(true, true, true, "6 5 4")]
    public async Task ReadMessages_skips_kinds_without_counting_them(bool currentOnly, bool skipErrors, bool newestFirst, string expected)
    {
        var created = await CreateAsync(User(), Error(), Assistant() with { SupersededBy = 7 }, User(), User(), User());
        var range = AllMessages(created.Conversation.Id) with { CurrentOnly = currentOnly, SkipErrors = skipErrors, NewestFirst = newestFirst, Limit = 3 };

        Assert.Equal(expected, string.Join(' ', (await Store.ReadMessagesAsync(range)).Select(message => message.Position)));
    }

    [Theory, Rule("5.3")]
    [InlineData(false, "1 2")]
    [InlineData(true, "4")]
    public async Task ReadMessages_stops_before_the_message_that_exceeds_the_token_limit(bool newestFirst, string expected)
    {
        var created = await CreateAsync([.. Enumerable.Range(1, 4).Select(number => User($"{number}") with { Tokens = new TokenAmount(number, Counter) })]);
        var range = AllMessages(created.Conversation.Id) with { NewestFirst = newestFirst, TokenLimit = new TokenAmount(5, Counter) };

        Assert.Equal(expected, string.Join(' ', await TextsAsync(range)));
    }

    [Fact, Rule("5.3")]
    public async Task ReadMessages_does_not_count_tokens_of_another_counter_or_of_skipped_messages()
    {
        var created = await CreateAsync(
            User("1") with { Tokens = new TokenAmount(9, "Counter") },
            User("2") with { Tokens = new TokenAmount(9, Counter), SupersededBy = 7 },
            User("3"),
            User("4") with { Tokens = new TokenAmount(5, Counter) });
        var range = AllMessages(created.Conversation.Id) with { CurrentOnly = true, TokenLimit = new TokenAmount(5, Counter) };

        Assert.Equal(["1", "3", "4"], await TextsAsync(range));
    }

    [Theory, Rule("5.3")]
    [InlineData(false, "1  3")]
    [InlineData(true, "3  1")]
    public async Task ReadMessages_returns_message_without_content_when_it_exceeds_the_token_limit_by_itself(bool newestFirst, string expected)
    {
        var created = await CreateAsync([.. new[] { 1, 9, 2 }.Select((tokens, index) => User($"{index + 1}") with { Tokens = new TokenAmount(tokens, Counter) })]);
        var range = AllMessages(created.Conversation.Id) with { NewestFirst = newestFirst, TokenLimit = new TokenAmount(3, Counter) };

        Assert.Equal(expected, string.Join(' ', await TextsAsync(range)));
    }

    [Theory, Rule("5.4")]
    [InlineData(MessageRole.User, "1 4")]
    [InlineData(MessageRole.Assistant, "2 3")]
    [InlineData(MessageRole.Tool, "")]
    public async Task ReadMessages_returns_messages_of_the_role_without_counting_others(MessageRole role, string expected)
    {
        var created = await CreateAsync(User("1"), Assistant("2"), Assistant("3"), User("4"));
        var range = AllMessages(created.Conversation.Id) with { Role = role, Limit = 2 };

        Assert.Equal(expected, string.Join(' ', await TextsAsync(range)));
    }

    [Fact, Rule("5.4")]
    public async Task ReadMessages_returns_empty_when_conversation_does_not_exist()
    {
        await CreateNumberedAsync(1);

        Assert.Empty(await MessagesAsync("conv_unknown"));
    }
}

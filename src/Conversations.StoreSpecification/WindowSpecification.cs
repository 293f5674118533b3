using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>The window and the summary that are loaded with a conversation.</summary>
public abstract class WindowSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    private const string Counter = "counter";

    [Theory, Rule("5.1")]
    [InlineData(1, "3")]
    [InlineData(2, "2 3")]
    [InlineData(3, "1 2 3")]
    [InlineData(4, "1 2 3")]
    [InlineData(int.MaxValue, "1 2 3")]
    public async Task Load_returns_newest_messages_oldest_first(int limit, string expected)
    {
        var created = await CreateNumberedAsync(3);

        Assert.Equal(expected.Split(' '), await WindowAsync(created.Conversation.Id, new WindowSize(limit)));
    }

    [Fact, Rule("5.1")]
    public async Task Load_returns_no_messages_when_no_window_is_requested()
    {
        var created = await CreateNumberedAsync(1);

        Assert.Empty((await Store.LoadAsync(ById(created.Conversation.Id))).Window);
    }

    [Fact, Rule("5.1")]
    public async Task Load_returns_empty_window_when_conversation_has_no_messages()
    {
        var created = await CreateAsync();

        Assert.Empty(await WindowAsync(created.Conversation.Id, new WindowSize(9)));
    }

    [Fact, Rule("5.1")]
    public async Task Load_returns_window_by_scope()
    {
        await CreateCurrentAsync(null, User("1"), User("2"));

        var state = await Store.LoadAsync(ByScope() with { Window = new WindowSize(1) });

        Assert.Equal("2", Assert.Single(state.Window).Text);
    }

    [Fact, Rule("5.1")]
    public async Task Load_returns_same_messages_in_window_as_ReadMessages()
    {
        var created = await CreateAsync(User() with { Metadata = """{"a":1}""", Tokens = new TokenAmount(3, Counter), RunNumber = 4, IsPartial = true }, Assistant());

        var state = await Store.LoadAsync(ById(created.Conversation.Id) with { Window = new WindowSize(9) });

        ModelAssert.Equal(await MessagesAsync(created.Conversation.Id), state.Window);
    }

    [Fact, Rule("5.1")]
    public async Task Load_skips_errors_without_counting_them()
    {
        var created = await CreateAsync(User("1"), Error("2"), User("3"), Error("4"));

        Assert.Equal(["1", "3"], await WindowAsync(created.Conversation.Id, new WindowSize(2)));
    }

    [Fact, Rule("5.1")]
    public async Task Load_skips_superseded_messages_without_counting_them()
    {
        var created = await CreateNumberedAsync(4);
        await WriteAsync(Touch(created) with { Superseded = [new SupersededChange(2, 2, null, 7), new SupersededChange(4, 4, null, 7)] });

        Assert.Equal(["1", "3"], await WindowAsync(created.Conversation.Id, new WindowSize(2)));
    }

    [Fact, Rule("5.1")]
    public async Task Load_skips_deleted_messages_without_counting_them()
    {
        var created = await CreateNumberedAsync(4);
        await WriteAsync(Touch(created) with { DeletedMessages = [2, 4] });

        Assert.Equal(["1", "3"], await WindowAsync(created.Conversation.Id, new WindowSize(2)));
    }

    [Fact, Rule("5.1")]
    public async Task Load_returns_tool_calls_and_results_and_system_messages_in_window()
    {
        var created = await CreateAsync(
            Stored(ConversationMessage.System("s")),
            Stored(ConversationMessage.ToolCall("c", "tool", "{}")),
            Stored(ConversationMessage.ToolResult("c", "r", isError: true)));

        var state = await Store.LoadAsync(ById(created.Conversation.Id) with { Window = new WindowSize(9) });

        Assert.Equal([1, 2, 3], state.Window.Select(message => message.Position));
    }

    [Theory, Rule("5.3")]
    [InlineData(50, "5")]
    [InlineData(89, "5")]
    [InlineData(90, "4 5")]
    [InlineData(119, "4 5")]
    [InlineData(120, "3 4 5")]
    [InlineData(150, "1 2 3 4 5")]
    public async Task Load_stops_before_the_message_that_exceeds_the_token_limit(int limit, string expected)
    {
        var created = await CreateAsync([.. new[] { 10, 20, 30, 40, 50 }.Select((tokens, index) => Counted($"{index + 1}", tokens))]);

        Assert.Equal(expected.Split(' '), await WindowAsync(created.Conversation.Id, new WindowSize(9, new TokenAmount(limit, Counter))));
    }

    [Fact, Rule("5.3")]
    public async Task Load_returns_message_without_content_when_it_exceeds_the_token_limit_by_itself()
    {
        var created = await CreateAsync(Counted("1", 1), Stored(ConversationMessage.ToolResult("c", "2")) with { Metadata = "{}", IsPartial = true, RunNumber = 4, Tokens = new TokenAmount(3, Counter) }, Counted("3", 1));

        var window = (await Store.LoadAsync(ById(created.Conversation.Id) with { Window = new WindowSize(9, new TokenAmount(2, Counter)) })).Window;

        Assert.Equal(["1", "", "3"], window.Select(message => message.Text));
        Assert.Equal("CONTENT_OMITTED", Assert.IsType<ErrorPart>(Assert.Single(window[1].Parts)).Code);
        Assert.Equal((MessageRole.Tool, true, 4L, new TokenAmount(3, Counter), null), (window[1].Role, window[1].IsPartial, window[1].RunNumber, window[1].Tokens, window[1].Metadata));
    }

    [Fact, Rule("5.3")]
    public async Task Load_does_not_count_message_that_exceeds_the_token_limit_by_itself()
    {
        var created = await CreateAsync(Counted("1", 1), Counted("2", 2), Counted("3", 9), Counted("4", 2));

        Assert.Equal(["2", "", "4"], await WindowAsync(created.Conversation.Id, new WindowSize(9, new TokenAmount(4, Counter))));
    }

    [Fact, Rule("5.3")]
    public async Task Load_does_not_count_tokens_of_another_counter()
    {
        var created = await CreateAsync(Counted("1", 2), User("2") with { Tokens = new TokenAmount(100, "Counter") }, User("3"));

        Assert.Equal(["1", "2", "3"], await WindowAsync(created.Conversation.Id, new WindowSize(9, new TokenAmount(2, Counter))));
    }

    [Fact, Rule("5.3")]
    public async Task Load_does_not_count_tokens_of_messages_that_it_skips()
    {
        var created = await CreateAsync(Counted("1", 2), Error("2") with { Tokens = new TokenAmount(100, Counter) }, Counted("3", 100) with { SupersededBy = 7 });

        Assert.Equal(["1"], await WindowAsync(created.Conversation.Id, new WindowSize(9, new TokenAmount(2, Counter))));
    }

    [Fact, Rule("5.3")]
    public async Task Load_counts_tokens_beyond_the_range_of_int()
    {
        var created = await CreateAsync(Counted("1", 1), Counted("2", int.MaxValue), Counted("3", 1));

        Assert.Equal(["3"], await WindowAsync(created.Conversation.Id, new WindowSize(9, new TokenAmount(int.MaxValue, Counter))));
    }

    [Fact, Rule("5.1", "5.3")]
    public async Task Load_stops_at_message_limit_when_tokens_would_permit_more()
    {
        var created = await CreateAsync(Counted("1", 1), Counted("2", 1), Counted("3", 1));

        Assert.Equal(["2", "3"], await WindowAsync(created.Conversation.Id, new WindowSize(2, new TokenAmount(9, Counter))));
    }

    [Fact, Rule("5.1")]
    public async Task Load_returns_summary_as_written()
    {
        var created = await CreateNumberedAsync(2);
        var summary = Summary(created, 1) with { Tokens = new TokenAmount(5, Counter), CreatedAt = Time.GetUtcNow().AddTicks(-3) };
        await WriteAsync(Touch(created) with { Summary = summary });

        ModelAssert.Equal(summary, (await Store.LoadAsync(ById(created.Conversation.Id) with { SummaryBefore = 2 })).Summary);
    }

    [Fact, Rule("5.1")]
    public async Task Load_returns_window_after_the_summary()
    {
        var created = await CreateNumberedAsync(4);
        await WriteAsync(Touch(created) with { Summary = Summary(created, 2) });

        Assert.Equal(["3", "4"], await WindowAsync(created.Conversation.Id, new WindowSize(9), summaryBefore: 4));
    }

    [Fact, Rule("5.1")]
    public async Task Load_returns_window_from_the_beginning_when_no_summary_is_requested()
    {
        var created = await CreateNumberedAsync(3);
        await WriteAsync(Touch(created) with { Summary = Summary(created, 2) });

        var state = await Store.LoadAsync(ById(created.Conversation.Id) with { Window = new WindowSize(9) });

        Assert.Equal((null, 3), (state.Summary, state.Window.Count));
    }

    [Fact, Rule("5.1")]
    public async Task Load_returns_window_from_the_beginning_when_no_summary_ends_before_the_position()
    {
        var created = await CreateNumberedAsync(3);
        await WriteAsync(Touch(created) with { Summary = Summary(created, 2) });

        Assert.Equal(["1", "2", "3"], await WindowAsync(created.Conversation.Id, new WindowSize(9), summaryBefore: 2));
    }

    [Theory, Rule("5.1")]
    [InlineData(1, null)]
    [InlineData(2, "through 1")]
    [InlineData(3, "through 1")]
    [InlineData(4, "through 3")]
    [InlineData(long.MaxValue, "through 3")]
    public async Task Load_returns_newest_summary_that_ends_before_the_position(long before, string? expected)
    {
        var created = await CreateNumberedAsync(4);
        var first = await WriteAsync(Touch(created) with { Summary = Summary(created, 1) });
        await WriteAsync(Touch(first) with { Summary = Summary(created, 3) });

        Assert.Equal(expected, await SummaryAsync(created.Conversation.Id, before));
    }

    [Fact, Rule("5.1")]
    public async Task Load_returns_no_summary_of_another_conversation()
    {
        var other = await CreateNumberedAsync(2);
        await WriteAsync(Touch(other) with { Summary = Summary(other, 1) });
        var created = await CreateNumberedAsync(2);

        Assert.Null(await SummaryAsync(created.Conversation.Id));
    }

    private static ConversationSummary Summary(StoredConversation conversation, long through) => new()
    {
        ConversationId = conversation.Conversation.Id,
        Through = through,
        MessageCount = through,
        Text = $"through {through}",
        CreatedAt = conversation.Conversation.CreatedAt,
    };

    private StoredMessage Counted(string text, int tokens) => User(text) with { Tokens = new TokenAmount(tokens, Counter) };
}

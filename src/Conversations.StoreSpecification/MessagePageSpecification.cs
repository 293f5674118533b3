using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Pages of messages.</summary>
public abstract class MessagePageSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Theory, Rule("8.1")]
    [InlineData(false, null, 2, "1,2")]
    [InlineData(false, 0L, 2, "1,2")]
    [InlineData(false, 2L, 2, "3,4")]
    [InlineData(false, 4L, 2, "5")]
    [InlineData(false, 5L, 2, "")]
    [InlineData(false, 99L, 2, "")]
    [InlineData(false, long.MaxValue, 2, "")]
    [InlineData(true, null, 2, "5,4")]
    [InlineData(true, 6L, 2, "5,4")]
    [InlineData(true, 99L, 2, "5,4")]
    [InlineData(true, long.MaxValue, 2, "5,4")]
    [InlineData(true, 3L, 9, "2,1")]
    [InlineData(true, 1L, 2, "")]
    [InlineData(true, 0L, 2, "")]
    public async Task Read_gives_a_page_in_either_direction(bool newestFirst, long? after, int limit, string expected)
    {
        var conversation = await CreateAsync(null, User("1"), Assistant("2"), User("3"), Assistant("4"), User("5"));

        (await PageAsync(conversation.Id, newestFirst, after, limit)).Should().Be(expected);
    }

    [Fact, Rule("8.1", "2.2")]
    public async Task Read_begins_at_a_hole_as_well_as_anywhere()
    {
        var conversation = await CreateAsync(null, User("1"), User("2"), User("3"), User("4"), User("5"));
        foreach (var position in new[] { 1, 3, 5 })
            await Store.DeleteMessageAsync(conversation.Id, position, Host);

        (await PageAsync(conversation.Id, newestFirst: false, after: 3, limit: 9)).Should().Be("4");
        (await PageAsync(conversation.Id, newestFirst: true, after: 3, limit: 9)).Should().Be("2");
        (await PageAsync(conversation.Id, newestFirst: false, after: null, limit: 2)).Should().Be("2,4");
        (await PageAsync(conversation.Id, newestFirst: true, after: null, limit: 2)).Should().Be("4,2");
    }

    [Fact, Rule("8.1")]
    public async Task Read_gives_messages_of_all_kinds()
    {
        var now = Time.GetUtcNow();
        ConversationMessage[] messages =
        [
            ConversationMessage.System("s") with { CreatedAt = now },
            User("u"),
            ConversationMessage.ToolCall("c", "tool", "{}") with { CreatedAt = now },
            ConversationMessage.ToolResult("c", "r") with { CreatedAt = now },
            Error("e"),
        ];

        var conversation = await CreateAsync(null, messages);

        (await MessagesAsync(conversation.Id)).Select(message => (message.Role, message.Kind))
            .Should().Equal(messages.Select(message => (message.Role, message.Kind)));
    }

    [Theory, Rule("8.3")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_page_by_page_misses_nothing_while_messages_go_and_come(bool newestFirst)
    {
        var conversation = await CreateAsync(null, [.. Enumerable.Range(1, 30).Select(number => User($"{number}"))]);
        var seen = new List<long>();
        long? after = null;

        while (await Store.ReadMessagesAsync(new MessageRange { ConversationId = conversation.Id, Access = Host, NewestFirst = newestFirst, After = after, Limit = 4 }) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(message => message.Position));
            after = page[^1].Position;
            await Store.DeleteMessageAsync(conversation.Id, page[^1].Position, Host);
            await Store.DeleteMessageAsync(conversation.Id, page[0].Position, Host);
            if (seen.Count < 20)
                await ExchangeAsync();
        }

        seen.Should().OnlyHaveUniqueItems().And.Contain(Enumerable.Range(1, 30).Select(number => (long)number));
        if (newestFirst)
            seen.Should().BeInDescendingOrder();
        else
            seen.Should().BeInAscendingOrder();
    }

    [Fact, Rule("8.1")]
    public async Task Read_of_an_unknown_conversation_is_empty() => (await MessagesAsync("conv_unknown")).Should().BeEmpty();

    private async Task<string> PageAsync(string conversationId, bool newestFirst, long? after, int limit)
    {
        var page = await Store.ReadMessagesAsync(new MessageRange { ConversationId = conversationId, Access = Host, NewestFirst = newestFirst, After = after, Limit = limit });
        return string.Join(',', page.Select(message => message.Text));
    }
}

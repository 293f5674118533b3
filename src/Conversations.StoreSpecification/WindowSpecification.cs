using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Windows: the newest messages that may go to a model.</summary>
public abstract class WindowSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("7.1")]
    public async Task Window_holds_the_newest_messages_oldest_first()
    {
        var conversation = await CreateAsync(null, User("1"), Assistant("2"), User("3"), Assistant("4"), User("5"));

        (await WindowAsync(conversation.Id, before: 6, limit: 3)).Should().Equal("3", "4", "5");
        (await WindowAsync(conversation.Id, before: 5, limit: 3)).Should().Equal("2", "3", "4");
        (await WindowAsync(conversation.Id, before: 3, limit: 3)).Should().Equal("1", "2");
        (await WindowAsync(conversation.Id, before: 1, limit: 3)).Should().BeEmpty();
        (await WindowAsync(conversation.Id, before: 5, limit: 1)).Should().Equal("4");
    }

    [Fact, Rule("7.1")]
    public async Task Window_before_a_position_far_ahead_holds_the_newest()
    {
        var conversation = await CreateAsync(null, User("1"), User("2"));

        (await WindowAsync(conversation.Id, before: long.MaxValue, limit: int.MaxValue)).Should().Equal("1", "2");
        (await WindowAsync(conversation.Id, before: 0, limit: 5)).Should().BeEmpty();
    }

    [Fact, Rule("7.1")]
    public async Task Window_after_a_position_holds_the_newest_of_what_stands_after_it()
    {
        var conversation = await CreateAsync(null, User("1"), Assistant("2"), User("3"), Assistant("4"), User("5"));

        (await WindowAsync(conversation.Id, before: 9, limit: 9, after: 2)).Should().Equal("3", "4", "5");
        (await WindowAsync(conversation.Id, before: 5, limit: 9, after: 2)).Should().Equal("3", "4");
        (await WindowAsync(conversation.Id, before: 5, limit: 1, after: 2)).Should().Equal("4");
        (await WindowAsync(conversation.Id, before: 3, limit: 9, after: 2)).Should().BeEmpty();
        (await WindowAsync(conversation.Id, before: 2, limit: 9, after: 4)).Should().BeEmpty();
        (await WindowAsync(conversation.Id, before: 9, limit: 9, after: 4)).Should().Equal("5");
    }

    [Theory, Rule("7.1")]
    [InlineData(0, 2)]
    [InlineData(-1, 2)]
    [InlineData(long.MinValue, 2)]
    [InlineData(2, 0)]
    [InlineData(uint.MaxValue, 0)]
    [InlineData((1L << 32) + 1, 0)]
    [InlineData(long.MaxValue, 0)]
    public async Task Window_after_a_position_where_nothing_stands_holds_its_own_conversation_alone(long after, int count)
    {
        await CreateAsync(ScopeOf("user_2"), User("1"), User("2"));
        var conversation = await CreateAsync(null, User("1"), User("2"));
        await CreateAsync(ScopeOf("user_3"), User("1"), User("2"));

        var window = await Store.ReadWindowAsync(new WindowQuery { ConversationId = conversation.Id, Access = Host, Before = long.MaxValue, After = after, Limit = 9 });

        window.Select(message => message.ConversationId).Should().Equal(Enumerable.Repeat(conversation.Id, count));
    }

    [Fact, Rule("7.1")]
    public async Task Window_before_the_input_of_a_turn_leaves_the_input_out()
    {
        await ExchangeAsync(Turn(text: "earlier"));
        var begun = await BeginAsync(Turn(text: "now"));

        var window = await WindowAsync(begun.Lease.ConversationId, begun.InputPosition, limit: 10);

        window.Should().Equal("earlier", "answer");
    }

    [Fact, Rule("7.2")]
    public async Task Window_passes_over_errors_before_it_counts()
    {
        var conversation = await CreateAsync(null, User("1"), Error("x"), Assistant("2"), Error("y"), Error("z"));

        var window = await Store.ReadWindowAsync(new WindowQuery { ConversationId = conversation.Id, Access = Host, Before = 6, Limit = 2 });

        window.Select(message => (message.Position, message.Text)).Should().Equal((1, "1"), (3, "2"));
    }

    [Fact, Rule("7.2")]
    public async Task Window_passes_over_a_message_with_an_error_among_other_parts()
    {
        var mixed = new ConversationMessage(MessageRole.Assistant, new TextPart("text"), new ErrorPart("error")) { CreatedAt = Time.GetUtcNow() };

        var conversation = await CreateAsync(null, User("1"), mixed);

        (await WindowAsync(conversation.Id, before: 9, limit: 9)).Should().Equal("1");
    }

    [Fact, Rule("7.1", "2.2")]
    public async Task Window_passes_over_holes_before_it_counts()
    {
        var conversation = await CreateAsync(null, User("1"), User("2"), User("3"), User("4"));
        await Store.DeleteMessageAsync(conversation.Id, 3, Host);
        await Store.DeleteMessageAsync(conversation.Id, 4, Host);

        (await WindowAsync(conversation.Id, before: 5, limit: 2)).Should().Equal("1", "2");
    }

    [Fact, Rule("7.1", "10.1")]
    public async Task Window_gives_messages_as_pages_do()
    {
        var call = ConversationMessage.ToolCall("call_1", "tool", "{}") with { CreatedAt = Time.GetUtcNow(), IsPartial = true };
        var result = ConversationMessage.ToolResult("call_1", "result") with { CreatedAt = Time.GetUtcNow() };
        var begun = await BeginAsync();
        await Store.CommitTurnAsync(Completion(begun.Lease) with { Messages = [call, result] });

        var window = await Store.ReadWindowAsync(new WindowQuery { ConversationId = begun.Lease.ConversationId, Access = Host, Before = 9, Limit = 9 });

        window.Should().HaveCount(3).And.Equal(await MessagesAsync(begun.Lease.ConversationId));
        window[1].Should().Be(call with { ConversationId = begun.Lease.ConversationId, Position = 2, RunNumber = begun.Lease.Fence });
    }

    [Fact, Rule("7.1")]
    public async Task Window_of_an_unknown_conversation_is_empty() =>
        (await Store.ReadWindowAsync(new WindowQuery { ConversationId = "conv_unknown", Access = Host, Before = 9, Limit = 9 })).Should().BeEmpty();

    private async Task<IEnumerable<string>> WindowAsync(string conversationId, long before, int limit, long after = 0)
    {
        var window = await Store.ReadWindowAsync(new WindowQuery { ConversationId = conversationId, Access = Host, Before = before, After = after, Limit = limit });
        return window.Select(message => message.Text);
    }
}

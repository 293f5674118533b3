using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>Calls that were carried out when the answer was stored: they are marked, streamed or not, and no client carries them out again.</summary>
public sealed class InformationalCallTests : ApprovalTest
{
    private readonly ChatOptions _options;
    private int _tracked;

    public InformationalCallTests() => _options = new ChatOptions { Tools = [AIFunctionFactory.Create(() => $"{++_tracked} on its way", "track")] };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_that_a_client_inside_has_invoked_is_marked(bool streamed)
    {
        Calls[0] = new FunctionCallContent("call_1", "track");
        Calls.Add(new FunctionCallContent("call_2", "track"));

        var response = await SendAsync(Guarded, streamed, [User("Where is it?")], _options);

        MarksOf(await StoredAsync(response.ConversationId)).Should().Equal(true, true);
        Calls.Clear();
        await SendAsync(Guarded, streamed, [User("Thanks.")], _options);
        Model.LastPrompt[1].Contents.OfType<FunctionCallContent>().Should().HaveCount(2).And.OnlyContain(call => call.InformationalOnly);
        _tracked.Should().Be(2);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task Call_that_was_decided_by_an_approval_is_marked(bool streamed, bool approved)
    {
        var (asked, requests) = await RequestAsync(streamed);

        await RespondAsync(streamed, asked.ConversationId, requests[0].CreateResponse(approved));

        MarksOf(await StoredAsync(asked.ConversationId)).Should().Equal(true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_that_the_provider_has_invoked_is_marked(bool streamed)
    {
        Model.Answer = FakeModel.Saying(new FunctionCallContent("call_1", "track") { InformationalOnly = true }, new TextContent("It is on its way."));

        var response = await SendAsync(new FunctionInvokingChatClient(Client), streamed, [User("Where is it?")], _options);

        MarksOf(await StoredAsync(response.ConversationId)).Should().Equal(true);
        _tracked.Should().Be(0);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Call_that_a_client_inside_has_invoked_is_not_invoked_by_one_outside(bool streamed, bool hasKey)
    {
        Calls[0] = new FunctionCallContent("call_1", "track");
        var client = new FunctionInvokingChatClient(Guarded);
        var options = new ConversationChatOptions(_options) { IdempotencyKey = hasKey ? "key" : null };

        var response = await SendAsync(client, streamed, [User("Where is it?")], options);
        if (hasKey)
            await SendAsync(client, streamed, [User("Where is it?")], options);

        _tracked.Should().Be(1);
        response.Text.Should().EndWith("Done.");
        (await StoredAsync(response.ConversationId)).Should().HaveCount(4);
    }

    [Fact]
    public async Task Call_in_a_stream_that_broke_off_after_its_result_is_marked()
    {
        Model.Answer = (prompt, _) => prompt[^1].Role == ChatRole.Tool
            ? throw new HttpRequestException("down")
            : Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("call_1", "track")])));

        await FluentActions.Awaiting(() => SendAsync(Guarded, streamed: true, [User("Where is it?")], _options)).Should().ThrowAsync<HttpRequestException>();

        var stored = await StoredAsync((await ConversationsAsync()).Single().Id);
        stored.Skip(1).Should().HaveCount(2).And.OnlyContain(message => message.IsPartial);
        MarksOf(stored).Should().Equal(true);
    }

    private static IEnumerable<bool> MarksOf(IEnumerable<StoredMessage> stored) =>
        stored.SelectMany(message => message.ToChatMessage().Contents).OfType<FunctionCallContent>().Select(call => call.InformationalOnly);
}

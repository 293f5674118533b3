using System.Text.Json;
using Conversations.Extensions.AI.Tests.Replays;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>A prompt begins as the one before it did, byte for byte, also where calls have no result: providers charge what repeats at a tenth.</summary>
public sealed class StablePromptTests : ChatClientTest
{
    private static readonly ChatOptions Tools = new() { Tools = [AIFunctionFactory.Create(static () => "", "f")] };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Results_of_some_calls_keep_their_place_beside_those_that_are_missing(bool streamed)
    {
        Model.Answer = FakeModel.Saying(new TextContent("Let me look."), Call("1"), Call("2"), Call("3"));
        var first = await SendAsync(Client, streamed, [User("a")], Tools);
        Model.Answer = FakeModel.Saying(new TextContent("One is here."));
        var options = new ConversationChatOptions(Tools) { ConversationId = first.ConversationId };

        await SendAsync(Client, streamed, [new ChatMessage(ChatRole.Tool, [new FunctionResultContent("2", "two")])], options);
        await SendAsync(Client, streamed, [User("b")], options);
        await SendAsync(Client, streamed, [User("c")], options);

        EachBeginsAsTheOneBefore();
        Model.LastPrompt[2].Contents.Cast<FunctionResultContent>().Select(result => result.CallId).Should().Equal("1", "3", "2");
    }

    [Fact]
    public async Task Calls_of_an_answer_that_broke_off_keep_the_place_of_their_results()
    {
        var inside = new FunctionCaller(Model, static call => call.CallId == "2" ? throw new HttpRequestException("down") : Task.FromResult<object?>("one")).WithConversations(Alice, "bot");
        Model.Answer = FakeModel.Saying(Call("1"), Call("2"));
        await FluentActions.Awaiting(() => SendAsync(inside, streamed: true, [User("a")], Tools)).Should().ThrowAsync<HttpRequestException>();
        Model.Answer = FakeModel.Saying(new TextContent("It failed."));

        await SendAsync(inside, streamed: true, [User("b")], Tools);
        await SendAsync(inside, streamed: true, [User("c")], Tools);

        EachBeginsAsTheOneBefore();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Results_and_the_text_that_came_with_them_stay_together(bool streamed)
    {
        Model.Answer = FakeModel.Saying(Call("1"));
        var first = await SendAsync(Client, streamed, [User("a")], Tools);
        Model.Answer = FakeModel.Saying(new TextContent("Good."));
        var options = new ConversationChatOptions(Tools) { ConversationId = first.ConversationId };

        await SendAsync(Client, streamed, [new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", "one")]), User("Hurry.")], options);
        await SendAsync(Client, streamed, [User("b")], options);

        EachBeginsAsTheOneBefore();
    }

    [Fact]
    public async Task Texts_without_an_answer_are_joined_as_they_were_sent()
    {
        Model.Answer = static (_, _) => throw new HttpRequestException("down");
        await FluentActions.Awaiting(() => Client.GetResponseAsync("a", cancellationToken: Cancellation)).Should().ThrowAsync<HttpRequestException>();
        Model.Answer = FakeModel.Saying(new TextContent("Hi."));

        await Client.GetResponseAsync("b", cancellationToken: Cancellation);

        Model.LastPrompt.Single().Contents.Cast<TextContent>().Select(text => text.Text).Should().Equal("a", "\n\nb");
    }

    private static FunctionCallContent Call(string id) => new(id, "f");

    private void EachBeginsAsTheOneBefore()
    {
        var prompts = Model.Requests.Select(request => request.Messages.Select(static message => JsonSerializer.Serialize(message, AIJsonUtilities.DefaultOptions)).ToList()).ToList();
        for (var i = 1; i < prompts.Count; i++)
            prompts[i].Should().StartWith(prompts[i - 1]);
    }
}

using Conversations.Extensions.AI.Tests.Replays;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>Functions that a model calls, by a client within this one or around it.</summary>
public sealed class FunctionTests : ChatClientTest
{
    public FunctionTests() => Model.Answer = (prompt, _) => Task.FromResult(new ChatResponse(Next(prompt))
    {
        FinishReason = prompt[^1].Role == ChatRole.Tool ? ChatFinishReason.Stop : ChatFinishReason.ToolCalls,
        Usage = new UsageDetails { InputTokenCount = 10, OutputTokenCount = 1 },
    });

    [Fact]
    public async Task Turn_of_several_models_reports_the_usage_of_each()
    {
        var number = 0;
        Model.Answer = (prompt, _) => Task.FromResult(new ChatResponse(Next(prompt)) { ModelId = $"model-{++number}", Usage = new UsageDetails { InputTokenCount = 10 * number, OutputTokenCount = 1 } });
        var client = new FunctionInvokingChatClient(Model).WithConversations(Alice, "bot");
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create((string order) => "on its way", "track")] };

        var response = await SendAsync(client, streamed: true, [User("Where is it?")], options);

        var run = await RunAsync(response);
        (run.Model, run.Usage).Should().Be(("model-2", new TokenUsage { InputTokens = 30, OutputTokens = 2 }));
        run.UsageByModel.Should().Equal(
            new ModelUsage { Model = "model-1", Usage = new TokenUsage { InputTokens = 10, OutputTokens = 1 } },
            new ModelUsage { Model = "model-2", Usage = new TokenUsage { InputTokens = 20, OutputTokens = 1 } });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Within_a_function_calling_client_a_stateless_agent_works(bool streamed)
    {
        var client = new FunctionCaller(Model.WithConversations(Alice, "oracle"), CallAsync);

        var response = await SendAsync(client, streamed, [User("Where is it?")]);

        response.Text.Should().EndWith("It is on its way.");
        Model.LastPrompt.Select(message => message.Role).Should().Equal(ChatRole.User, ChatRole.Assistant, ChatRole.Tool);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Within_a_function_calling_client_a_request_with_a_key_continues_where_it_failed(bool streamed)
    {
        // The model uses one id for all its calls, the function answers otherwise each time, and the model fails when it is asked for the third time.
        var answers = 0;
        var client = new FunctionCaller(Client, _ => Task.FromResult<object?>($"answer {++answers}"));
        var fails = true;
        Model.Answer = (prompt, _) =>
        {
            var results = prompt.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Count();
            if (results == 2 && fails)
                throw new HttpRequestException("429");
            return Task.FromResult(new ChatResponse(results < 3 ? new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("call_0", "poll")]) : new ChatMessage(ChatRole.Assistant, "done")));
        };
        var options = new ConversationChatOptions { IdempotencyKey = "key" };
        await FluentActions.Awaiting(() => SendAsync(client, streamed, [User("Poll.")], options)).Should().ThrowAsync<HttpRequestException>();
        fails = false;

        var response = await SendAsync(client, streamed, [User("Poll.")], options);

        response.Text.Should().Be("done");
        var stored = await StoredAsync(response.ConversationId);
        stored.SelectMany(message => message.Parts).OfType<ToolResultPart>().Select(result => result.Content).Should().Equal(["answer 1", "answer 2", "answer 4"], "the function whose result was not answered runs again, and its first result counts");
        stored.Should().HaveCount(8);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Within_a_function_calling_client_an_answer_is_regenerated(bool streamed)
    {
        var client = new FunctionCaller(Client, CallAsync);
        var first = await SendAsync(client, streamed, [User("Where is it?")]);
        var options = new ConversationChatOptions { RegenerateMessageId = (await StoredAsync(first.ConversationId))[0].Id };

        var second = await SendAsync(client, streamed, [], options);

        second.ConversationId.Should().Be(first.ConversationId);
        (await StoredAsync(second.ConversationId)).Select(message => message.Kind).Should().Equal(MessageKind.Message, MessageKind.ToolCall, MessageKind.ToolResult, MessageKind.Message);
    }

    [Fact]
    public async Task Open_call_is_answered_by_the_next_request()
    {
        var first = await AskAsync("Where is it?");
        (await RunAsync(first)).Status.Should().Be(RunStatus.RequiresAction);

        var second = await Client.GetResponseAsync([new ChatMessage(ChatRole.Tool, [new FunctionResultContent("call_1", "on its way")])], cancellationToken: Cancellation);

        second.Text.Should().Be("It is on its way.");
        Model.LastPrompt.Select(message => message.Role).Should().Equal(ChatRole.User, ChatRole.Assistant, ChatRole.Tool);
    }

    [Fact]
    public async Task Result_in_a_users_message_becomes_a_tool_message()
    {
        await AskAsync("Where is it?");

        var second = await Client.GetResponseAsync([new ChatMessage(ChatRole.User, [new TextContent("Here."), new FunctionResultContent("call_1", "on its way")])], cancellationToken: Cancellation);

        (await StoredAsync(second.ConversationId)).Select(message => message.Role).Should().Equal(MessageRole.User, MessageRole.Assistant, MessageRole.Tool, MessageRole.User, MessageRole.Assistant);
    }

    [Fact]
    public async Task Result_without_an_open_call_is_refused()
    {
        await AskAsync("Where is it?");

        await FluentActions.Awaiting(() => Client.GetResponseAsync([new ChatMessage(ChatRole.Tool, [new FunctionResultContent("call_9", "x")])], cancellationToken: Cancellation))
            .Should().ThrowAsync<ToolCallNotOpenException>();
    }

    [Fact]
    public async Task Function_that_requests_a_turn_of_its_own_conversation_is_refused()
    {
        ConversationChatClient? client = null;
        client = new FunctionCaller(Model, async _ => await client!.GetResponseAsync("within", cancellationToken: Cancellation)).WithConversations(Alice, "bot");

        await FluentActions.Awaiting(() => SendAsync(client, streamed: false, [User("Where is it?")])).Should().ThrowAsync<TurnNestedException>();
    }

    private static ChatMessage Next(IReadOnlyList<ChatMessage> prompt) => prompt[^1].Contents.Any(content => content is FunctionResultContent)
        ? new ChatMessage(ChatRole.Assistant, "It is on its way.") { MessageId = "m2" }
        : new ChatMessage(ChatRole.Assistant, [new TextContent("Let me look. "), new FunctionCallContent("call_1", "track", new Dictionary<string, object?> { ["order"] = 7 })]) { MessageId = "m1" };

    private static Task<object?> CallAsync(FunctionCallContent call) => Task.FromResult<object?>("on its way");
}

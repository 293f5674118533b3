using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>The schema that <c>GetResponseAsync&lt;T&gt;</c> adds as a user's message for models without structured output: no user wrote it.</summary>
public sealed class SchemaPromptTests : ChatClientTest
{
    private const string Json = """{"order":7}""";

    [Fact]
    public async Task Schema_goes_to_the_model_and_is_not_stored()
    {
        Model.Answer = FakeModel.Saying(new TextContent(Json));

        var response = await Client.GetResponseAsync<Tracked>("Which order?", useJsonSchemaResponseFormat: false, cancellationToken: Cancellation);

        response.Result.Order.Should().Be(7);
        Model.LastPrompt.Single().Text.Should().StartWith("Which order?").And.Contain("schema").And.Contain("\"order\"");
        (await StoredTextsAsync(response.ConversationId)).Should().Equal("User: Which order?", $"Assistant: {Json}");

        await Client.GetResponseAsync("Thanks.", cancellationToken: Cancellation);

        Texts(Model.LastPrompt).Should().Equal("user: Which order?", $"assistant: {Json}", "user: Thanks.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Schema_is_known_when_the_results_are_sent(bool isOutside)
    {
        Model.Answer = (prompt, _) => Task.FromResult(new ChatResponse(prompt[^1].Role == ChatRole.Tool
            ? new ChatMessage(ChatRole.Assistant, Json)
            : new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("call_1", "track")])));
        var client = isOutside ? new FunctionInvokingChatClient(Client) : (IChatClient)new FunctionInvokingChatClient(Model).WithConversations(Alice, "bot");
        var options = new ConversationChatOptions { Tools = [AIFunctionFactory.Create(static () => "7", "track")] };

        var response = await client.GetResponseAsync<Tracked>("Which order?", options, useJsonSchemaResponseFormat: false, cancellationToken: Cancellation);

        response.Result.Order.Should().Be(7);
        Model.Requests.Should().HaveCount(2);
        Model.Requests.Should().OnlyContain(request => request.Messages.Count(message => message.Text.Contains("conforming to the following schema")) == 1);
        Model.LastPrompt[^1].Role.Should().Be(ChatRole.Tool);
        Texts(Model.LastPrompt).Should().StartWith(Texts(Model.Requests[0].Messages), "the prompt begins as the one before");
        (await StoredAsync(response.ConversationId)).Select(message => message.Role).Should().Equal(MessageRole.User, MessageRole.Assistant, MessageRole.Tool, MessageRole.Assistant);
    }

    [Fact]
    public async Task Schema_is_known_when_an_answer_is_given_again()
    {
        Model.Answer = FakeModel.Saying(new TextContent(Json));
        var first = await Client.GetResponseAsync("Which order?", cancellationToken: Cancellation);

        var again = await Client.GetResponseAsync<Tracked>([], new ConversationChatOptions { RegenerateMessageId = first.Messages[^1].MessageId }, useJsonSchemaResponseFormat: false, cancellationToken: Cancellation);

        again.Result.Order.Should().Be(7);
        Model.LastPrompt.Single().Text.Should().StartWith("Which order?").And.Contain("\"order\"");
        (await StoredTextsAsync(again.ConversationId)).Should().Equal("User: Which order?", $"Assistant: {Json}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Schema_is_behind_the_question_when_a_call_is_approved(bool approved)
    {
        Model.Answer = (prompt, _) => Task.FromResult(new ChatResponse(prompt[^1].Role == ChatRole.Tool
            ? new ChatMessage(ChatRole.Assistant, Json)
            : new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("call_1", "track")])));
        var client = new FunctionInvokingChatClient(Model).WithConversations(Alice, "bot");
        var options = new ConversationChatOptions { Tools = [new ApprovalRequiredAIFunction(AIFunctionFactory.Create(static () => "7", "track"))] };
        var asked = await client.GetResponseAsync("Which order?", options, Cancellation);
        var request = asked.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>().Single();

        var response = await client.GetResponseAsync<Tracked>([new ChatMessage(ChatRole.User, [request.CreateResponse(approved)])], options, useJsonSchemaResponseFormat: false, cancellationToken: Cancellation);

        response.Result.Order.Should().Be(7);
        Model.LastPrompt.Select(message => message.Role).Should().Equal(ChatRole.User, ChatRole.Assistant, ChatRole.Tool);
        Model.LastPrompt[0].Text.Should().StartWith("Which order?").And.Contain("\"order\"");
        (await StoredTextsAsync(response.ConversationId)).Should().NotContain(text => text.Contains("schema"));
    }

    [Theory]
    [InlineData(false, "Respond with a JSON value conforming to the following schema: {}")]
    [InlineData(true, "Respond with JSON, please.")]
    public async Task Text_of_a_user_is_stored(bool isJson, string text)
    {
        var options = new ChatOptions { ResponseFormat = isJson ? ChatResponseFormat.Json : null };

        var response = await Client.GetResponseAsync([User("Hello."), User(text)], options, Cancellation);

        (await StoredTextsAsync(response.ConversationId)).Should().Equal("User: Hello.", $"User: {text}", "Assistant: hi");
    }

    [Fact]
    public async Task Only_message_of_a_request_is_stored()
    {
        const string Text = "Respond with a JSON value conforming to the following schema: {}";

        var response = await Client.GetResponseAsync(Text, new ChatOptions { ResponseFormat = ChatResponseFormat.Json }, Cancellation);

        (await StoredTextsAsync(response.ConversationId)).Should().Equal($"User: {Text}", "Assistant: hi");
    }

    private sealed record Tracked(int Order);
}

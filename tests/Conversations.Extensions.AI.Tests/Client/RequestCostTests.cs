using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>What a request puts into the prompt beside the conversation counts against the token limit. A character is a token here.</summary>
public sealed class RequestCostTests : ChatClientTest
{
    private const string Schema = """{"type":"object","properties":{"city":{"type":"string"}}}""";

    private readonly List<string> _counted = [];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tools_instructions_system_messages_and_the_schema_of_the_answer_are_part_of_the_prompt(bool streamed)
    {
        var client = Limited(1_000);
        var options = new ChatOptions
        {
            Instructions = "Be brief.",
            Tools = [Weather(), new HostedWebSearchTool()],
            ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(Schema), "answer", "The answer."),
        };

        var response = await SendAsync(client, streamed, [new ChatMessage(ChatRole.System, "It is Monday."), User("hello")], options);

        var conversation = 3 + 4 + "hello".Length;
        var tools = 12 + 7 + "weatherThe weather of a city.".Length + Schema.Length + 7 + "web_search".Length;
        var others = 4 + "Be brief.".Length + 4 + "It is Monday.".Length + 7 + "answerThe answer.".Length + Schema.Length;
        (await RunAsync(response)).PromptTokens.Should().Be(conversation + tools + others);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Message_with_a_schema_is_part_of_the_prompt(bool again)
    {
        var client = Limited(1_000);
        var options = new ConversationChatOptions { RegenerateMessageId = again ? (await SendAsync(client, streamed: false, [User("hello")])).Messages[0].MessageId : null };

        var response = await client.GetResponseAsync<int>(again ? [] : [User("hello")], options, useJsonSchemaResponseFormat: false, cancellationToken: Cancellation);

        var schema = ((TextContent)Model.LastPrompt.Single().Contents[^1]).Text.Trim().Length;
        (await RunAsync(response)).PromptTokens.Should().Be(3 + 4 + "hello".Length + 7 + 4 + schema);
    }

    [Fact]
    public async Task Tools_leave_less_room_for_the_history()
    {
        var client = Limited(145);
        foreach (var text in (string[])["one", "two", "three"])
            await SendAsync(client, streamed: false, [User(text)]);
        Model.LastPrompt.Should().HaveCount(5);

        await SendAsync(client, streamed: false, [User("four")], new ChatOptions { Tools = [Weather()] });

        Model.LastPrompt.Should().HaveCount(7 - 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_whose_tools_leave_no_room_is_refused(bool again)
    {
        var client = Limited(60);
        var first = await SendAsync(client, streamed: false, [User("one")]);
        var options = new ConversationChatOptions { Tools = [Weather()], RegenerateMessageId = again ? first.Messages[0].MessageId : null };

        var ask = () => SendAsync(client, streamed: false, again ? [] : [User("two")], options);

        (await ask.Should().ThrowAsync<PromptTooLargeException>()).Which.Tokens.Count.Should().Be(3 + 4 + 3 + 12 + 7 + "weatherThe weather of a city.".Length + Schema.Length);
        Model.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task Tool_is_counted_once_and_again_for_another_counter()
    {
        var tool = Weather();

        await SendAsync(Limited(1_000), streamed: false, [User("one")], new ChatOptions { Tools = [tool] });
        await SendAsync(Limited(1_000), streamed: false, [User("two")], new ChatOptions { Tools = [tool] });
        _counted.Count(static text => text == Schema).Should().Be(1);
        await SendAsync(Limited(1_000, "other"), streamed: false, [User("three")], new ChatOptions { Tools = [tool] });

        _counted.Count(static text => text == Schema).Should().Be(2);
    }

    private static AIFunctionDeclaration Weather() => AIFunctionFactory.CreateDeclaration("weather", "The weather of a city.", JsonElement.Parse(Schema));

    private ConversationChatClient Limited(int tokenLimit, string counter = "characters")
    {
        var options = new ConversationOptions().AddAgent("bot", agent => (agent.TokenLimit, agent.HistoryTrim, agent.TokenCounter) = (tokenLimit, 1, TokenCounter.Create(counter, text =>
        {
            _counted.Add(text);
            return text.Length;
        })));
        return Model.WithConversations(new ConversationManager(Store, options, Time).ForIdentity(ConversationIdentity.ForUser("alice")), "bot");
    }
}

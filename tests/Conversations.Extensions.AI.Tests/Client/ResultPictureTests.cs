using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>Pictures that functions return: they are kept and counted as pictures are, and the model gets them within the result.</summary>
public sealed class ResultPictureTests : ChatClientTest
{
    private const int Size = 400_000;

    private readonly ConversationChatOptions _options;

    public ResultPictureTests()
    {
        Model.Answer = static (prompt, _) => Task.FromResult(new ChatResponse(prompt[^1].Text == "Look."
            ? new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("call_1", "look"), new FunctionCallContent("call_2", "see")])
            : new ChatMessage(ChatRole.Assistant, "A bird.")));
        _options = new ConversationChatOptions
        {
            IdempotencyKey = "k",
            Tools =
            [
                AIFunctionFactory.Create(static IEnumerable<AIContent> () => [new TextContent("Two of them:"), Picture(1), Picture(2)], "look"),
                AIFunctionFactory.Create(static AIContent () => Picture(3), "see"),
            ],
        };
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Pictures_are_kept_behind_the_result_and_shown_within_it(bool streamed, bool isOutside)
    {
        var client = isOutside ? new FunctionInvokingChatClient(Client) : (IChatClient)new FunctionInvokingChatClient(Model).WithConversations(Alice, "bot");

        var response = await SendAsync(client, streamed, [User("Look.")], _options);
        await SendAsync(client, streamed, [User("And now?")], new ChatOptions { ConversationId = response.ConversationId });

        var stored = (await StoredAsync(response.ConversationId))[2];
        stored.Parts.Select(part => part is DataPart data ? $"{data.MediaType} {data.Size} {data.IsLoaded}" : ((ToolResultPart)part).CallId).Should().Equal(
            "call_1", $"image/png {Size} False", $"image/png {Size} False", "call_2", $"image/png {Size} False");
        stored.Tokens!.Value.Count.Should().BeInRange(3 * 1_600, (3 * 1_600) + 100);
        var results = Model.LastPrompt[2].Contents.Should().HaveCount(2).And.AllBeOfType<FunctionResultContent>().Subject.ToList();
        var looked = results[0].Result.Should().BeAssignableTo<IReadOnlyList<AIContent>>().Subject;
        looked[0].Should().BeOfType<TextContent>().Which.Text.Should().Be("Two of them:");
        looked.Skip(1).Append((AIContent)results[1].Result!).Select(content => Convert.ToBase64String(((DataContent)content).Data.Span)).Should().Equal(new[] { Bytes(1), Bytes(2), Bytes(3) }.Select(Convert.ToBase64String));
    }

    [Fact]
    public async Task Replay_returns_the_pictures_within_the_result()
    {
        var client = new FunctionInvokingChatClient(Model).WithConversations(Alice, "bot");
        await SendAsync(client, streamed: false, [User("Look.")], _options);

        var replay = await SendAsync(client, streamed: false, [User("Look.")], _options);

        var results = replay.Messages[1].Contents.Should().HaveCount(2).And.AllBeOfType<FunctionResultContent>().Subject;
        results.Last().Result.Should().BeOfType<DataContent>().Which.Data.ToArray().Should().Equal(Bytes(3));
    }

    [Fact]
    public async Task Reader_gets_results_without_bytes_and_stores_them_back_unchanged()
    {
        var client = new FunctionInvokingChatClient(Model).WithConversations(Alice, "bot");
        var response = await SendAsync(client, streamed: false, [User("Look.")], _options);
        var stored = (await StoredAsync(response.ConversationId))[2];

        var read = stored.ToChatMessage();

        ((FunctionResultContent)read.Contents[1]).Result.Should().BeOfType<UnknownContent>().Which.TypeName.Should().Be("image/png");
        read.ToConversationMessage().Parts.Should().Equal(stored.Parts);
        (await Alice.LoadDataAsync(stored, Cancellation)).ToChatMessage().ToConversationMessage().Parts.Should().Equal(stored.Parts);
    }

    [Fact]
    public void Picture_that_cannot_be_read_is_a_text_within_the_result()
    {
        var message = new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", Picture(1)), new FunctionResultContent("2", "seen")]).ToConversationMessage();

        var read = new ConversationMessage(MessageRole.Tool, message.Parts[0], new TextPart("[image/png: cannot be read]"), message.Parts[2]).ToChatMessage();

        read.Contents.Should().HaveCount(2).And.AllBeOfType<FunctionResultContent>().Subject.Select(result => (result.Result as TextContent)?.Text ?? result.Result).Should().Equal("[image/png: cannot be read]", "seen");
    }

    private static DataContent Picture(int number) => new(Bytes(number), "image/png");

    private static byte[] Bytes(int number)
    {
        var bytes = new byte[Size];
        new Random(number).NextBytes(bytes);
        return bytes;
    }
}

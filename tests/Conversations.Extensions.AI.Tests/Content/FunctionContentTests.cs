using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Content;

/// <summary>Calls and results: what the conversation sees of them, and that they come back as what they were.</summary>
public sealed class FunctionContentTests
{
    public static TheoryData<string> Json => new("123", "1.50e+3", "-0", "12345678901234567890.10", "\"123\"", "\"\"", "true", "false", "[]", "{}", """{"a":{"b":[1,null,"x"]}}""");

    [Fact]
    public async Task Result_of_text_is_stored_as_text()
    {
        var part = Part(new FunctionResultContent("c", "123"));

        part.Should().Be(new ToolResultPart("c", "123"));
        (await ResultAsync("123")).Should().Be("123");
    }

    [Theory]
    [MemberData(nameof(Json))]
    public async Task Result_of_any_JSON_comes_back_to_the_letter(string json)
    {
        var part = (ToolResultPart)Part(new FunctionResultContent("c", JsonElement.Parse(json)));

        part.Content.Should().Be(json);
        (await ResultAsync(JsonElement.Parse(json))).Should().BeOfType<JsonElement>().Which.GetRawText().Should().Be(json);
    }

    [Fact]
    public async Task Result_of_null_is_neither_text_nor_absent()
    {
        var part = (ToolResultPart)Part(new FunctionResultContent("c", null));

        part.Content.Should().Be("null");
        (await ResultAsync(null)).Should().BeNull();
        (await ResultAsync("null")).Should().Be("null");
    }

    [Fact]
    public async Task Result_of_an_object_is_stored_as_JSON()
    {
        var result = await ResultAsync(new { city = "Bled", days = new[] { 1, 2 } });

        result.Should().BeOfType<JsonElement>().Which.GetRawText().Should().Be("""{"city":"Bled","days":[1,2]}""");
    }

    [Fact]
    public async Task Result_of_contents_comes_back_as_contents()
    {
        var picture = new DataContent(new byte[] { 1, 2 }, "image/png");

        var one = await ResultAsync(picture);
        var many = await ResultAsync(new AIContent[] { new TextContent("a"), picture });
        var texts = await ResultAsync(new List<TextContent> { new("a") });

        Differences.Between(picture, one).Should().BeEmpty();
        Differences.Between(new AIContent[] { new TextContent("a"), picture }, many).Should().BeEmpty();
        Differences.Between(new AIContent[] { new TextContent("a") }, texts).Should().BeEmpty();
    }

    [Fact]
    public async Task Failed_result_comes_back_failed_without_the_exception()
    {
        var failed = new FunctionResultContent("c", "Error: Function failed.") { Exception = new TimeoutException("secret") };

        var part = (ToolResultPart)Part(failed);
        var read = (FunctionResultContent)(await RoundTrip.ThroughFileAsync(failed)).Single();

        part.IsError.Should().BeTrue();
        part.ToString().Should().NotContain("secret");
        read.Result.Should().Be("Error: Function failed.");
        var exception = read.Exception.Should().BeOfType<FunctionFailedException>().Subject;
        exception.Code.Should().Be(ConversationErrorCodes.FunctionFailed);
        exception.StackTrace.Should().BeNull();
        exception.Message.Should().NotContain("secret");
    }

    [Fact]
    public async Task Result_that_the_host_wrote_comes_back_as_text()
    {
        var part = new ToolResultPart("c", """{"a":1}""") { Name = "look", IsError = true };

        var read = (await RoundTrip.StoredAsync([new ConversationMessage(MessageRole.Tool, part)])).Single().ToChatMessage();

        var result = read.Contents.Single().Should().BeOfType<FunctionResultContent>().Subject;
        result.Result.Should().Be("""{"a":1}""");
        result.Exception.Should().NotBeNull();
        read.ToConversationMessage().Parts.Should().Equal(part);
    }

    [Fact]
    public async Task Arguments_are_JSON_as_it_would_be_sent()
    {
        var call = new FunctionCallContent("c", "look", new Dictionary<string, object?> { ["city"] = "Škofja <Loka>", ["days"] = 3, ["letter"] = JsonElement.Parse("1.0"), ["none"] = null });

        var part = (ToolCallPart)Part(call);
        var read = (FunctionCallContent)(await RoundTrip.ThroughFileAsync(call)).Single();

        part.Should().Be(new ToolCallPart("c", "look", """{"city":"Škofja <Loka>","days":3,"letter":1.0,"none":null}"""));
        Differences.Between(call, read).Should().BeEmpty();
        read.Arguments!["none"].Should().BeNull();
        read.Arguments["letter"].Should().BeOfType<JsonElement>().Which.GetRawText().Should().Be("1.0");
    }

    [Fact]
    public async Task Missing_and_empty_arguments_are_distinguished()
    {
        var read = (await RoundTrip.ThroughFileAsync(new FunctionCallContent("a", "x"), new FunctionCallContent("b", "x", new Dictionary<string, object?>()))).Cast<FunctionCallContent>().ToList();

        read[0].Arguments.Should().BeNull();
        read[1].Arguments.Should().BeEmpty();
    }

    [Theory]
    [InlineData("{\"city\":")]
    [InlineData("[1]")]
    [InlineData("Ljubljana")]
    public async Task Arguments_that_are_no_object_are_marked_unreadable_and_kept(string arguments)
    {
        var part = new ToolCallPart("c", "look", arguments);

        var read = (await RoundTrip.StoredAsync([new ConversationMessage(MessageRole.Assistant, part)])).Single().ToChatMessage();

        var call = read.Contents.Single().Should().BeOfType<FunctionCallContent>().Subject;
        call.Arguments.Should().BeNull();
        call.Exception.Should().BeOfType<FunctionFailedException>().Which.ToString().Should().NotContain(arguments);
        read.ToConversationMessage().Parts.Should().Equal(part);
    }

    [Fact]
    public void Calls_and_results_give_the_message_its_kind()
    {
        var call = new ChatMessage(ChatRole.Assistant, [new TextContent("I look."), new FunctionCallContent("c", "look")]).ToConversationMessage();
        var result = new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c", 1)]).ToConversationMessage();

        (call.Kind, call.Role, result.Kind, result.Role).Should().Be((MessageKind.ToolCall, MessageRole.Assistant, MessageKind.ToolResult, MessageRole.Tool));
    }

    private static ContentPart Part(AIContent content) => new ChatMessage(ChatRole.Assistant, [content]).ToConversationMessage().Parts.Single();

    private static async Task<object?> ResultAsync(object? result) =>
        ((FunctionResultContent)(await RoundTrip.ThroughFileAsync(new FunctionResultContent("c", result))).Single()).Result;
}

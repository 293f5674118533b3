using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests;

/// <summary>
/// What the provider's own adapter does to messages, which others rely on or work around. A test here that fails after an update of
/// the package says that it now does otherwise.
/// </summary>
public sealed class AnthropicClientTests : IAsyncLifetime
{
    private readonly ChatOptions _tools = new() { Tools = [AIFunctionFactory.Create(() => "r", "f")] };

    private AnthropicServer _server = null!;
    private IChatClient _client = null!;

    public static TheoryData<object?, string> Results => new()
    {
        { "text", "\"text\"" },
        { "", "\"\"" },
        { null, "\"null\"" },
        { 5, "\"5\"" },
        { new { a = 1, b = (string?)null }, "\"{\\n  \\\"a\\\": 1\\n}\"" },
        { JsonSerializer.SerializeToElement(new[] { 1 }), "\"[\\n  1\\n]\"" },
        { JsonSerializer.SerializeToElement("text"), "\"\\\"text\\\"\"" },
        { new TextContent("text"), """[{"type":"text","text":"text"}]""" },
        { new AIContent[] { new TextContent("a"), new DataContent("AQ=="u8.ToArray(), "image/png") }, """[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64","data":"QVE9PQ==","media_type":"image/png"}}]""" },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await AnthropicServer.StartAsync(new() { JoinsConsecutiveMessages = true, TakesSystemMessages = true });
        _server.Answer = _ => AnthropicReply.Text("ok");
        _client = _server.CreateChatClient();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Joins_no_messages_of_one_role()
    {
        var request = await SendAsync(
            _tools,
            User("a"), User("b"), Call("1", "2"), Result("1", "r"), Result("2", "r"), User("c"), new(ChatRole.Assistant, "d"), new(ChatRole.Assistant, "e"), User("f"));

        Roles(request).Should().Equal("user", "user", "assistant", "user", "user", "user", "assistant", "assistant", "user");
    }

    [Fact]
    public async Task Sends_system_messages_on_top_only_if_they_come_first_and_instructions_behind_them()
    {
        var request = await SendAsync(
            new() { Instructions = "third" },
            new(ChatRole.System, "first"), new(ChatRole.System, "second"), User("a"), new(ChatRole.System, "later"));

        request.Body.GetProperty("system").EnumerateArray().Select(block => block.GetProperty("text").GetString()).Should().Equal("first", "second", "third");
        Roles(request).Should().Equal("user", "system");
    }

    [Fact]
    public async Task Omits_contents_that_it_cannot_send_and_messages_without_others()
    {
        var request = await SendAsync(
            null,
            new(ChatRole.User, [new DataContent("x"u8.ToArray(), "audio/wav"), new UriContent("https://x/", "text/html"), new TextContent("a")]) { AuthorName = "Bob" },
            new(ChatRole.Assistant, [new ErrorContent("e"), new UsageContent(new()), new TextContent(" "), new TextReasoningContent("")]),
            User("b"));

        request.Text.Should().Contain("""
            "messages":[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"user","content":[{"type":"text","text":"b"}]}]
            """.Trim());
    }

    [Fact]
    public async Task Sends_invisible_text_when_no_content_is_left()
    {
        var request = await SendAsync(null, User(""));

        request.TextOf(0).Should().Be("\u200b");
    }

    [Fact]
    public async Task Trims_white_space_at_the_end_of_the_assistants_text()
    {
        var request = await SendAsync(null, User(" a "), new(ChatRole.Assistant, " b \n"), User("c"));

        Enumerable.Range(0, 3).Select(request.TextOf).Should().Equal(" a ", " b", "c");
    }

    [Fact]
    public async Task Sends_neither_the_conversation_id_nor_sampling()
    {
        var request = await SendAsync(new() { ConversationId = "conv_1", Temperature = 1, TopP = 1, TopK = 1, Seed = 1 }, User("a"));

        request.Body.EnumerateObject().Select(field => field.Name).Should().BeEquivalentTo("model", "max_tokens", "messages");
    }

    [Theory]
    [MemberData(nameof(Results), DisableDiscoveryEnumeration = true)]
    public async Task Sends_results_as_text_or_blocks(object? result, string content)
    {
        var request = await SendAsync(_tools, User("a"), Call("1"), Result("1", result));

        request.BlocksOf(2).Single().GetProperty("content").GetRawText().Should().Be(content);
    }

    // A result that comes back from JSON is a JsonElement: a text has got quotes then, and that it failed is forgotten.
    [Fact]
    public async Task Sends_a_result_in_another_form_after_JSON()
    {
        var result = new FunctionResultContent("1", "text") { Exception = new InvalidOperationException() };
        var json = JsonSerializer.Serialize(result, AIJsonUtilities.DefaultOptions);
        var back = JsonSerializer.Deserialize<FunctionResultContent>(json, AIJsonUtilities.DefaultOptions)!;

        var before = await SendAsync(_tools, User("a"), Call("1"), new(ChatRole.Tool, [result]));
        var after = await SendAsync(_tools, User("a"), Call("1"), new(ChatRole.Tool, [back]));

        Sent(before).Should().Be((true, "text"));
        Sent(after).Should().Be((false, "\"text\""));

        static (bool IsError, string? Content) Sent(AnthropicRequest request)
        {
            var block = request.BlocksOf(2).Single();

            return (block.GetProperty("is_error").GetBoolean(), block.GetProperty("content").GetString());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Returns_the_providers_ids_and_no_conversation_id(bool streamed)
    {
        var response = await (streamed
            ? _client.GetStreamingResponseAsync("hi", cancellationToken: Token).ToChatResponseAsync(Token)
            : _client.GetResponseAsync("hi", cancellationToken: Token));

        response.Should().BeEquivalentTo(new { ResponseId = "msg_00000001", ModelId = "claude-test", ConversationId = (string?)null });
        response.Messages.Single().MessageId.Should().Be("msg_00000001");
    }

    [Fact]
    public async Task Streams_usage_once_at_the_very_end()
    {
        var updates = new List<ChatResponseUpdate>();

        await foreach (var update in _client.GetStreamingResponseAsync("hi", cancellationToken: Token))
        {
            updates.Add(update);
        }

        updates.Where(update => update.Contents.OfType<UsageContent>().Any()).Should().Equal(updates[^1]);
        updates.Select(update => update.MessageId).Distinct().Should().Equal("msg_00000001");
    }

    private static IEnumerable<string?> Roles(AnthropicRequest request) => request.Messages.Select(message => message.GetProperty("role").GetString());

    private static ChatMessage User(string text) => new(ChatRole.User, text);

    private static ChatMessage Call(params string[] ids) => new(ChatRole.Assistant, [.. ids.Select(id => (AIContent)new FunctionCallContent(id, "f"))]);

    private static ChatMessage Result(string id, object? result) => new(ChatRole.Tool, [new FunctionResultContent(id, result)]);

    private async Task<AnthropicRequest> SendAsync(ChatOptions? options, params ChatMessage[] messages)
    {
        await _client.GetResponseAsync(messages, options, Token);
        _server.Violations.Should().BeEmpty();

        return _server.Requests[^1];
    }
}

using Conversations.Extensions.AI.Tests.Replays;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>What a provider signs comes back to it as it was, through the file: its server refuses anything else.</summary>
public sealed class ThinkingTests : ChatClientTest, IAsyncLifetime
{
    private AnthropicServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await AnthropicServer.StartAsync();

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await _server.DisposeAsync();
        await DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thinking_comes_back_with_its_signature(bool streamed)
    {
        _server.Enqueue(
            AnthropicReply.Of(new ThinkingReply("The user wants 👍 it."), new RedactedThinkingReply("c2VjcmV0"), new TextReply("Let me look."), ToolUseReply.Of("track", """{"order":7}""", "call_1")),
            AnthropicReply.Of(new ThinkingReply("It is late."), new TextReply("It is late.")),
            AnthropicReply.Text("Goodbye."));
        using var model = _server.CreateChatClient();
        var client = new FunctionCaller(model, _ => Task.FromResult<object?>("late")).WithConversations(Alice, "bot");
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(static (int order) => order, "track")] };

        var first = await SendAsync("Where is it?");
        await SendAsync("Thanks.");

        _server.Violations.Should().BeEmpty();
        var last = _server.Requests[^1];
        last.BlocksOf(1).Select(block => block.GetProperty("type").GetString()).Should().Equal("thinking", "redacted_thinking", "text", "tool_use");
        last.BlocksOf(1)[0].GetProperty("thinking").GetString().Should().Be("The user wants 👍 it.");
        last.BlocksOf(3)[0].GetProperty("thinking").GetString().Should().Be("It is late.");
        (await StoredAsync(first.ConversationId))[1].Parts.OfType<ReasoningPart>().First().Text.Should().Be("The user wants 👍 it.");

        Task<ChatResponse> SendAsync(string text) => streamed
            ? client.GetStreamingResponseAsync(text, options, Cancellation).ToChatResponseAsync(Cancellation)
            : client.GetResponseAsync(text, options, Cancellation);
    }

    [Fact]
    public async Task Failed_function_is_still_failed_in_the_next_prompt()
    {
        _server.Enqueue(AnthropicReply.Of(ToolUseReply.Of("track", "{}", "call_1")), AnthropicReply.Text("It failed."), AnthropicReply.Text("Goodbye."));
        using var model = _server.CreateChatClient();
        var client = new FunctionCaller(model, _ => Task.FromResult<object?>(new FunctionResultContent("call_1", "no such order") { Exception = new InvalidOperationException("no such order") })).WithConversations(Alice, "bot");
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(static () => "", "track")] };
        await client.GetResponseAsync("Where is it?", options, Cancellation);

        await client.GetResponseAsync("Thanks.", options, Cancellation);

        _server.Violations.Should().BeEmpty();
        var result = _server.Requests[^1].BlocksOf(2).Single();
        (result.GetProperty("is_error").GetBoolean(), result.GetProperty("content").GetString()).Should().Be((true, "no such order"));
    }
}

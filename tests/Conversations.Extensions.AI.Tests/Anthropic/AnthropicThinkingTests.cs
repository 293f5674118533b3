using System.Text.Json;
using Anthropic.Exceptions;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests;

/// <summary>Thinking has to come back as it went out; the provider's own client keeps it also where only JSON is left of a message.</summary>
public sealed class AnthropicThinkingTests : IAsyncLifetime
{
    private AnthropicServer _server = null!;
    private IChatClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await AnthropicServer.StartAsync();
        _client = _server.CreateChatClient();
        _server.Enqueue(AnthropicReply.Of(new ThinkingReply("hmm hmm"), new RedactedThinkingReply("secret"), new TextReply("I look"), ToolUseReply.Of("f")));
        _server.Answer = _ => AnthropicReply.Text("done");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Comes_back_from_JSON_unchanged(bool streamed)
    {
        var message = AsJson(await AskAsync(streamed));

        await ContinueAsync(message);

        _server.Violations.Should().BeEmpty();
        _server.Requests[1].BlocksOf(1).Take(2).Select(block => block.GetProperty("type").GetString()).Should().Equal("thinking", "redacted_thinking");
    }

    // What tells redacted thinking from other thinking is an additional property, once the raw representation is gone.
    [Fact]
    public async Task Is_refused_if_its_additional_properties_are_lost()
    {
        var message = AsJson(await AskAsync(streamed: false));
        message.Contents[1].AdditionalProperties = null;

        await RefusesAsync(() => ContinueAsync(message), "thinking-signature");
    }

    [Fact]
    public async Task Is_refused_if_it_comes_back_changed()
    {
        var message = await AskAsync(streamed: false);
        message.Contents[0] = new TextReasoningContent("hmm?") { ProtectedData = ((TextReasoningContent)message.Contents[0]).ProtectedData };

        await RefusesAsync(() => ContinueAsync(message), "thinking-signature");
    }

    [Fact]
    public async Task Is_required_with_the_call_that_it_led_to()
    {
        var message = await AskAsync(streamed: false);
        message.Contents.RemoveAt(0);

        await RefusesAsync(() => ContinueAsync(message), "thinking-modified");
    }

    [Fact]
    public async Task Is_refused_as_the_end_of_a_message()
    {
        var message = await AskAsync(streamed: false);
        message.Contents = [message.Contents[0]];

        await RefusesAsync(
            () => _client.GetResponseAsync([new(ChatRole.User, "hello"), message, new(ChatRole.User, "go on")], cancellationToken: Token),
            "thinking-last");
    }

    [Fact]
    public async Task Is_required_when_it_is_turned_on()
    {
        const string Messages = """
            [{ "role": "user", "content": "a" },
             { "role": "assistant", "content": [{ "type": "tool_use", "id": "1", "name": "f", "input": {} }] },
             { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "1" }] }]
            """;

        await RawRequests.PostAsync(
            _server, RawRequests.Body(Messages, RawRequests.Tools + """, "thinking": { "type": "enabled", "budget_tokens": 1024 } """));

        _server.Violations.Select(violation => violation.Rule).Should().Equal("thinking-expected");
    }

    private static ChatMessage AsJson(ChatMessage message) => JsonSerializer.Deserialize<ChatMessage>(
        JsonSerializer.Serialize(message, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;

    private async Task<ChatMessage> AskAsync(bool streamed)
    {
        var response = await (streamed
            ? _client.GetStreamingResponseAsync("hello", cancellationToken: Token).ToChatResponseAsync(Token)
            : _client.GetResponseAsync("hello", cancellationToken: Token));

        return response.Messages.Single();
    }

    private Task<ChatResponse> ContinueAsync(ChatMessage message)
    {
        var results = message.Contents.OfType<FunctionCallContent>().Select(call => (AIContent)new FunctionResultContent(call.CallId, "r"));
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(() => "r", "f")] };

        return _client.GetResponseAsync([new(ChatRole.User, "hello"), message, new(ChatRole.Tool, [.. results])], options, Token);
    }

    private async Task RefusesAsync(Func<Task<ChatResponse>> ask, string rule)
    {
        await ask.Should().ThrowAsync<AnthropicBadRequestException>();
        _server.Violations.Select(violation => violation.Rule).Should().Equal(rule);
    }
}

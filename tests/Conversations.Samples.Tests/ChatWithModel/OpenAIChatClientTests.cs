using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using ChatWithModel;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Conversations.Samples.Tests.ChatWithModel;

/// <summary>The sample's own client for OpenAI.</summary>
public sealed class OpenAIChatClientTests : IAsyncDisposable
{
    private static readonly AIFunction GetOrder = AIFunctionFactory.Create((string id) => $"packed {id}", "get_order", "Looks up one order.");

    private readonly FakeOpenAI _server = new();
    private readonly OpenAIChatClient _client;

    public OpenAIChatClientTests()
    {
        var options = new OpenAIClientOptions { Endpoint = _server.Address, RetryPolicy = new ClientRetryPolicy(maxRetries: 0) };
        _client = new OpenAIChatClient(new OpenAIClient(new ApiKeyCredential("key"), options), "gpt-test");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Answer_in_one_piece_has_text_usage_model_and_reason()
    {
        _server.Reply("""{"role":"assistant","content":"Hello."}""");

        var response = await _client.GetResponseAsync([new ChatMessage(ChatRole.System, "Be kind."), new ChatMessage(ChatRole.User, "Hi")], new ChatOptions { ModelId = "gpt-other", MaxOutputTokens = 50 }, Cancellation);

        Summary(response).Should().Be(("Hello.", "gpt-test-1", "stop", 20L, 5L, 8L));
        _server.Requests.Single()["model"]!.ToString().Should().Be("gpt-other");
        _server.Requests.Single()["max_completion_tokens"]!.ToString().Should().Be("50");
        Sent(0).Should().Equal(("system", "Be kind."), ("user", "Hi"));
    }

    [Fact]
    public async Task Streamed_answer_has_text_usage_model_and_reason()
    {
        _server.Stream([FakeOpenAI.Text("Hel"), FakeOpenAI.Text("lo.")]);

        var updates = await _client.GetStreamingResponseAsync("Hi", cancellationToken: Cancellation).ToListAsync(Cancellation);

        updates.Select(update => update.Text).Where(text => text.Length > 0).Should().Equal("Hel", "lo.");
        Summary(updates.ToChatResponse()).Should().Be(("Hello.", "gpt-test-1", "stop", 20L, 5L, 8L));
        _server.Requests.Single()["model"]!.ToString().Should().Be("gpt-test");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Calls_come_with_their_arguments_and_go_back_with_their_results(bool isStreamed)
    {
        Call(isStreamed);
        Say(isStreamed, "Both are packed.");
        var client = new FunctionCaller(_client);

        var response = await AskAsync(client, isStreamed);

        response.Text.Should().EndWith("Both are packed.");
        response.Usage!.InputTokenCount.Should().Be(40, "both requests count");
        response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Select(call => (call.CallId, call.Name, call.Arguments!["id"]!.ToString()))
            .Should().Equal(("call_a", "get_order", "1"), ("call_b", "get_order", "2"));
        var tool = _server.Requests[0]["tools"]![0]!["function"]!;
        (tool["name"]!.ToString(), tool["description"]!.ToString(), tool["parameters"]!["required"]![0]!.ToString()).Should().Be(("get_order", "Looks up one order.", "id"));
        Sent(1).Should().Equal(("user", "Where are they?"), ("assistant", "Let me look."), ("tool", "packed 1"), ("tool", "packed 2"));
        _server.Requests[1]["messages"]!.AsArray().Skip(2).Select(message => message!["tool_call_id"]!.ToString()).Should().Equal("call_a", "call_b");
        _server.Requests[1]["messages"]![1]!["tool_calls"]!.AsArray().Select(call => JsonDocument.Parse(call!["function"]!["arguments"]!.ToString()).RootElement.GetProperty("id").GetString())
            .Should().Equal("1", "2");
    }

    [Fact]
    public async Task Function_that_fails_is_reported_to_the_model()
    {
        Call(isStreamed: false);
        Say(isStreamed: false, "That did not work.");
        var failing = AIFunctionFactory.Create(string (string id) => throw new InvalidOperationException($"no {id}"), "get_order");

        await new FunctionCaller(_client).GetResponseAsync("Where are they?", new ChatOptions { Tools = [failing] }, Cancellation);

        Sent(1).TakeLast(2).Should().Equal(("tool", "no 1"), ("tool", "no 2"));
    }

    [Fact]
    public async Task Model_that_never_stops_calling_is_stopped()
    {
        for (var i = 0; i < 12; i++)
            Call(isStreamed: true);

        await AskAsync(new FunctionCaller(_client), isStreamed: true);

        _server.Requests.Should().HaveCount(10);
    }

    private static (string Text, string? Model, string? Reason, long? Input, long? Output, long? Cached) Summary(ChatResponse response) =>
        (response.Text, response.ModelId, response.FinishReason?.Value, response.Usage?.InputTokenCount, response.Usage?.OutputTokenCount, response.Usage?.CachedInputTokenCount);

    private static Task<ChatResponse> AskAsync(IChatClient client, bool isStreamed)
    {
        var options = new ChatOptions { Tools = [GetOrder] };
        return isStreamed
            ? client.GetStreamingResponseAsync("Where are they?", options, Cancellation).ToChatResponseAsync(Cancellation)
            : client.GetResponseAsync("Where are they?", options, Cancellation);
    }

    private void Say(bool isStreamed, string text)
    {
        if (isStreamed)
            _server.Stream([FakeOpenAI.Text(text)]);
        else
            _server.Reply($$"""{"role":"assistant","content":"{{text}}"}""");
    }

    private void Call(bool isStreamed)
    {
        if (!isStreamed)
        {
            _server.Reply(
                """{"role":"assistant","content":"Let me look.","tool_calls":[{"id":"call_a","type":"function","function":{"name":"get_order","arguments":"{\"id\":\"1\"}"}},{"id":"call_b","type":"function","function":{"name":"get_order","arguments":"{\"id\":\"2\"}"}}]}""",
                "tool_calls");
            return;
        }

        _server.Stream(
            [
                FakeOpenAI.Text("Let me look."),
                """{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"get_order","arguments":""}}]}""",
                """{"tool_calls":[{"index":0,"function":{"arguments":"{\"id\":"}}]}""",
                """{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"get_order","arguments":"{\"id\":\"2\"}"}}]}""",
                """{"tool_calls":[{"index":0,"function":{"arguments":"\"1\"}"}}]}""",
            ],
            "tool_calls");
    }

    private IEnumerable<(string Role, string Text)> Sent(int request) => _server.Requests[request]["messages"]!.AsArray().Select(message =>
    {
        var content = message!["content"]!;
        return (message["role"]!.ToString(), content is System.Text.Json.Nodes.JsonArray parts ? parts[0]!["text"]!.ToString() : content.ToString());
    });
}

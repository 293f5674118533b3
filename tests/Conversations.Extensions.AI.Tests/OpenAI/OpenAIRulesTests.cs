using System.Net;
using System.Text;

namespace Conversations.Extensions.AI.Tests;

/// <summary>What the server refuses, by requests written by hand.</summary>
public sealed class OpenAIRulesTests : IAsyncLifetime
{
    private const string Asked = """{ "role": "user", "content": "a" }""";
    private const string Called = """{ "role": "assistant", "content": null, "tool_calls": [{ "id": "1", "type": "function", "function": { "name": "f", "arguments": "{}" } }] }""";
    private const string Question = """{ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": "a" }] }""";
    private const string Call = """{ "type": "function_call", "call_id": "1", "name": "f", "arguments": "{}" }""";

    private static readonly HttpClient Http = new();

    private OpenAIServer _server = null!;

    public static TheoryData<string, string> Chats => new()
    {
        { "messages-empty", "" },
        { "unknown-role", """{ "role": "robot", "content": "a" }""" },
        { "content-empty", """{ "role": "user", "content": [] }""" },
        { "content-empty", """{ "role": "assistant", "content": null }""" },
        { "text-blank", """{ "role": "user", "content": " " }""" },
        { "text-blank", """{ "role": "assistant", "content": [{ "type": "text", "text": "" }] }""" },
        { "name", """{ "role": "user", "content": "a", "name": "two words" }""" },
        { "picture", """{ "role": "user", "content": [{ "type": "image_url", "image_url": { "url": "data:image/png;base64,@" } }] }""" },
        { "picture", """{ "role": "user", "content": [{ "type": "image_url", "image_url": { "url": "data:image/tiff;base64,AQ==" } }] }""" },
        { "unknown-part", """{ "role": "assistant", "content": [{ "type": "image_url", "image_url": { "url": "https://x/" } }] }""" },
        { "call-unanswered", $"{Asked}, {Called}" },
        { "call-unanswered", $"{Asked}, {Called}, {Asked}" },
        { "result-orphaned", $$"""{{Asked}}, { "role": "tool", "tool_call_id": "1", "content": "r" }""" },
        { "result-orphaned", $$"""{{Asked}}, {{Called}}, { "role": "tool", "tool_call_id": "1", "content": "r" }, { "role": "tool", "tool_call_id": "1", "content": "r" }""" },
        { "content-empty", $$"""{{Asked}}, {{Called}}, { "role": "tool", "tool_call_id": "1", "content": null }""" },
        { "calls-empty", $$"""{{Asked}}, { "role": "assistant", "content": "b", "tool_calls": [] }""" },
        { "call-id", $$"""{{Asked}}, { "role": "assistant", "tool_calls": [{ "id": "{{new string('i', 41)}}", "type": "function", "function": { "name": "f", "arguments": "{}" } }] }, { "role": "tool", "tool_call_id": "{{new string('i', 41)}}", "content": "r" }""" },
        { "function-name", $$"""{{Asked}}, { "role": "assistant", "tool_calls": [{ "id": "1", "type": "function", "function": { "name": "no name", "arguments": "{}" } }] }, { "role": "tool", "tool_call_id": "1", "content": "r" }""" },
    };

    public static TheoryData<string, string> Inputs => new()
    {
        { "input-empty", "" },
        { "unknown-item", """{ "type": "item_reference", "id": "rs_1" }""" },
        { "unknown-role", """{ "type": "message", "role": "tool", "content": [{ "type": "input_text", "text": "a" }] }""" },
        { "content-empty", """{ "type": "message", "role": "user", "content": [] }""" },
        { "text-blank", """{ "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "" }] }""" },
        { "unknown-part", """{ "type": "message", "role": "user", "content": [{ "type": "output_text", "text": "a" }] }""" },
        { "picture", """{ "type": "message", "role": "user", "content": [{ "type": "input_image", "image_url": "data:image/png;base64,@" }] }""" },
        { "call-unanswered", $"{Question}, {Call}" },
        { "call-doubled", $$"""{{Question}}, {{Call}}, {{Call}}, { "type": "function_call_output", "call_id": "1", "output": "r" }""" },
        { "output-orphaned", $$"""{{Question}}, { "type": "function_call_output", "call_id": "1", "output": "r" }""" },
        { "missing-field", $$"""{{Question}}, {{Call}}, { "type": "function_call_output", "call_id": "1" }""" },
        { "reasoning-unsigned", $$"""{{Question}}, { "type": "reasoning", "id": "rs_1", "summary": [] }, {{Call}}, { "type": "function_call_output", "call_id": "1", "output": "r" }""" },
        { "reasoning-encrypted", $$"""{{Question}}, { "type": "reasoning", "encrypted_content": "forged", "summary": [] }, {{Call}}, { "type": "function_call_output", "call_id": "1", "output": "r" }""" },
    };

    public async ValueTask InitializeAsync() => _server = await OpenAIServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Chats))]
    public Task Refuses_a_chat_that_breaks_a_rule(string rule, string messages) => RefusesAsync(rule, "/v1/chat/completions", $$"""{ "model": "m", "messages": [{{messages}}] }""");

    [Theory]
    [MemberData(nameof(Inputs))]
    public Task Refuses_an_input_that_breaks_a_rule(string rule, string items) => RefusesAsync(rule, "/v1/responses", $$"""{ "model": "m", "input": [{{items}}] }""");

    [Theory]
    [InlineData("tools-empty", """ "tools": [] """)]
    [InlineData("tool-choice", """ "parallel_tool_calls": true """)]
    public Task Refuses_tools_that_break_a_rule(string rule, string field) => RefusesAsync(rule, "/v1/chat/completions", $$"""{ "model": "m", "messages": [{{Asked}}], {{field}} }""");

    [Fact]
    public Task Refuses_a_response_that_it_does_not_keep() => RefusesAsync("previous-response", "/v1/responses", $$"""{ "model": "m", "input": [{{Question}}], "previous_response_id": "resp_1" }""");

    [Fact]
    public async Task Refuses_reasoning_of_another_model_and_at_the_end()
    {
        _server.Answer = static _ => OpenAIReply.Of(new ThinkingReply("hm"), new TextReply("b"));
        await PostAsync("/v1/responses", $$"""{ "model": "m", "input": [{{Question}}], "include": ["reasoning.encrypted_content"] }""");
        const string Reasoning = """{ "type": "reasoning", "encrypted_content": "gAAAA+rs_00000001_0/m==", "summary": [] }""";
        const string Answer = """{ "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "b" }] }""";

        await PostAsync("/v1/responses", $$"""{ "model": "m", "input": [{{Question}}, {{Reasoning}}, {{Answer}}, {{Question}}] }""");
        _server.Violations.Should().BeEmpty();
        await PostAsync("/v1/responses", $$"""{ "model": "n", "input": [{{Question}}, {{Reasoning}}, {{Answer}}, {{Question}}] }""");
        await PostAsync("/v1/responses", $$"""{ "model": "m", "input": [{{Question}}, {{Reasoning}}, {{Question}}] }""");

        _server.Violations.Select(violation => violation.Rule).Should().Equal("reasoning-encrypted", "reasoning-alone");
    }

    private async Task RefusesAsync(string rule, string path, string body)
    {
        (await PostAsync(path, body)).Should().Be(HttpStatusCode.BadRequest);

        _server.Violations.Select(violation => violation.Rule).Distinct().Should().Equal(rule);
    }

    private async Task<HttpStatusCode> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Http.PostAsync(new Uri(_server.Address + path), content, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}

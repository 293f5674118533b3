using System.Net;

namespace Conversations.Extensions.AI.Tests;

/// <summary>Each rule of the server refuses what breaks it, says which, and leaves the rest alone.</summary>
public sealed class AnthropicRulesTests : IAsyncLifetime
{
    private const string Asked = """{ "role": "user", "content": "a" }""";
    private const string Called = """{ "role": "assistant", "content": [{ "type": "tool_use", "id": "1", "name": "f", "input": {} }] }""";
    private const string Result = """{ "type": "tool_result", "tool_use_id": "1", "content": "r" }""";
    private const string Text = """{ "type": "text", "text": "t" }""";

    private AnthropicServer _server = null!;

    public static TheoryData<string, string, string> BrokenMessages => new()
    {
        { "messages-empty", "[]", "at least one message" },
        { "wrong-type", """ "hi" """, "valid list" },
        { "missing-field", """[{ "role": "user" }]""", "messages.0.content: Field required" },
        { "unknown-field", """[{ "role": "user", "content": "a", "name": "Bob" }]""", "messages.0.name: Extra inputs are not permitted" },
        { "unknown-role", """[{ "role": "system", "content": "a" }]""", "Unexpected role \"system\"" },
        { "unknown-role", $$"""[{{Asked}}, { "role": "tool", "content": "a" }]""", "Unexpected role \"tool\"" },
        { "first-role", $$"""[{ "role": "assistant", "content": "a" }, {{Asked}}]""", "first message must use the \"user\" role" },
        { "last-role", $$"""[{{Asked}}, { "role": "assistant", "content": "b" }]""", "must end with a user message" },
        { "roles-alternate", $"[{Asked}, {Asked}]", "roles must alternate" },
        { "content-empty", """[{ "role": "user", "content": "" }]""", "must have non-empty content" },
        { "content-empty", """[{ "role": "user", "content": [] }]""", "must have non-empty content" },
        { "text-blank", """[{ "role": "user", "content": " \n" }]""", "must have non-empty content" },
        { "text-empty", User("""{ "type": "text", "text": "" }"""), "must be non-empty" },
        { "text-blank", User("""{ "type": "text", "text": " " }"""), "non-whitespace" },
        { "wrong-type", User("""{ "type": "text", "text": 5 }"""), "valid string" },
        { "unknown-field", User("""{ "type": "text", "text": "a", "annotations": [] }"""), "annotations: Extra inputs" },
        { "wrong-role", User("""{ "type": "text", "text": "a", "citations": [{ "type": "x" }] }"""), "citations" },
        { "unknown-block", User("""{ "type": "audio", "data": "" }"""), "'audio'" },
        { "unknown-block", User("\"a\""), "does not match" },
        { "unknown-value", User("""{ "type": "image", "source": { "type": "base64", "media_type": "image/bmp", "data": "AQ==" } }"""), "image/jpeg" },
        { "base64", User("""{ "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "?" } }"""), "invalid base64" },
        { "unknown-source", User("""{ "type": "image", "source": { "type": "path", "path": "x" } }"""), "'path'" },
        { "missing-field", User("""{ "type": "document", "source": { "type": "url" } }"""), "source.url: Field required" },
        { "unknown-field", User("""{ "type": "document", "source": { "type": "url", "url": "https://x/" }, "name": "n" }"""), "name: Extra inputs" },
        { "wrong-role", Assistant("""{ "type": "image", "source": { "type": "url", "url": "https://x/" } }"""), "can only be in `user` messages" },
        { "wrong-role", User("""{ "type": "thinking", "thinking": "t", "signature": "s" }"""), "can only be in `assistant` messages" },
        { "wrong-role", User("""{ "type": "tool_use", "id": "1", "name": "f", "input": {} }"""), "can only be in `assistant` messages" },
        { "wrong-role", Assistant(Result), "can only be in `user` messages" },
        { "thinking-signature", Assistant($$"""{ "type": "thinking", "thinking": "t", "signature": "s" }, {{Text}}"""), "Invalid `signature`" },
        { "thinking-signature", Assistant($$"""{ "type": "redacted_thinking", "data": "s" }, {{Text}}"""), "Invalid `data`" },
        { "tool-use-unanswered", $"[{Asked}, {Called}, {Asked}]", "without `tool_result` blocks immediately after: 1." },
        { "tool-use-unanswered", $$"""[{{Asked}}, {{Two()}}, { "role": "user", "content": [{{Result}}] }]""", "immediately after: 2." },
        { "tool-use-not-last", Conversation($"{Call("1")}, {Text}", Result), "without `tool_result` blocks immediately after: 1." },
        { "tool-use-id-doubled", Conversation($"{Call("1")}, {Call("1")}", Result), "`tool_use` ids must be unique" },
        { "tool-use-id", Conversation(Call("a.b"), """{ "type": "tool_result", "tool_use_id": "1" }"""), "String should match pattern '^[a-zA-Z0-9_-]+$'" },
        { "tool-name", Conversation(Call("1").Replace("\"f\"", "\"f.g\"", StringComparison.Ordinal), Result), "{1,128}" },
        { "tool-input", Conversation(Call("1").Replace("{}", "\"{}\"", StringComparison.Ordinal), Result), "should be an object" },
        { "tool-result-orphaned", User(Result), "unexpected `tool_use_id` found in `tool_result` blocks: 1." },
        { "tool-result-orphaned", $$"""[{{Asked}}, {{Called}}, { "role": "user", "content": [{{Result}}] }, { "role": "assistant", "content": "b" }, { "role": "user", "content": [{{Result}}] }]""", "unexpected `tool_use_id`" },
        { "tool-result-doubled", Conversation(Call("1"), $"{Result}, {Result}"), "must have a single result" },
        { "tool-result-not-first", Conversation(Call("1"), $"{Text}, {Result}"), "must come first" },
        { "tool-error-empty", Conversation(Call("1"), """{ "type": "tool_result", "tool_use_id": "1", "is_error": true, "content": "" }"""), "content cannot be empty" },
        { "text-empty", Conversation(Call("1"), """{ "type": "tool_result", "tool_use_id": "1", "content": [{ "type": "text", "text": "" }] }"""), "must be non-empty" },
        { "unknown-block", Conversation(Call("1"), """{ "type": "tool_result", "tool_use_id": "1", "content": [{ "type": "json" }] }"""), "'json'" },
        { "unknown-field", Conversation(Call("1"), """{ "type": "tool_result", "tool_use_id": "1", "result": "r" }"""), "result: Extra inputs" },
    };

    public static TheoryData<string, string, string> BrokenFields => new()
    {
        { "unknown-field", """ "conversation_id": "c" """, "conversation_id: Extra inputs are not permitted" },
        { "wrong-type", """ "stream": "yes" """, "stream" },
        { "temperature", """ "temperature": 2 """, "temperature" },
        { "wrong-type", """ "system": { "text": "s" } """, "system: Input should be a valid list" },
        { "system-empty", """ "system": [{ "type": "text", "text": "" }] """, "system: text content blocks must be non-empty" },
        { "unknown-value", """ "system": [{ "type": "image", "text": "s" }] """, "system.0.type" },
        { "missing-field", """ "tools": [{ "name": "f" }] """, "tools.0.input_schema: Field required" },
        { "unknown-field", """ "tools": [{ "name": "f", "input_schema": { "type": "object" }, "parameters": {} }] """, "parameters: Extra inputs" },
        { "tool-schema", """ "tools": [{ "name": "f", "input_schema": { "type": "string" } }] """, "input_schema.type" },
        { "tool-name", """ "tools": [{ "name": "f g", "input_schema": { "type": "object" } }] """, "{1,128}" },
        { "tool-name-doubled", """ "tools": [{ "name": "f", "input_schema": { "type": "object" } }, { "name": "f", "input_schema": { "type": "object" } }] """, "must be unique" },
        { "tool-choice", """ "tool_choice": { "type": "auto" } """, "while providing tools" },
        { "tool-choice", RawRequests.Tools + """, "tool_choice": { "type": "tool", "name": "g" } """, "not found" },
        { "thinking-budget", """ "thinking": { "type": "enabled", "budget_tokens": 1000 } """, "1024" },
        { "thinking-budget", """ "thinking": { "type": "enabled", "budget_tokens": 2000 } """, "must be greater than `thinking.budget_tokens`" },
    };

    public static TheoryData<string, string, string> BrokenBodies => new()
    {
        { "not-json", "{", "not valid JSON" },
        { "not-json", """{ "model": "m", "model": "m", "max_tokens": 1, "messages": [] }""", "not valid JSON" },
        { "not-json", RawRequests.Body("""[{ "role": "user", "content": "\ud83d" }]"""), "not valid JSON" },
        { "wrong-type", "[]", "should be an object" },
        { "missing-field", """{ "max_tokens": 1, "messages": [{ "role": "user", "content": "a" }] }""", "model: Field required" },
        { "model-empty", """{ "model": "", "max_tokens": 1, "messages": [{ "role": "user", "content": "a" }] }""", "model" },
        { "max-tokens", """{ "model": "m", "max_tokens": 0, "messages": [{ "role": "user", "content": "a" }] }""", "max_tokens" },
        { "tools-undefined", RawRequests.Body(Conversation(Call("1"), Result), fields: ""), "must define tools" },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await AnthropicServer.StartAsync();
        _server.Answer = _ => AnthropicReply.Text("ok");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(BrokenMessages))]
    public Task Refuses_messages_that_break_a_rule(string rule, string messages, string reason) =>
        RefusesAsync(rule, RawRequests.Body(messages), reason);

    [Theory]
    [MemberData(nameof(BrokenFields))]
    public Task Refuses_fields_that_break_a_rule(string rule, string fields, string reason) =>
        RefusesAsync(rule, RawRequests.Body($"[{Asked}]", fields), reason);

    [Theory]
    [MemberData(nameof(BrokenBodies))]
    public Task Refuses_a_body_that_breaks_a_rule(string rule, string body, string reason) => RefusesAsync(rule, body, reason);

    [Fact]
    public async Task Accepts_a_request_that_breaks_no_rule()
    {
        var messages = $$"""
            [
                { "role": "user", "content": [
                    { "type": "text", "text": "a", "cache_control": { "type": "ephemeral" } },
                    { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "AQ==" } },
                    { "type": "image", "source": { "type": "url", "url": "https://x/" } },
                    { "type": "image", "source": { "type": "file", "file_id": "f" } },
                    { "type": "document", "title": "t", "source": { "type": "base64", "media_type": "application/pdf", "data": "AQ==" } },
                    { "type": "document", "source": { "type": "text", "media_type": "text/plain", "data": "" } }] },
                { "role": "assistant", "content": [{ "type": "text", "text": "b ", "citations": null }, {{Call("1")}}, {{Call("2")}}] },
                { "role": "user", "content": [
                    { "type": "tool_result", "tool_use_id": "2", "is_error": true, "content": [{ "type": "text", "text": "no" }] },
                    { "type": "tool_result", "tool_use_id": "1", "content": "" },
                    {{Text}}] },
                {{Called}},
                { "role": "user", "content": [{{Result}}] }
            ]
            """;

        var answer = await RawRequests.PostAsync(_server, RawRequests.Body(messages, RawRequests.Tools + """, "system": "s", "temperature": 1, "metadata": {} """));

        _server.Violations.Should().BeEmpty();
        answer.Status.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("api-key", 401, "authentication_error", "anthropic-version", "2023-06-01")]
    [InlineData("version", 400, "invalid_request_error", "x-api-key", "a-key")]
    [InlineData("version", 400, "invalid_request_error", "authorization", "Bearer a-key")]
    public async Task Refuses_a_request_that_lacks_a_header(string rule, int status, string type, string name, string value)
    {
        var answer = await RawRequests.PostAsync(_server, RawRequests.Body($"[{Asked}]"), "/v1/messages", (name, value));

        _server.Violations.Select(violation => violation.Rule).Should().Equal(rule);
        ((int)answer.Status).Should().Be(status);
        answer.ErrorType.Should().Be(type);
    }

    [Fact]
    public async Task Refuses_a_body_without_the_content_type_of_JSON()
    {
        await RawRequests.PostAsync(
            _server, RawRequests.Body($"[{Asked}]"), "/v1/messages", ("x-api-key", "k"), ("anthropic-version", "2023-06-01"), ("content-type", "text/plain"));

        _server.Violations.Select(violation => violation.Rule).Should().Equal("content-type");
    }

    [Fact]
    public async Task Refuses_another_path()
    {
        var answer = await RawRequests.PostAsync(
            _server, RawRequests.Body($"[{Asked}]"), "/v1/complete", ("x-api-key", "k"), ("anthropic-version", "2023-06-01"));

        answer.Status.Should().Be(HttpStatusCode.NotFound);
        _server.Violations.Select(violation => violation.Rule).Should().Equal("not-found");
    }

    [Fact]
    public async Task Refuses_sampling_in_the_newer_version_of_the_API()
    {
        var body = RawRequests.Body($"[{Asked}]", """ "temperature": 1 """);

        await RawRequests.PostAsync(_server, body, "/v1/messages", ("authorization", "Bearer k"), ("anthropic-version", "2026-10-21"));

        _server.Violations.Select(violation => violation.Rule).Should().Equal("unknown-field");
    }

    [Fact]
    public async Task Joins_messages_of_a_role_when_configured()
    {
        await using var server = await AnthropicServer.StartAsync(new() { JoinsConsecutiveMessages = true });
        server.Answer = _ => AnthropicReply.Text("ok");
        var two = $$"""[{{Asked}}, {{Two()}}, { "role": "user", "content": [{{Result}}] }, { "role": "user", "content": [{{Result.Replace("1", "2", StringComparison.Ordinal)}}] }, {{Asked}}]""";
        var late = $$"""[{{Asked}}, {{Two()}}, { "role": "user", "content": [{{Result}}] }, {{Asked}}, { "role": "user", "content": [{{Result.Replace("1", "2", StringComparison.Ordinal)}}] }]""";

        await RawRequests.PostAsync(server, RawRequests.Body(two));
        await RawRequests.PostAsync(server, RawRequests.Body(late));

        server.Violations.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Request = 2, Rule = "tool-result-not-first" });
    }

    [Fact]
    public async Task Accepts_system_messages_in_allowed_places_when_configured()
    {
        await using var server = await AnthropicServer.StartAsync(new() { TakesSystemMessages = true });
        server.Answer = _ => AnthropicReply.Text("ok");
        const string System = """{ "role": "system", "content": "s" }""";

        await RawRequests.PostAsync(server, RawRequests.Body($"[{Asked}, {System}]"));
        await RawRequests.PostAsync(server, RawRequests.Body($$"""[{{Asked}}, { "role": "assistant", "content": "b" }, {{System}}, {{Asked}}]"""));

        server.Violations.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Request = 2, Rule = "system-misplaced" });
    }

    [Fact]
    public async Task Continues_the_assistant_when_configured()
    {
        await using var server = await AnthropicServer.StartAsync(new() { ContinuesAssistantMessages = true });
        server.Answer = _ => AnthropicReply.Text("ok");

        await RawRequests.PostAsync(server, RawRequests.Body($$"""[{{Asked}}, { "role": "assistant", "content": "b" }]"""));
        await RawRequests.PostAsync(server, RawRequests.Body($$"""[{{Asked}}, { "role": "assistant", "content": "b " }]"""));

        server.Violations.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Request = 2, Rule = "last-whitespace" });
    }

    [Fact]
    public async Task Refuses_a_repeated_tool_use_id_when_configured()
    {
        await using var server = await AnthropicServer.StartAsync(new() { TakesToolUseIdsAgain = false });
        server.Answer = _ => AnthropicReply.Text("ok");
        var answered = $$"""{ "role": "user", "content": [{{Result}}] }""";

        await RawRequests.PostAsync(server, RawRequests.Body($"[{Asked}, {Called}, {answered}, {Called}, {answered}]"));

        server.Violations.Select(violation => violation.Rule).Should().Equal("tool-use-id-doubled");
    }

    private static string Call(string id) => $$"""{ "type": "tool_use", "id": "{{id}}", "name": "f", "input": {} }""";

    private static string Two() => $$"""{ "role": "assistant", "content": [{{Call("1")}}, {{Call("2")}}] }""";

    private static string User(string blocks) => $$"""[{ "role": "user", "content": [{{blocks}}] }]""";

    private static string Assistant(string blocks) => $$"""[{{Asked}}, { "role": "assistant", "content": [{{blocks}}] }, {{Asked}}]""";

    private static string Conversation(string called, string answered) =>
        $$"""[{{Asked}}, { "role": "assistant", "content": [{{called}}] }, { "role": "user", "content": [{{answered}}] }]""";

    private async Task RefusesAsync(string rule, string body, string reason)
    {
        var answer = await RawRequests.PostAsync(_server, body);

        var request = await _server.RequestAsync(1).WaitAsync(Token);
        request.Violations.Select(violation => violation.Rule).Should().Equal(rule);
        _server.Violations.Should().Equal(request.Violations);
        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        answer.ErrorType.Should().Be("invalid_request_error");
        answer.ErrorMessage.Should().Contain(reason);
    }
}

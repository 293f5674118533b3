using System.Net;
using System.Text.Json.Nodes;
using Anthropic.Exceptions;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests;

/// <summary>What the server answers, seen by the provider's own client.</summary>
public sealed class AnthropicServerTests : IAsyncLifetime
{
    private const string Family = "👩‍👩‍👧 \"é\" 中文";

    private AnthropicServer _server = null!;
    private IChatClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await AnthropicServer.StartAsync();
        _client = _server.CreateChatClient();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Answers_with_text_and_records_the_request()
    {
        _server.Enqueue(AnthropicReply.Text(Family));

        var response = await _client.GetResponseAsync("hello", cancellationToken: Token);

        response.Text.Should().Be(Family);
        _server.Violations.Should().BeEmpty();
        _server.Requests.Should().ContainSingle().Which.TextOf(0).Should().Be("hello");
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 7)]
    [InlineData(100, 0)]
    public async Task Streams_pieces_of_any_length(int pieceLength, int bytesPerWrite)
    {
        var input = JsonNode.Parse("""{ "text": "😀 é \\ \" \n", "n": [1.50, null] }""")!.AsObject();
        _server.Enqueue(AnthropicReply.Of(new TextReply(Family), new ToolUseReply("f", input)) with { PieceLength = pieceLength, BytesPerWrite = bytesPerWrite });

        var response = await _client.GetStreamingResponseAsync("hello", cancellationToken: Token).ToChatResponseAsync(Token);

        response.Text.Should().Be(Family);
        var call = response.Messages.Single().Contents.OfType<FunctionCallContent>().Single();
        call.Arguments!["text"]!.ToString().Should().Be("😀 é \\ \" \n");
        call.Arguments["n"]!.ToString().Should().Be("[1.50,null]");
        response.FinishReason.Should().Be(ChatFinishReason.ToolCalls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answers_with_thinking_text_and_parallel_calls(bool streamed)
    {
        _server.Enqueue(AnthropicReply.Of(
            new ThinkingReply("hmm"), new RedactedThinkingReply("secret"), new TextReply("I look"), ToolUseReply.Of("f", """{ "a": 1 }"""), ToolUseReply.Of("g", id: "my_id")));

        var contents = (await AskAsync(streamed)).Messages.Single().Contents;

        contents.Select(content => content.GetType().Name).Should().Equal(
            nameof(TextReasoningContent), nameof(TextReasoningContent), nameof(TextContent), nameof(FunctionCallContent), nameof(FunctionCallContent));
        contents.OfType<TextReasoningContent>().Select(content => (content.Text, content.ProtectedData)).Should().Equal(("hmm", "sig+1/0=="), ("", "secret"));
        contents.OfType<FunctionCallContent>().Select(call => (call.CallId, call.Name)).Should().Equal(("toolu_0001_3", "f"), ("my_id", "g"));
    }

    [Theory]
    [InlineData("end_turn", "stop")]
    [InlineData("max_tokens", "length")]
    [InlineData("tool_use", "tool_calls")]
    [InlineData("refusal", "content_filter")]
    [InlineData("pause_turn", "pause_turn")]
    public async Task Stops_for_any_reason(string reason, string finish)
    {
        var reply = AnthropicReply.Text("x") with { StopReason = reason };
        _server.Enqueue(reply, reply);

        var plain = await AskAsync(streamed: false);
        var streamed = await AskAsync(streamed: true);

        new[] { plain.FinishReason?.Value, streamed.FinishReason?.Value }.Should().Equal(finish, finish);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Counts_what_came_from_the_cache(bool streamed)
    {
        _server.Enqueue(AnthropicReply.Text("x") with { Usage = new(Input: 100, Output: 20, CacheCreation: 7, CacheRead: 1000) });

        var usage = (await AskAsync(streamed)).Usage!;

        usage.Should().BeEquivalentTo(new { InputTokenCount = 1107, CachedInputTokenCount = 1000, OutputTokenCount = 20, TotalTokenCount = 1127 });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Usage_has_what_the_cache_wrote(bool streamed)
    {
        _server.Enqueue(AnthropicReply.Text("x") with { Usage = new(Input: 100, Output: 20, CacheCreation: 7, CacheRead: 1000) });

        var usage = ChatUsage.Of((await AskAsync(streamed)).Usage);

        usage.Should().Be(new TokenUsage { InputTokens = 1107, CachedInputTokens = 1000, CacheWriteInputTokens = 7, OutputTokens = 20 });
    }

    [Fact]
    public async Task Fails_as_the_API_does()
    {
        AnthropicReply[] failures =
            [AnthropicReply.RateLimited(), AnthropicReply.Overloaded(), AnthropicReply.InternalError(), AnthropicReply.BadRequest("no")];
        var types = new List<(Type, HttpStatusCode)>();

        foreach (var (failure, streamed) in failures.SelectMany(failure => new[] { (failure, false), (failure, true) }))
        {
            _server.Enqueue(failure);
            var ask = async () => await AskAsync(streamed);
            var thrown = (await ask.Should().ThrowAsync<AnthropicApiException>()).Which;
            types.Add((thrown.GetType(), thrown.StatusCode));
        }

        types.Where((_, index) => index % 2 == 0).Should().Equal(types.Where((_, index) => index % 2 == 1)).And.Equal(
            (typeof(AnthropicRateLimitException), HttpStatusCode.TooManyRequests),
            (typeof(AnthropicOverloadedException), (HttpStatusCode)529),
            (typeof(Anthropic5xxException), HttpStatusCode.InternalServerError),
            (typeof(AnthropicBadRequestException), HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Returns_when_to_try_again()
    {
        _server.Enqueue(AnthropicReply.RateLimited(retryAfterSeconds: 9));

        var answer = await RawRequests.PostAsync(_server, RawRequests.Body("""[{ "role": "user", "content": "a" }]"""));

        answer.RetryAfter.Should().Be(TimeSpan.FromSeconds(9));
        answer.ErrorType.Should().Be("rate_limit_error");
    }

    [Fact]
    public async Task Answers_after_a_failure_if_the_client_tries_again()
    {
        _server.Enqueue(AnthropicReply.Overloaded(), AnthropicReply.Text("at last"));
        using var client = _server.CreateChatClient(retries: 1);

        var response = await client.GetResponseAsync("hello", cancellationToken: Token);

        response.Text.Should().Be("at last");
        _server.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task Fails_when_a_test_has_no_answer()
    {
        var ask = async () => await AskAsync(streamed: false);

        await ask.Should().ThrowAsync<Anthropic5xxException>();
        _server.Violations.Select(violation => violation.Rule).Should().Equal("no-answer");
    }

    [Fact]
    public async Task Answers_many_requests_at_once()
    {
        using var gate = new ReplyGate();
        _server.Answer = request => AnthropicReply.Text(request.TextOf(0)) with { Gate = gate };

        var all = Enumerable.Range(0, 50).Select(number => _client.GetResponseAsync($"{number}", cancellationToken: Token)).ToList();
        await _server.RequestAsync(50).WaitAsync(Token);
        gate.Open();
        var responses = await Task.WhenAll(all);

        responses.Select(response => response.Text).Should().Equal(Enumerable.Range(0, 50).Select(number => $"{number}"));
        _server.Requests.Select(request => request.Number).Should().Equal(Enumerable.Range(1, 50));
    }

    [Fact]
    public async Task Ends_while_streams_hang()
    {
        _server.Enqueue(AnthropicReply.Text("x") with { Ending = StreamEnding.HangAfter(4) });
        var arrived = new TaskCompletionSource();
        var reading = ReadAsync();
        await arrived.Task.WaitAsync(Token);

        await _server.DisposeAsync();

        await reading.Awaiting(task => task).Should().ThrowAsync<IOException>();

        async Task ReadAsync()
        {
            await foreach (var _ in _client.GetStreamingResponseAsync("hello", cancellationToken: Token))
            {
                arrived.TrySetResult();
            }
        }
    }

    private Task<ChatResponse> AskAsync(bool streamed) => streamed
        ? _client.GetStreamingResponseAsync("hello", cancellationToken: Token).ToChatResponseAsync(Token)
        : _client.GetResponseAsync("hello", cancellationToken: Token);
}

using Anthropic.Exceptions;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests;

/// <summary>Streams that end otherwise than they should, and what the provider's own client makes of them.</summary>
public sealed class AnthropicStreamTests : IAsyncLifetime
{
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

    // Each text is preceded by message_start, ping and content_block_start.
    [Fact]
    public async Task Breaks_off_with_an_error_event()
    {
        Enqueue(StreamEnding.ErrorAfter(4));

        var (text, failure) = await ReadAsync(Token);

        text.Should().Be("Hello");
        failure.Should().BeOfType<AnthropicSseException>();
    }

    [Fact]
    public async Task Breaks_off_with_a_connection_that_closes()
    {
        Enqueue(StreamEnding.CutAfter(4));

        var (text, failure) = await ReadAsync(Token);

        text.Should().Be("Hello");
        failure.Should().BeOfType<HttpIOException>().Which.HttpRequestError.Should().Be(HttpRequestError.ResponseEnded);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Breaks_off_before_the_first_piece(bool streamed)
    {
        Enqueue(StreamEnding.CutAfter(0));

        var ask = async () => await (streamed
            ? _client.GetStreamingResponseAsync("hi", cancellationToken: Token).ToChatResponseAsync(Token)
            : _client.GetResponseAsync("hi", cancellationToken: Token));

        await ask.Should().ThrowAsync<AnthropicIOException>();
    }

    // Nothing but the missing finish reason tells the client's caller that this answer is not whole.
    [Fact]
    public async Task Ends_early_and_the_client_accepts_it()
    {
        Enqueue(StreamEnding.EndAfter(4));

        var response = await _client.GetStreamingResponseAsync("hi", cancellationToken: Token).ToChatResponseAsync(Token);

        response.Text.Should().Be("Hello");
        response.FinishReason.Should().BeNull();
        response.Usage!.OutputTokenCount.Should().Be(1);
    }

    [Fact]
    public async Task Ends_early_within_a_call_and_the_client_drops_it()
    {
        _server.Enqueue(AnthropicReply.Of(ToolUseReply.Of("f", """{ "a": "some text" }""")) with { Ending = StreamEnding.EndAfter(6) });

        var response = await _client.GetStreamingResponseAsync("hi", cancellationToken: Token).ToChatResponseAsync(Token);

        response.Messages.SelectMany(message => message.Contents).Should().BeEmpty();
        response.FinishReason.Should().BeNull();
    }

    [Fact]
    public async Task Hangs_until_the_client_cancels()
    {
        Enqueue(StreamEnding.HangAfter(4));
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var (text, failure) = await ReadAsync(cancellation.Token, cancellation.Cancel);

        text.Should().Be("Hello");
        failure.Should().BeAssignableTo<OperationCanceledException>();
        await _server.Requests.Single().Disconnected.WaitAsync(Token);
    }

    [Fact]
    public async Task Hangs_until_the_reader_leaves()
    {
        Enqueue(StreamEnding.HangAfter(4));

        await foreach (var update in _client.GetStreamingResponseAsync("hi", cancellationToken: Token))
        {
            if (update.Text.Length > 0)
            {
                break;
            }
        }

        await _server.Requests.Single().Disconnected.WaitAsync(Token);
    }

    [Fact]
    public async Task Hangs_until_a_plain_call_is_cancelled()
    {
        Enqueue(StreamEnding.HangAfter(0));
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var asking = _client.GetResponseAsync("hi", cancellationToken: cancellation.Token);
        var request = await _server.RequestAsync(1).WaitAsync(Token);

        await cancellation.CancelAsync();

        await asking.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        await request.Disconnected.WaitAsync(Token);
    }

    [Fact]
    public async Task Sends_one_piece_at_a_time()
    {
        using var gate = new ReplyGate();
        _server.Enqueue(AnthropicReply.Text("Hello world") with { Gate = gate });
        await using var updates = _client.GetStreamingResponseAsync("hi", cancellationToken: Token).GetAsyncEnumerator(Token);
        gate.Pass(4);

        await updates.MoveNextAsync();
        await updates.MoveNextAsync();
        await updates.MoveNextAsync();
        var first = updates.Current.Text;
        var next = updates.MoveNextAsync().AsTask();
        var waited = !next.IsCompleted;
        gate.Pass();
        await next;

        (first, waited, updates.Current.Text).Should().Be(("Hello", true, " worl"));
        gate.Open();
    }

    private void Enqueue(StreamEnding ending) => _server.Enqueue(AnthropicReply.Text("Hello world") with { Ending = ending });

    private async Task<(string Text, Exception? Failure)> ReadAsync(CancellationToken cancellationToken, Action? onText = null)
    {
        var text = "";

        try
        {
            await foreach (var update in _client.GetStreamingResponseAsync("hi", cancellationToken: cancellationToken))
            {
                text += update.Text;

                if (update.Text.Length > 0)
                {
                    onText?.Invoke();
                }
            }

            return (text, null);
        }
        catch (Exception failure)
        {
            return (text, failure);
        }
    }
}

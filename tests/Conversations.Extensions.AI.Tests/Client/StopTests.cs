using Anthropic.Exceptions;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>A stream that thinks, speaks and calls is stopped at each of its events: the next request is taken, by the same model and by another.</summary>
public sealed class StopTests : ChatClientTest, IAsyncLifetime
{
    private const int MostEvents = 40;

    private AnthropicServer _server = null!;
    private IChatClient _model = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await AnthropicServer.StartAsync();
        _server.Answer = static _ => AnthropicReply.Of(new ThinkingReply("Again."), new TextReply("Well."));
        _model = _server.CreateChatClient();
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        _model.Dispose();
        await _server.DisposeAsync();
        await DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stream_that_ends_at_any_event_blocks_no_later_request(bool isCut)
    {
        var client = _model.WithConversations(Alice, "bot");
        var answer = AnthropicReply.Of(new ThinkingReply("The user wants 👍 it."), new RedactedThinkingReply("c2VjcmV0"), new TextReply("Let me look."), ToolUseReply.Of("track", """{"order":7}""", "call_1"), ToolUseReply.Of("track", """{"order":8}""", "call_2"));
        var kept = new HashSet<string>(StringComparer.Ordinal);
        for (var events = 0; events <= MostEvents; events++)
        {
            _server.Enqueue(isCut ? answer with { Ending = StreamEnding.CutAfter(events) } : answer);
            var (options, model) = (Options("claude-a", startNew: true), events % 2 == 0 ? "claude-a" : "claude-b");
            await ReadAsync(client, options, isCut ? int.MaxValue : events);
            var id = (await Alice.GetCurrentAsync("bot", cancellationToken: Cancellation))!.Id;
            kept.Add(string.Join(' ', (await StoredAsync(id)).Skip(1).SelectMany(message => message.Parts).Select(part => part.ToString())));

            await client.GetResponseAsync("Go on.", Options(model), Cancellation);
            await client.GetResponseAsync("And?", Options(model), Cancellation);

            _server.Violations.Should().BeEmpty("the stream ended after {0} events", events);
        }

        // Thinking, what is hidden, text, one call, and both. What has arrived when a reader cancels depends on the scheduler.
        if (isCut)
            kept.Should().HaveCountGreaterThan(3);
    }

    /// <summary>Reads a stream, and cancels it at an update.</summary>
    private static async Task ReadAsync(ConversationChatClient client, ChatOptions options, int last)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var updates = 0;
        try
        {
            await foreach (var update in client.GetStreamingResponseAsync("Where is it?", options, stop.Token))
            {
                if (++updates > last)
                    await stop.CancelAsync();
            }
        }
        catch (Exception exception) when (exception is IOException or AnthropicIOException || (exception is OperationCanceledException && stop.IsCancellationRequested))
        {
            // What had arrived is stored.
        }
    }

    private static ConversationChatOptions Options(string model, bool startNew = false) => new()
    {
        StartNew = startNew,
        ModelId = model,
        Reasoning = new ReasoningOptions { Effort = ReasoningEffort.Low },
        MaxOutputTokens = 20_000,
        Tools = [AIFunctionFactory.Create(static (int order) => order, "track")],
    };
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Conversations.StoreSpecification;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>Content that was sent through a chat client is in no log line, span, measurement or exception of the library.</summary>
public sealed class CanaryTests
{
    private const string Canary = "canary-4711";
    private const string Agent = "canary-bot";

    private readonly ConcurrentQueue<string> _seen = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Content_is_in_no_log_span_measurement_or_exception_of_the_client(bool streamed)
    {
        using var model = new FakeModel();
        using var spans = Spans();
        using var measurements = Measurements();
        await using var store = new InMemoryConversationStore(new ManualTimeProvider());
        var summarizer = new FakeModel { Answer = FakeModel.Saying(new TextContent(Canary)) };
        var options = new ConversationOptions().AddAgent(Agent, agent => (agent.SystemPrompt, agent.Summarizer, agent.SummaryThreshold, agent.HistoryLimit) = (Canary, summarizer.AsConversationSummarizer(), 1, 2));
        var manager = new ConversationManager(store, options, new ManualTimeProvider(), new Watcher(_seen));
        var client = model.WithConversations(manager.ForIdentity(ConversationIdentity.ForUser("alice")), Agent);

        model.Answer = FakeModel.Saying(
            new TextContent(Canary), new TextReasoningContent(Canary) { ProtectedData = Canary }, new ErrorContent(Canary), new DataContent(System.Text.Encoding.UTF8.GetBytes(Canary), "text/plain"), new TheirContent(),
            new FunctionCallContent("call_1", Canary, new Dictionary<string, object?> { [Canary] = Canary }));
        await SendAsync(new ChatMessage(ChatRole.System, Canary), User());
        await SendAsync(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("call_1", Canary) { Exception = new InvalidOperationException(Canary) }]));
        await SendAsync(User(), User());
        model.Answer = static (_, _) => throw new HttpRequestException(Canary);
        await RefusedAsync(User());
        await RefusedAsync(new ChatMessage(ChatRole.Assistant, Canary), User());
        await RefusedAsync(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(Canary, Canary)]));
        await RefusedAsync(new ChatMessage(ChatRole.Tool, Canary));
        await RefusedAsync();
        await manager.WaitForSummariesAsync(Cancellation);

        _seen.Should().Contain(text => text.Contains(Agent, StringComparison.Ordinal), "the turns are seen").And.NotContain(text => text.Contains(Canary, StringComparison.Ordinal));

        Task<ChatResponse> SendAsync(params ChatMessage[] messages) => streamed
            ? client.GetStreamingResponseAsync(messages, cancellationToken: Cancellation).ToChatResponseAsync(Cancellation)
            : client.GetResponseAsync(messages, cancellationToken: Cancellation);

        async Task RefusedAsync(params ChatMessage[] messages)
        {
            var exception = (await FluentActions.Awaiting(() => SendAsync(messages)).Should().ThrowAsync<Exception>()).Which;

            // The model's exception is passed on; ours have no content.
            if (exception is not HttpRequestException)
                _seen.Enqueue(exception.ToString());
        }
    }

    private static ChatMessage User() => new(ChatRole.User, Canary) { AuthorName = Canary, AdditionalProperties = new() { [Canary] = Canary } };

    private static string Text(KeyValuePair<string, object?> tag) =>
        tag.Value is System.Collections.IEnumerable values and not string ? $"{tag.Key} {string.Join(' ', values.Cast<object?>())}" : $"{tag.Key} {tag.Value}";

    private ActivityListener Spans()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => string.Equals(source.Name, ConversationTelemetry.SourceName, StringComparison.Ordinal),
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => _seen.Enqueue($"{activity.DisplayName} {activity.StatusDescription} {string.Join(' ', activity.TagObjects.Select(Text))} {string.Join(' ', activity.Events.SelectMany(each => each.Tags).Select(Text))}"),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private MeterListener Measurements()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (string.Equals(instrument.Meter.Name, ConversationTelemetry.MeterName, StringComparison.Ordinal))
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _seen.Enqueue($"{instrument.Name} {string.Join(' ', tags.ToArray())}"));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => _seen.Enqueue($"{instrument.Name} {string.Join(' ', tags.ToArray())}"));
        listener.Start();
        return listener;
    }

    private sealed class TheirContent : AIContent
    {
        public static string Text => Canary;
    }

    private sealed class Watcher(ConcurrentQueue<string> seen) : ILogger<ConversationManager>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            seen.Enqueue($"{formatter(state, exception)} {exception}");
    }
}

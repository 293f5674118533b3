using System.Collections;
using System.Diagnostics;
using System.Text.Json;
using Conversations.Tests.Manager;
using Conversations.Tests.Turns;

namespace Conversations.Tests.Diagnostics;

public sealed class ContentTestsInMemory : ContentTests<InMemory>;

public sealed class ContentTestsOnSqlite : ContentTests<Sqlite>;

/// <summary>Content is in nothing that is recorded, except in the spans of turns when recording is on.</summary>
public abstract class ContentTests<TStore> : TelemetryTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    // A text that the library does not write by itself.
    private const string Canary = "kanarienvogel";

    private static readonly string[] Asked = ["gen_ai.system_instructions", "gen_ai.input.messages", "gen_ai.output.messages"];

    [Fact]
    public async Task Content_is_in_no_log_span_measurement_or_exception()
    {
        var turns = await RunAsync(recordContent: false);

        Spans().Should().HaveCountGreaterThan(40);
        Spans().SelectMany(Texts).Where(text => Holds(text.Text)).Should().BeEmpty();
        NotSpans(turns).Where(text => Holds(text.Text)).Should().BeEmpty();
    }

    [Fact]
    public async Task Content_is_only_in_the_spans_of_turns_when_recording_is_on()
    {
        var turns = await RunAsync(recordContent: true);

        Spans().SelectMany(Texts).Where(text => Holds(text.Text)).Select(text => text.Name).Distinct().Should().BeEquivalentTo(Asked);
        NotSpans(turns).Where(text => Holds(text.Text)).Should().BeEmpty();
    }

    [Fact]
    public void Canary_is_found_when_it_is_present()
    {
        using (var span = TelemetryWatch.Host.StartActivity("span")!)
        {
            span.AddEvent(new ActivityEvent($"a {Canary}"));
            span.SetStatus(ActivityStatusCode.Error, Canary.ToUpperInvariant());
            span.SetTag("list", new[] { "a", Canary });
            span.SetTag("lists", new object[] { 1, new[] { Canary } });
        }

        var recorded = Watch.Spans.Single(span => span.OperationName == "span");
        Texts(recorded).Where(text => Holds(text.Text)).Select(text => text.Name).Should().Equal("status", "list", "lists", "event");
    }

    [Fact]
    public async Task Content_has_the_form_of_the_conventions()
    {
        var options = new ConversationOptions { RecordContent = true }.AddAgent(Agent, agent => agent.SystemPrompt = "You are kind.");
        var mine = new ConversationManager(Store, options, Time, Log).ForIdentity(ConversationIdentity.ForUser("alice"));
        await mine.RunTurnAsync(Agent, "Rain?", (turn, _) =>
        {
            turn.Add(ConversationMessage.ToolCall("call_1", "weather", """{"city":"Paris"}"""));
            turn.Add(ConversationMessage.ToolResult("call_1", "rainy"));
            turn.Add(new ConversationMessage(MessageRole.Assistant, new TextPart("Yés <&>."), new RawPart("""{"type":"card","colour":"grey"}""")));
            return Task.CompletedTask;
        }, Cancellation);
        await mine.RunTurnAsync(Agent, "And \"now\"?", (turn, _) => Task.FromResult(turn.Add(ConversationMessage.ToolCall("call_2", "weather", "{not json"))), Cancellation);

        var spans = Watch.Turns(Agent);
        Json(spans[0], "gen_ai.system_instructions").Should().Be("""[{"type":"text","content":"You are kind."}]""");
        Json(spans[0], "gen_ai.input.messages").Should().Be("""[{"role":"user","parts":[{"type":"text","content":"Rain?"}]}]""");
        const string call = """{"role":"assistant","parts":[{"type":"tool_call","id":"call_1","name":"weather","arguments":{"city":"Paris"}}]""";
        const string result = """{"role":"tool","parts":[{"type":"tool_call_response","id":"call_1","response":"rainy"}]""";
        const string answer = """{"role":"assistant","parts":[{"type":"text","content":"Yés <&>."},{"type":"card","colour":"grey"}]""";
        Json(spans[0], "gen_ai.output.messages").Should().Be($$"""[{{call}},"finish_reason":"tool_call"},{{result}},"finish_reason":"stop"},{{answer}},"finish_reason":"stop"}]""");
        Json(spans[1], "gen_ai.input.messages").Should().EndWith($$"""{{call}}},{{result}}},{{answer}}},{"role":"user","parts":[{"type":"text","content":"And \"now\"?"}]}]""");
        Json(spans[1], "gen_ai.output.messages").Should().Contain("\"arguments\":\"{not json\"");
    }

    [Fact]
    public async Task Content_of_a_turn_that_fails_is_its_output_until_then()
    {
        var options = new ConversationOptions { RecordContent = true }.AddAgent(Agent);
        var mine = new ConversationManager(Store, options, Time, Log).ForIdentity(ConversationIdentity.ForUser("alice"));
        var failing = () => mine.RunTurnAsync(Agent, "Rain?", (turn, _) =>
        {
            turn.Add(ConversationMessage.Assistant("Ye"));
            throw new TimeoutException();
        }, Cancellation);
        await failing.Should().ThrowAsync<TimeoutException>();

        Json(Watch.Turns(Agent)[0], "gen_ai.output.messages").Should().Be("""[{"role":"assistant","parts":[{"type":"text","content":"Ye"}],"finish_reason":"error"}]""");
    }

    [Fact]
    public async Task Content_has_the_finish_reason_of_each_message()
    {
        var options = new ConversationOptions { RecordContent = true }.AddAgent(Agent);
        var mine = new ConversationManager(Store, options, Time, Log).ForIdentity(ConversationIdentity.ForUser("alice"));
        await mine.RunTurnAsync(Agent, "Rain?", (turn, _) =>
        {
            turn.Add(ConversationMessage.ToolCall("call_1", "weather", "{}"));
            turn.Add(ConversationMessage.ToolResult("call_1", "rainy"));
            turn.Add(ConversationMessage.Assistant("It"));
            turn.Add(ConversationMessage.Error("It rains no more.", "DRY"));
            turn.FinishReason = "length";
            return Task.CompletedTask;
        }, Cancellation);

        using var output = JsonDocument.Parse(Json(Watch.Turns(Agent)[0], "gen_ai.output.messages"));
        output.RootElement.EnumerateArray().Select(message => message.GetProperty("finish_reason").GetString()).Should().Equal("tool_call", "stop", "length", "error");
    }

    private static string Json(Activity span, string name)
    {
        var json = span.GetTagItem(name).Should().BeOfType<string>().Which;
        JsonDocument.Parse(json).Dispose();
        return json;
    }

    private static bool Holds(string? text) => text?.Contains(Canary, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>The text that an exporter would write of a value, lists included.</summary>
    private static string? Text(object? value) => value is IEnumerable values and not string ? string.Join(' ', values.Cast<object?>().Select(Text)) : value?.ToString();

    private static IEnumerable<(string Name, string? Text)> Texts(Activity span) =>
    [
        ("name", span.DisplayName),
        ("operation", span.OperationName),
        ("status", span.StatusDescription),
        ("state", span.TraceStateString),
        .. span.TagObjects.Select(tag => (tag.Key, Text(tag.Value))),
        .. span.Baggage.Select(item => (item.Key, item.Value)),
        .. span.Events.Select(item => ("event", (string?)item.Name)),
        .. span.Events.SelectMany(item => item.Tags).Select(tag => ($"event {tag.Key}", Text(tag.Value))),
        .. span.Links.SelectMany(link => link.Tags ?? []).Select(tag => ($"link {tag.Key}", Text(tag.Value))),
    ];

    private async Task<TurnsOfEveryKind> RunAsync(bool recordContent)
    {
        await using var store = new FaultyStore(Store);
        await using var turns = new TurnsOfEveryKind(store, Time, Log, Watch, Agent, Canary, recordContent);
        await turns.RunAsync();
        return turns;
    }

    private IReadOnlyList<Activity> Spans() => [.. Watch.Spans.Where(span => span.Source.Name == ConversationTelemetry.SourceName && Agent.Equals(span.GetTagItem("gen_ai.agent.name")))];

    /// <summary>Everything that is recorded elsewhere, and the exceptions of the library.</summary>
    private IEnumerable<(string Name, string? Text)> NotSpans(TurnsOfEveryKind turns)
    {
        turns.Thrown.Should().HaveCountGreaterThan(10);
        Log.Entries.Should().HaveCountGreaterThan(40);
        var points = Watch.Points;
        points.Should().Contain(point => Agent.Equals(point.Tags.GetValueOrDefault("gen_ai.agent.name")));
        return
        [
            .. Log.Entries.Select(entry => ("log", (string?)entry.Text)),
            .. Log.Exceptions.Select(exception => ("log", (string?)exception.ToString())),
            .. points.SelectMany(point => point.Tags).Select(tag => ($"tag {tag.Key}", Text(tag.Value))),
            .. turns.Thrown.Select(exception => (exception.GetType().Name, (string?)exception.ToString())),
        ];
    }
}

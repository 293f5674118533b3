using System.Diagnostics;
using Conversations.Extensions.AI.Tests.Client;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace Conversations.Extensions.AI.Tests.Pipeline;

/// <summary>Pipelines of the clients of Microsoft.Extensions.AI, with the client that calls functions inside or outside of conversations: what is stored, what was used, what the next prompt is and what the caller gets. Only the model is ours.</summary>
public sealed class PipelineMatrixTests : ChatClientTest
{
    private const string Asked = "user: Where is it?";
    private const string Answered = "assistant: It is on its way.";
    private const string Json = """{"order":7}""";

    /// <summary>The outcome of each cell, plain and streamed. Outside, each call of the model is a turn.</summary>
    private static readonly Dictionary<(PipelineFeature Feature, bool IsInside), Outcome> Table = new()
    {
        [(PipelineFeature.Text, true)] = new($"{Asked} | {Answered}", "Completed 10+1", Ran: 0),
        [(PipelineFeature.Text, false)] = new($"{Asked} | {Answered}", "Completed 10+1", Ran: 0),
        [(PipelineFeature.Tool, true)] = new($"{Asked} | assistant: track(done) | tool: = packed | {Answered}", "Completed 20+2", Ran: 1),
        [(PipelineFeature.Tool, false)] = new($"{Asked} | assistant: track() | tool: = packed | {Answered}", "RequiresAction 10+1, Completed 10+1", Ran: 1),
        [(PipelineFeature.ParallelTools, true)] = new($"{Asked} | assistant: track(done) track(done) | tool: = packed = packed | {Answered}", "Completed 20+2", Ran: 2),
        [(PipelineFeature.ParallelTools, false)] = new($"{Asked} | assistant: track() track() | tool: = packed = packed | {Answered}", "RequiresAction 10+1, Completed 10+1", Ran: 2),
        [(PipelineFeature.ThrowingTool, true)] = new($"{Asked} | assistant: track(done) | tool: failed Error: Function failed. | {Answered}", "Completed 20+2", Ran: 1),
        [(PipelineFeature.ThrowingTool, false)] = new($"{Asked} | assistant: track() | tool: failed Error: Function failed. | {Answered}", "RequiresAction 10+1, Completed 10+1", Ran: 1),
        [(PipelineFeature.Approval, true)] = new($"{Asked} | assistant: track? | user: yes | assistant: track(done) | tool: = packed | {Answered}", "RequiresAction 10+1, Completed 10+1", Ran: 1)
        {
            Next = $"{Asked} | assistant: track() | tool: = packed | {Answered} | user: Thanks.",
        },
        [(PipelineFeature.StructuredOutput, true)] = new($"{Asked} | assistant: track(done) | tool: = packed | assistant: {Json}", "Completed 20+2", Ran: 1),
        [(PipelineFeature.StructuredOutput, false)] = new($"{Asked} | assistant: track() | tool: = packed | assistant: {Json}", "RequiresAction 10+1, Completed 10+1", Ran: 1),
        [(PipelineFeature.RepeatedKey, true)] = new($"{Asked} | assistant: track(done) | tool: = packed | {Answered}", "Completed 20+2", Ran: 1),
        [(PipelineFeature.RepeatedKey, false)] = new($"{Asked} | assistant: track() | tool: = packed | {Answered}", "RequiresAction 10+1, Completed 10+1", Ran: 1),
        [(PipelineFeature.Cache, true)] = new($"{Asked} | assistant: track(done) | tool: = packed | {Answered}", "Completed 20+2", Ran: 2),
        [(PipelineFeature.Cache, false)] = new($"{Asked} | assistant: track() | tool: = packed | {Answered}", "RequiresAction 10+1, Completed 10+1", Ran: 2),
        [(PipelineFeature.Telemetry, true)] = new($"{Asked} | assistant: track(done) | tool: = packed | {Answered}", "Completed 20+2", Ran: 1),
        [(PipelineFeature.Telemetry, false)] = new($"{Asked} | assistant: track() | tool: = packed | {Answered}", "RequiresAction 10+1, Completed 10+1", Ran: 1),
        [(PipelineFeature.CopiedOptions, true)] = new($"{Asked} | assistant: track(done) | tool: = packed | {Answered}", "Completed 20+2", Ran: 1),
        [(PipelineFeature.CopiedOptions, false)] = new($"{Asked} | assistant: track() | tool: = packed | {Answered}", "RequiresAction 10+1, Completed 10+1", Ran: 1),
    };

    private readonly IDistributedCache _cache = new MemoryDistributedCache(Microsoft.Extensions.Options.Options.Create(new MemoryDistributedCacheOptions()));
    private readonly string _source = $"pipeline {Guid.NewGuid():N}";
    private readonly TaskCompletionSource _bothRun = new();
    private int _ran;

    public static TheoryData<PipelineFeature, bool, bool> Cells
    {
        get
        {
            var cells = new TheoryData<PipelineFeature, bool, bool>();
            foreach (var (feature, isInside) in Table.Keys)
            {
                cells.Add(feature, isInside, p3: false);
                cells.Add(feature, isInside, p3: true);
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Pipeline_stores_the_turn_and_the_next_prompt_shows_it(PipelineFeature feature, bool isInside, bool streamed)
    {
        var expected = Table[(feature, isInside)];
        using var client = Build(feature, isInside);
        var options = OptionsOf(feature);
        Model.Answer = (prompt, _) => Task.FromResult(AnswerOf(feature, prompt));

        var response = await UseAsync(feature, client, streamed, options);
        var id = response.ConversationId!;
        var stored = PipelineText.Of(await StoredAsync(id));
        var runs = PipelineText.Of(await Manager.GetRunsAsync(id, Cancellation).ToListAsync(Cancellation));
        Model.Answer = FakeModel.Saying(new TextContent("You are welcome."));
        await SendAsync(client, streamed, [User("Thanks.")], new ConversationChatOptions(options) { IdempotencyKey = null });

        stored.Should().Be(expected.Stored);
        runs.Should().Be(expected.Runs);
        response.Text.Should().EndWith(feature == PipelineFeature.StructuredOutput ? Json : "It is on its way.");
        _ran.Should().Be(expected.Ran);
        PipelineText.Of(Model.LastPrompt).Should().Be(expected.Next ?? $"{stored.Replace("done", "", StringComparison.Ordinal)} | user: Thanks.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Function_with_an_approval_does_not_run_with_functions_outside(bool streamed)
    {
        using var client = Build(PipelineFeature.Approval, isInside: false);
        Model.Answer = (prompt, _) => Task.FromResult(AnswerOf(PipelineFeature.Approval, prompt));

        var asked = () => SendAsync(client, streamed, [User("Where is it?")], OptionsOf(PipelineFeature.Approval));

        await asked.Should().ThrowAsync<InvalidOperationException>().WithMessage("*inside*");
        _ran.Should().Be(0);
        PipelineText.Of(await StoredAsync((await ConversationsAsync()).Single().Id)).Should().Be($"{Asked} | partial assistant: track()");
    }

    /// <summary>Sends the request of a feature, and checks what it is about.</summary>
    /// <returns>The last response.</returns>
    private async Task<ChatResponse> UseAsync(PipelineFeature feature, IChatClient client, bool streamed, ConversationChatOptions options)
    {
        var chats = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => string.Equals(source.Name, _source, StringComparison.Ordinal),
            Sample = static (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => chats += string.Equals(activity.GetTagItem("gen_ai.operation.name") as string, "chat", StringComparison.Ordinal) ? 1 : 0,
        };
        ActivitySource.AddActivityListener(listener);
        var first = feature == PipelineFeature.StructuredOutput && !streamed
            ? await client.GetResponseAsync<Tracked>("Where is it?", options, cancellationToken: Cancellation)
            : await SendAsync(client, streamed, [User("Where is it?")], options);
        var asked = Model.Requests.Count;

        switch (feature)
        {
            case PipelineFeature.Approval:
                var request = first.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>().Single();
                return await SendAsync(client, streamed, [new ChatMessage(ChatRole.User, [request.CreateResponse(approved: true)])], options);
            case PipelineFeature.StructuredOutput:
                Model.Requests.Should().OnlyContain(made => made.Options!.ResponseFormat is ChatResponseFormatJson && ((ChatResponseFormatJson)made.Options.ResponseFormat).Schema != null);
                break;
            case PipelineFeature.RepeatedKey or PipelineFeature.CopiedOptions:
                var again = await SendAsync(client, streamed, [User("Where is it?")], options);
                Model.Requests.Should().HaveCount(asked, "the answer is known");
                again.ConversationId.Should().Be(first.ConversationId);
                Model.Requests.Should().OnlyContain(made => feature == PipelineFeature.RepeatedKey || (made.Options!.Temperature == 0.5f && made.Options.TopP == 0.25f));
                return again;
            case PipelineFeature.Cache:
                var other = await SendAsync(client, streamed, [User("Where is it?")], new ConversationChatOptions(options) { StartNew = true });
                Model.Requests.Should().HaveCount(asked, "both prompts are those of the first conversation");
                other.ConversationId.Should().NotBe(first.ConversationId);
                return other;
            case PipelineFeature.Telemetry:
                chats.Should().Be(3, "there is a span outside, and one for each call of the model");
                break;
        }

        return first;
    }

    private IChatClient Build(PipelineFeature feature, bool isInside)
    {
        var services = new ServiceCollection().AddSingleton(Manager).BuildServiceProvider();
        var builder = Model.AsBuilder();
        if (feature == PipelineFeature.Telemetry)
            builder.UseOpenTelemetry(sourceName: _source);
        if (feature == PipelineFeature.CopiedOptions)
            builder.ConfigureOptions(static options => options.Temperature = 0.5f);
        if (!isInside)
            builder.UseFunctionInvocation(configure: static functions => functions.AllowConcurrentInvocation = true);
        builder.UseConversations("bot", static _ => ConversationIdentity.ForUser("alice"));
        if (isInside)
            builder.UseFunctionInvocation(configure: static functions => functions.AllowConcurrentInvocation = true);
        if (feature == PipelineFeature.CopiedOptions)
            builder.ConfigureOptions(static options => options.TopP = 0.25f);
        if (feature == PipelineFeature.Cache)
            builder.UseDistributedCache(_cache);
        if (feature == PipelineFeature.Telemetry)
            builder.UseOpenTelemetry(sourceName: _source);
        return builder.Build(services);
    }

    private ConversationChatOptions OptionsOf(PipelineFeature feature)
    {
        AIFunction track = AIFunctionFactory.Create(() => TrackAsync(feature), "track");
        return new ConversationChatOptions
        {
            Tools = [feature == PipelineFeature.Approval ? new ApprovalRequiredAIFunction(track) : track],
            IdempotencyKey = feature is PipelineFeature.RepeatedKey or PipelineFeature.CopiedOptions ? "key" : null,
            ResponseFormat = feature == PipelineFeature.StructuredOutput ? ChatResponseFormat.ForJsonSchema<Tracked>() : null,
        };
    }

    private async Task<string> TrackAsync(PipelineFeature feature)
    {
        // The first call ends only if the second one runs beside it.
        if (Interlocked.Increment(ref _ran) == 2)
            _bothRun.SetResult();
        if (feature == PipelineFeature.ParallelTools)
            await _bothRun.Task.WaitAsync(Cancellation);
        return feature == PipelineFeature.ThrowingTool ? throw new TimeoutException("secret") : "packed";
    }

    private static ChatResponse AnswerOf(PipelineFeature feature, IReadOnlyList<ChatMessage> prompt)
    {
        List<AIContent> contents = prompt[^1].Role == ChatRole.Tool || feature == PipelineFeature.Text
            ? [new TextContent(feature == PipelineFeature.StructuredOutput ? Json : "It is on its way.")]
            : [.. Enumerable.Range(1, feature == PipelineFeature.ParallelTools ? 2 : 1).Select(number => new FunctionCallContent($"call_{number}", "track"))];
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, contents)) { Usage = new UsageDetails { InputTokenCount = 10, OutputTokenCount = 1 } };
    }

    /// <summary>What a cell leads to.</summary>
    /// <param name="Stored">The messages.</param>
    /// <param name="Runs">Status and usage of each run.</param>
    /// <param name="Ran">How often the function ran.</param>
    private sealed record Outcome(string Stored, string Runs, int Ran)
    {
        /// <summary>The next prompt; null for the messages and the next question.</summary>
        public string? Next { get; init; }
    }

    private sealed record Tracked(int Order);
}

using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Conversations.Agents.Tests;

/// <summary>Tools and approvals, with the history for each run and for each call of the model.</summary>
public sealed class ToolTests : AgentTest
{
    private readonly List<int> _tracked = [];

    public static TheoryData<Way, bool, bool> WaysOfKeeping => new(
        from way in new[] { Way.Provider, Way.Around } from streamed in new[] { false, true } from forEachCall in new[] { false, true } select (way, streamed, forEachCall));

    public static TheoryData<Way, bool, bool> WaysOfApproving => new(
        from way in new[] { Way.Provider, Way.Around } from streamed in new[] { false, true } from forEachCall in new[] { false, true } where way == Way.Around || !forEachCall select (way, streamed, forEachCall));

    [Theory]
    [MemberData(nameof(WaysOfKeeping))]
    public async Task Calls_and_results_are_stored_and_shown_later(Way way, bool streamed, bool forEachCall)
    {
        var agent = Agent(way, change: settings => With(settings, AIFunctionFactory.Create(Track, "track"), forEachCall));
        var session = await agent.CreateSessionAsync(Cancellation);
        Model.Answer = CallThen("it is on its way", "fine");

        var response = await RunAsync(agent, "where are they?", session, streamed);
        await RunAsync(agent, "good", session, streamed);

        response.Text.Should().Be("it is on its way");
        _tracked.Should().BeEquivalentTo([7, 8]);
        (await StoredAsync(session)).Select(message => message.Role).Should().Equal(
            MessageRole.User, MessageRole.Assistant, MessageRole.Tool, MessageRole.Assistant, MessageRole.User, MessageRole.Assistant);
        Model.LastPrompt.SelectMany(message => message.Contents).Select(content => content.GetType()).Should().Equal(
            typeof(TextContent), typeof(FunctionCallContent), typeof(FunctionCallContent), typeof(FunctionResultContent), typeof(FunctionResultContent), typeof(TextContent), typeof(TextContent));
    }

    [Theory]
    [MemberData(nameof(WaysOfKeeping))]
    public async Task Second_call_of_the_model_has_the_whole_prompt(Way way, bool streamed, bool forEachCall)
    {
        var agent = Agent(way, change: settings => With(settings, AIFunctionFactory.Create(Track, "track"), forEachCall));
        var session = await agent.CreateSessionAsync(Cancellation);
        Model.Answer = Saying("hi");
        await RunAsync(agent, "hello", session, streamed);
        Model.Answer = CallThen("it is on its way");

        await RunAsync(agent, "where are they?", session, streamed);

        Model.LastPrompt.Select(message => message.Role).Should().Equal(ChatRole.User, ChatRole.Assistant, ChatRole.User, ChatRole.Assistant, ChatRole.Tool);
        Model.LastPrompt.Select(message => message.Text).Should().Equal("hello", "hi", "where are they?", "", "");
    }

    [Theory]
    [MemberData(nameof(WaysOfKeeping))]
    public async Task Failed_tool_is_shown_to_the_model(Way way, bool streamed, bool forEachCall)
    {
        var agent = Agent(way, change: settings => With(settings, AIFunctionFactory.Create((int order) => order > 0 ? throw new IOException("down") : order, "track"), forEachCall));
        var session = await agent.CreateSessionAsync(Cancellation);
        Model.Answer = CallThen("I could not find it");

        await RunAsync(agent, "where are they?", session, streamed);

        (await StoredTextsAsync(session))[^1].Should().Be("Assistant: I could not find it");
        Model.LastPrompt[^1].Contents.Should().HaveCount(2).And.AllBeOfType<FunctionResultContent>();
    }

    [Theory]
    [MemberData(nameof(WaysOfApproving))]
    public async Task Approved_call_runs_once(Way way, bool streamed, bool forEachCall)
    {
        var agent = Agent(way, change: settings => With(settings, new ApprovalRequiredAIFunction(AIFunctionFactory.Create(Track, "track")), forEachCall));
        var session = await agent.CreateSessionAsync(Cancellation);
        Model.Answer = CallThen("it is on its way", "fine");

        var asked = await RunAsync(agent, "where are they?", session, streamed);
        var requests = asked.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>().ToList();
        var before = _tracked.Count;
        var response = await RunAsync(agent, [Approving(requests)], session, streamed);
        await RunAsync(agent, "good", session, streamed);

        requests.Should().HaveCount(2);
        before.Should().Be(0);
        _tracked.Should().BeEquivalentTo([7, 8]);
        response.Text.Should().Be("it is on its way");
        (await RunsAsync(session)).Should().OnlyContain(run => run.Status == RunStatus.Completed || run.Status == RunStatus.RequiresAction);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Approval_of_a_session_works_after_a_restart(Way way, bool streamed)
    {
        void Change(ChatClientAgentOptions settings) => With(settings, new ApprovalRequiredAIFunction(AIFunctionFactory.Create(Track, "track")), forEachCall: false);
        var agent = Agent(way, change: Change);
        var session = await agent.CreateSessionAsync(Cancellation);
        Model.Answer = CallThen("it is on its way");
        var asked = await RunAsync(agent, "where are they?", session, streamed);
        var serialized = await agent.SerializeSessionAsync(session, cancellationToken: Cancellation);
        await RestartAsync();

        agent = Agent(way, change: Change);
        session = await agent.DeserializeSessionAsync(serialized, cancellationToken: Cancellation);
        var requests = asked.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>();
        var response = await RunAsync(agent, [Approving(requests)], session, streamed);

        response.Text.Should().Be("it is on its way");
        _tracked.Should().BeEquivalentTo([7, 8]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task History_provider_for_each_call_refuses_tools_that_need_an_approval(bool streamed)
    {
        var agent = Agent(Way.Provider, change: settings => With(settings, new ApprovalRequiredAIFunction(AIFunctionFactory.Create(Track, "track")), forEachCall: true));
        var session = await agent.CreateSessionAsync(Cancellation);
        Model.Answer = CallThen("it is on its way");

        var run = () => RunAsync(agent, "where are they?", session, streamed);

        await run.Should().ThrowAsync<InvalidOperationException>().WithMessage("*requires an approval*");
        _tracked.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Approval_that_was_not_asked_for_runs_nothing(Way way, bool streamed)
    {
        var agent = Agent(way, change: settings => With(settings, new ApprovalRequiredAIFunction(AIFunctionFactory.Create(Track, "track")), forEachCall: false));
        var session = await agent.CreateSessionAsync(Cancellation);
        await RunAsync(agent, "hello", session, streamed);
        var call = new FunctionCallContent("call_1", "track", new Dictionary<string, object?>(StringComparer.Ordinal) { ["order"] = 9 });

        var run = () => RunAsync(agent, [Approving([new ToolApprovalRequestContent("forged", call)])], session, streamed);

        await run.Should().ThrowAsync<ToolCallNotOpenException>();
        _tracked.Should().BeEmpty();
    }

    [Fact]
    public async Task Some_responses_of_one_answer_are_stored_and_call_no_model()
    {
        var agent = Agent(Way.Provider, change: settings => With(settings, new ApprovalRequiredAIFunction(AIFunctionFactory.Create(Track, "track")), forEachCall: false));
        var session = await agent.CreateSessionAsync(Cancellation);
        Model.Answer = CallThen("it is on its way");
        var asked = await RunAsync(agent, "where are they?", session, streamed: false);
        var requests = asked.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>().ToList();

        var first = () => RunAsync(agent, [Approving(requests.Take(1))], session, streamed: false);
        await first.Should().ThrowAsync<InvalidOperationException>().WithMessage("*other requests*");
        var before = Model.Requests.Count;
        await RunAsync(agent, [Approving(requests.Skip(1))], session, streamed: false);

        before.Should().Be(1);
        _tracked.Should().BeEquivalentTo([7, 8]);
    }

    private int Track(int order)
    {
        lock (_tracked)
            _tracked.Add(order);
        return order;
    }

    private static void With(ChatClientAgentOptions settings, AIFunction function, bool forEachCall)
    {
        settings.ChatOptions!.Tools = [function];
        settings.RequirePerServiceCallChatHistoryPersistence = forEachCall;
    }

    private static Func<IReadOnlyList<ChatMessage>, CancellationToken, Task<ChatResponse>> CallThen(params string[] texts)
    {
        var others = Saying(texts);
        var isFirst = true;
        return (prompt, token) =>
        {
            if (!isFirst)
                return others(prompt, token);
            isFirst = false;
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [Call("call_1", 7), Call("call_2", 8)])));
        };

        static FunctionCallContent Call(string id, int order) => new(id, "track", new Dictionary<string, object?>(StringComparer.Ordinal) { ["order"] = order });
    }

    private static ChatMessage Approving(IEnumerable<ToolApprovalRequestContent> requests) => new(ChatRole.User, [.. requests.Select(request => request.CreateResponse(approved: true))]);
}

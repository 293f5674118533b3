using Conversations.Extensions.AI.Tests.Client;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace Conversations.Agents.Tests;

/// <summary>Agents of a workflow have a conversation each.</summary>
public sealed class WorkflowTests : AgentTest
{
    private readonly FakeModel _other = new();

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Sequential_agents_have_a_conversation_each(Way way, bool streamed)
    {
        Model.Answer = Saying("a draft");
        _other.Answer = Saying("a better draft");
        var workflow = AgentWorkflowBuilder.BuildSequential(Agent(way), Agent(way, model: _other, name: "other"));

        var output = await RunAsync(workflow, "write", streamed);

        output.Select(message => message.Text).Should().EndWith("a better draft");
        (await TextsOfAsync("bot")).Should().Equal("User: write", "Assistant: a draft");
        (await TextsOfAsync("other")).Should().Equal("User: write", "User: bot: a draft", "Assistant: a better draft");
        Texts(_other.LastPrompt).Should().Equal("user: write\n\nbot: a draft");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Agents_of_a_group_chat_hear_each_other_once(Way way, bool streamed)
    {
        Model.Answer = Saying("one", "three");
        _other.Answer = Saying("two", "four");
        var workflow = AgentWorkflowBuilder.CreateGroupChatBuilderWith(static agents => new RoundRobinGroupChatManager(agents) { MaximumIterationCount = 4 })
            .AddParticipants([Agent(way), Agent(way, model: _other, name: "other")]).Build();

        await RunAsync(workflow, "count", streamed);

        (await TextsOfAsync("bot")).Should().Equal("User: count", "Assistant: one", "User: other: two", "Assistant: three");
        (await TextsOfAsync("other")).Should().Equal("User: count", "User: bot: one", "Assistant: two", "User: bot: three", "Assistant: four");
        Texts(_other.LastPrompt).Should().Equal("user: count\n\nbot: one", "assistant: two", "user: bot: three");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Calls_of_another_agent_are_not_part_of_a_conversation(Way way, bool streamed)
    {
        var isFirst = true;
        Model.Answer = (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [isFirst ? new FunctionCallContent("call_1", "track") : new TextContent("on its way")])) { FinishReason = isFirst && !(isFirst = false) ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop });
        _other.Answer = Saying("good news");
        var first = Agent(way, change: static settings => settings.ChatOptions!.Tools = [AIFunctionFactory.Create(static () => "Berlin", "track")]);
        var workflow = AgentWorkflowBuilder.BuildSequential(first, Agent(way, model: _other, name: "other"));

        await RunAsync(workflow, "where?", streamed);

        (await StoredOfAsync("bot")).Select(message => message.Role).Should().Equal(MessageRole.User, MessageRole.Assistant, MessageRole.Tool, MessageRole.Assistant);
        (await TextsOfAsync("other")).Should().Equal("User: where?", "User: bot: on its way", "Assistant: good news");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Handoff_gives_the_conversation_to_another_agent_and_back(Way way, bool streamed)
    {
        Model.Answer = HandingOffThen("handoff_to_1", "done");
        _other.Answer = HandingOffThen(call: null, "let me see");
        var (triage, expert) = (Agent(way), Agent(way, model: _other, name: "other"));
        var workflow = AgentWorkflowBuilder.CreateHandoffBuilderWith(triage).WithHandoffs(triage, [expert]).WithHandoffs(expert, [triage]).Build();

        await RunAsync(workflow, "help", streamed);

        (await TextsOfAsync("bot")).Should().StartWith("User: help");
        (await TextsOfAsync("other")).Should().Equal("User: help", "Assistant: let me see");
        (await StoredOfAsync("bot")).Should().Contain(message => message.Parts.Any(part => part is ToolCallPart));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Failed_agent_frees_its_conversation(Way way, bool streamed)
    {
        Model.Answer = Saying("a draft");
        _other.Answer = static (_, _) => throw new IOException("The line is down.");
        var workflow = AgentWorkflowBuilder.BuildSequential(Agent(way), Agent(way, model: _other, name: "other"));

        await RunAsync(workflow, "write", streamed, fails: true);

        var conversation = (await ConversationsAsync()).Single(conversation => conversation.Agent == "other");
        conversation.LastRunStatus.Should().Be(RunStatus.Failed);
        (await Alice.RunTurnAsync(new TurnRequest("other", "go on") { ConversationId = conversation.Id }, static (_, _) => Task.FromResult("fine"), Cancellation)).Messages[^1].Text.Should().Be("fine");
    }

    private static Func<IReadOnlyList<ChatMessage>, CancellationToken, Task<ChatResponse>> HandingOffThen(string? call, string text)
    {
        return (prompt, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [call is not null && prompt.Count == 1 ? new FunctionCallContent("call_1", call) : new TextContent(text)])));
    }

    private static async Task<List<ChatMessage>> RunAsync(Workflow workflow, string text, bool streamed, bool fails = false)
    {
        await using var run = await InProcessExecution.RunStreamingAsync(workflow, new List<ChatMessage> { new(ChatRole.User, text) }, cancellationToken: Cancellation);
        await run.TrySendMessageAsync(new TurnToken(emitEvents: streamed));
        var output = new List<ChatMessage>();
        var failures = new List<string>();
        await foreach (var @event in run.WatchStreamAsync(Cancellation))
        {
            if (@event is WorkflowErrorEvent or ExecutorFailedEvent)
                failures.Add(@event.ToString());
            else if (@event is WorkflowOutputEvent result && result.Is<List<ChatMessage>>())
                output.AddRange(result.As<List<ChatMessage>>()!);
        }

        (failures.Count > 0).Should().Be(fails, "of {0}", string.Join('\n', failures));
        return output;
    }

    private async Task<List<StoredMessage>> StoredOfAsync(string agent)
    {
        var conversation = (await ConversationsAsync()).Should().ContainSingle(conversation => conversation.Agent == agent).Which;
        return await Manager.GetMessagesAsync(conversation.Id, cancellationToken: Cancellation).ToListAsync(Cancellation);
    }

    private async Task<List<string>> TextsOfAsync(string agent) =>
        [.. (await StoredOfAsync(agent)).Select(message => $"{message.Role}: {(message.AuthorName is null || message.Role != MessageRole.User ? "" : message.AuthorName + ": ")}{message.Text}")];
}

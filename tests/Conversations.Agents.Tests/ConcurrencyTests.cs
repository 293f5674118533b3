using Microsoft.Extensions.AI;

namespace Conversations.Agents.Tests;

/// <summary>Several runs in one session at the same time.</summary>
public sealed class ConcurrencyTests : AgentTest
{
    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Five_runs_of_a_new_session_run_one_after_the_other(Way way, bool streamed)
    {
        var agent = Agent(way, new ConversationAgentOptions { OnBusy = BusyPolicy.Wait(TimeSpan.FromMinutes(1)) });
        var session = await agent.CreateSessionAsync(Cancellation);
        var running = 0;
        Model.Answer = async (prompt, _) =>
        {
            Interlocked.Increment(ref running).Should().Be(1);
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return new ChatResponse(new ChatMessage(ChatRole.Assistant, $"answer to {prompt[^1].Text}"));
        };

        var responses = await Task.WhenAll(Enumerable.Range(1, 5).Select(i => RunAsync(agent, $"question {i}", session, streamed)));

        responses.Select(response => response.Text).Should().Equal(Enumerable.Range(1, 5).Select(i => $"answer to question {i}"));
        (await ConversationsAsync()).Should().ContainSingle().Which.MessageCount.Should().Be(10);
        var stored = await StoredTextsAsync(session);
        for (var i = 0; i < stored.Count; i += 2)
            stored[i + 1].Should().Be(stored[i].Replace("User: ", "Assistant: answer to ", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Second_run_is_refused_if_the_agent_rejects(Way way, bool streamed)
    {
        var agent = Agent(way);
        var session = await agent.CreateSessionAsync(Cancellation);
        var (asked, answered) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        Model.Answer = async (_, _) =>
        {
            asked.SetResult();
            await answered.Task;
            return new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi"));
        };
        var first = RunAsync(agent, "one", session, streamed);
        await asked.Task;

        var second = () => RunAsync(agent, "two", session, streamed);
        await second.Should().ThrowAsync<ConversationLockedException>();
        answered.SetResult();
        await first;

        (await StoredTextsAsync(session)).Should().Equal("User: one", "Assistant: hi");
    }
}

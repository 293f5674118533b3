using System.Runtime.CompilerServices;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Conversations.Agents.Tests;

/// <summary>Runs that fail, are cancelled or stopped, and streams whose readers leave.</summary>
public sealed class FailureTests : AgentTest
{
    private readonly TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Failed_run_keeps_its_input_and_the_next_run_continues(Way way, bool streamed)
    {
        var agent = Agent(way);
        var session = await agent.CreateSessionAsync(Cancellation);
        Model.Answer = static (_, _) => throw new IOException("The line is down.");

        var failed = () => RunAsync(agent, "hello", session, streamed);
        await failed.Should().ThrowAsync<IOException>();
        Model.Answer = Saying("hi");
        await RunAsync(agent, "anyone?", session, streamed);

        (await RunsAsync(session)).Select(run => run.Status).Should().Equal(RunStatus.Failed, RunStatus.Completed);
        Texts(Model.LastPrompt).Should().Equal("user: hello\n\nanyone?");
        (await StoredTextsAsync(session)).Should().Equal("User: hello", "User: anyone?", "Assistant: hi");
    }

    [Fact]
    public async Task Failed_stream_keeps_the_output_so_far()
    {
        var agent = Agent(Way.Around);
        var session = await agent.CreateSessionAsync(Cancellation);
        Model.Stream = static (_, _) => ThrowAfter("Once upon");

        var failed = () => RunAsync(agent, "tell me a story", session, streamed: true);
        await failed.Should().ThrowAsync<IOException>();

        var stored = await StoredAsync(session);
        stored[^1].Should().Match<StoredMessage>(message => message.Text == "Once upon" && message.IsPartial);
        (await RunsAsync(session)).Should().ContainSingle().Which.Status.Should().Be(RunStatus.Failed);

        static async IAsyncEnumerable<ChatResponseUpdate> ThrowAfter(string text)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, text);
            await Task.CompletedTask;
            throw new IOException("The line is down.");
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Cancelled_run_is_recorded_and_frees_the_conversation(Way way, bool streamed)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var agent = Agent(way);
        var session = await agent.CreateSessionAsync(Cancellation);
        Model.Answer = async (_, token) =>
        {
            await cancel.CancelAsync();
            await _more.Task.WaitAsync(token);
            return new ChatResponse();
        };

        var cancelled = () => streamed
            ? agent.RunStreamingAsync("hello", session, cancellationToken: cancel.Token).ToAgentResponseAsync(cancel.Token)
            : agent.RunAsync("hello", session, cancellationToken: cancel.Token);
        await cancelled.Should().ThrowAsync<OperationCanceledException>();
        Model.Answer = Saying("hi");
        await RunAsync(agent, "again", session, streamed);

        (await RunsAsync(session)).Select(run => run.Status).Should().Equal(RunStatus.Cancelled, RunStatus.Completed);
    }

    [Fact]
    public async Task Abandoned_stream_is_stored_to_its_end()
    {
        var agent = Agent(Way.Around);
        var session = await agent.CreateSessionAsync(Cancellation);
        Model.Stream = (_, token) => TwoPieces(token);

        await foreach (var update in agent.RunStreamingAsync("tell me a story", session, cancellationToken: Cancellation))
        {
            update.Text.Should().Be("Once upon");
            _more.SetResult();
            break;
        }

        await RunAsync(agent, "and?", session, streamed: false);

        (await StoredTextsAsync(session)).Should().Equal("User: tell me a story", "Assistant: Once upon a time", "User: and?", "Assistant: hi");
        (await RunsAsync(session)).Select(run => run.Status).Should().Equal(RunStatus.Completed, RunStatus.Completed);
    }

    [Fact]
    public async Task Abandoned_stream_of_a_history_provider_is_freed_by_stop()
    {
        var agent = Agent(Way.Provider, new ConversationAgentOptions { OnBusy = BusyPolicy.Wait(TimeSpan.FromMinutes(1)) });
        var session = await agent.CreateSessionAsync(Cancellation);
        Model.Stream = (_, token) => TwoPieces(token);
        await foreach (var update in agent.RunStreamingAsync("tell me a story", session, cancellationToken: Cancellation))
            break;

        var run = (await RunsAsync(session)).Should().ContainSingle().Which;
        var stopped = await Alice.StopAsync(run.Id, Cancellation);
        await RunAsync(agent, "and?", session, streamed: false);

        stopped.Should().BeTrue();
        (await RunsAsync(session)).Select(run => run.Status).Should().Equal(RunStatus.Cancelled, RunStatus.Completed);
    }

    [Fact]
    public async Task Stream_can_be_stopped_and_followed_by_its_run()
    {
        var agent = Agent(Way.Around);
        var session = await agent.CreateSessionAsync(Cancellation);
        Model.Stream = (_, token) => TwoPieces(token);
        await using var updates = agent.RunStreamingAsync("tell me a story", session, cancellationToken: Cancellation).GetAsyncEnumerator(Cancellation);
        await updates.MoveNextAsync();
        var runId = (string)updates.Current.AdditionalProperties![ConversationChatProperties.RunId]!;

        await Alice.StopAsync(runId, Cancellation);
        var rest = async () =>
        {
            while (await updates.MoveNextAsync())
            {
            }
        };

        await rest.Should().ThrowAsync<OperationCanceledException>();
        var followed = await Alice.FollowAsync(runId, cancellationToken: Cancellation).Select(update => update.Text).ToListAsync(Cancellation);
        string.Concat(followed).Should().Be("Once upon");
        (await StoredAsync(session))[^1].Should().Match<StoredMessage>(message => message.Text == "Once upon" && message.IsPartial);
        (await RunsAsync(session)).Should().ContainSingle().Which.Status.Should().Be(RunStatus.Cancelled);
    }

    private async IAsyncEnumerable<ChatResponseUpdate> TwoPieces([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return new ChatResponseUpdate(ChatRole.Assistant, "Once upon");
        await _more.Task.WaitAsync(cancellationToken);
        yield return new ChatResponseUpdate(ChatRole.Assistant, " a time");
    }
}

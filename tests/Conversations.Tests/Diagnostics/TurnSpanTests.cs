using System.Diagnostics;
using Conversations.Tests.Manager;

namespace Conversations.Tests.Diagnostics;

public sealed class TurnSpanTestsInMemory : TurnSpanTests<InMemory>;

public sealed class TurnSpanTestsOnSqlite : TurnSpanTests<Sqlite>;

/// <summary>A turn is a span, whatever its end.</summary>
public abstract class TurnSpanTests<TStore> : TelemetryTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Turn_that_is_committed_is_a_span_of_the_conventions()
    {
        TurnResult result = null!;
        for (var i = 0; i < 3; i++)
            result = await Alice.RunTurnAsync(new TurnRequest(Agent, "hello") { Channel = "api" }, Answer, Cancellation);

        var span = Watch.Turns(Agent)[^1];
        span.Kind.Should().Be(ActivityKind.Internal);
        span.Status.Should().Be(ActivityStatusCode.Unset);
        span.Source.Name.Should().Be("Conversations");
        Tags(span).Should().BeEquivalentTo(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["gen_ai.operation.name"] = "invoke_agent",
            ["gen_ai.agent.name"] = Agent,
            ["gen_ai.conversation.id"] = result.ConversationId,
            ["gen_ai.response.model"] = "model-1",
            ["gen_ai.response.finish_reasons"] = new[] { "stop" },
            ["gen_ai.usage.input_tokens"] = 100L,
            ["gen_ai.usage.output_tokens"] = 10L,
            ["gen_ai.usage.cache_read.input_tokens"] = 50L,
            ["gen_ai.usage.cache_creation.input_tokens"] = 20L,
            ["gen_ai.usage.reasoning.output_tokens"] = 4L,
            ["conversations.run.id"] = result.RunId,
            ["conversations.channel"] = "api",
            ["conversations.turn.persisted"] = true,
            ["conversations.turn.outcome"] = "completed",
            ["conversations.turn.added_messages"] = 1,
            ["conversations.window.messages"] = 2,
            ["conversations.window.tokens"] = span.GetTagItem("conversations.window.tokens"),
            ["conversations.window.omitted_messages"] = 2L,
        });
        span.GetTagItem("conversations.window.tokens").Should().BeOfType<long>().Which.Should().BePositive();
    }

    [Fact]
    public async Task Agents_code_runs_within_the_span_of_its_turn()
    {
        using var outer = TelemetryWatch.Host.StartActivity("request");

        await Alice.RunTurnAsync(Agent, "hello", async (turn, token) =>
        {
            Activity.Current.Should().BeSameAs(turn.Activity);
            using (TelemetryWatch.Host.StartActivity("chat"))
                await Answer(turn, token);
        }, Cancellation);

        Activity.Current.Should().BeSameAs(outer);
        var span = Watch.Turns(Agent).Should().ContainSingle().Which;
        span.ParentSpanId.Should().Be(outer!.SpanId);
        Watch.Spans.Should().ContainSingle(other => other.OperationName == "chat" && other.ParentSpanId == span.SpanId);
    }

    [Fact]
    public async Task Agents_code_that_streams_runs_within_the_span_of_its_turn()
    {
        await Alice.RunTurnAsync(Agent, "hello", async (turn, token) => await turn.StreamAsync(Pieces(), token).CountAsync(token), Cancellation);

        var span = Watch.Turns(Agent).Should().ContainSingle().Which;
        Watch.Spans.Should().ContainSingle(other => other.OperationName == "chat" && other.ParentSpanId == span.SpanId);

        static async IAsyncEnumerable<string> Pieces()
        {
            using var chat = TelemetryWatch.Host.StartActivity("chat");
            await Task.Yield();
            yield return "hi";
        }
    }

    [Fact]
    public async Task Turn_by_hand_is_a_span_that_the_host_makes_the_current_one()
    {
        using var outer = TelemetryWatch.Host.StartActivity("request");
        var turn = await Alice.BeginTurnAsync(new TurnRequest(Agent, "hello"), Cancellation);
        var begun = Activity.Current;
        Activity.Current = turn.Activity;
        TelemetryWatch.Host.StartActivity("chat")!.Dispose();
        Activity.Current = outer;

        Watch.Turns(Agent).Should().BeEmpty();
        await turn.CommitAsync(Cancellation);
        await turn.DisposeAsync();

        begun.Should().BeSameAs(outer);
        Activity.Current.Should().BeSameAs(outer);
        var span = Watch.Turns(Agent).Should().ContainSingle().Which;
        span.ParentSpanId.Should().Be(outer!.SpanId);
        Watch.Spans.Should().ContainSingle(other => other.OperationName == "chat" && other.ParentSpanId == span.SpanId);
    }

    [Fact]
    public async Task Turn_that_fails_is_an_error_of_a_type()
    {
        await FailAsync<TimeoutException>(Alice.RunTurnAsync(Agent, "hello", (_, _) => throw new TimeoutException("What it says."), Cancellation));

        var span = Ended("failed");
        span.Status.Should().Be(ActivityStatusCode.Error);
        span.StatusDescription.Should().BeNull();
        span.GetTagItem("error.type").Should().Be("System.TimeoutException");
        span.Events.Should().BeEmpty();
    }

    [Fact]
    public async Task Turn_that_is_cancelled_is_no_error()
    {
        using var cancelled = new CancellationTokenSource();
        await FailAsync<OperationCanceledException>(Alice.RunTurnAsync(
            Agent,
            "hello",
            async (_, token) =>
            {
                await cancelled.CancelAsync();
                token.ThrowIfCancellationRequested();
            },
            cancelled.Token));

        var span = Ended("cancelled");
        span.Status.Should().Be(ActivityStatusCode.Unset);
        span.GetTagItem("error.type").Should().BeNull();
    }

    [Fact]
    public async Task Turn_that_is_disposed_without_a_commit_is_cancelled()
    {
        await (await Alice.BeginTurnAsync(new TurnRequest(Agent, "hello"), Cancellation)).DisposeAsync();

        Ended("cancelled");
    }

    [Fact]
    public async Task Turn_that_leaves_calls_open_is_waiting()
    {
        await Alice.RunTurnAsync(Agent, "hello", (turn, _) => Task.FromResult(turn.Add(ConversationMessage.ToolCall("call_1", "look_up", "{}"))), Cancellation);

        Ended("waiting").Status.Should().Be(ActivityStatusCode.Unset);
    }

    [Fact]
    public async Task Turn_that_lost_its_lease_has_the_outcome_lease_lost()
    {
        await FailAsync<LeaseLostException>(Alice.RunTurnAsync(
            Agent, "hello", async (turn, _) => await Manager.DeleteAsync(turn.ConversationId!, Cancellation), Cancellation));

        Ended("lease_lost").GetTagItem("error.type").Should().Be("LEASE_LOST");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Turn_by_hand_that_is_disposed_without_its_lease_has_the_outcome_lease_lost(bool isNoticed)
    {
        await using (var turn = await Alice.BeginTurnAsync(new TurnRequest(Agent, "hello"), Cancellation))
        {
            await Manager.DeleteAsync(turn.ConversationId!, Cancellation);
            if (isNoticed)
                Time.Advance(TimeSpan.FromSeconds(10));
        }

        Ended("lease_lost").GetTagItem("error.type").Should().Be("LEASE_LOST");
    }

    [Fact]
    public async Task Turn_by_hand_that_fails_without_its_lease_records_both()
    {
        await using (var turn = await Alice.BeginTurnAsync(new TurnRequest(Agent, "hello"), Cancellation))
        {
            await Manager.DeleteAsync(turn.ConversationId!, Cancellation);
            await turn.FailAsync(new TimeoutException());
        }

        Ended("lease_lost").GetTagItem("error.type").Should().Be("System.TimeoutException");
    }

    [Fact]
    public async Task Turn_that_requires_an_identity_is_refused_without_one()
    {
        var manager = new ConversationManager(Store, new ConversationOptions().AddAgent(Agent, agent => agent.RequireIdentity = true), Time, Log);
        await FailAsync<IdentityRequiredException>(manager.RunTurnAsync(Agent, "hello", Answer, Cancellation));

        Ended("refused").GetTagItem("error.type").Should().Be("IDENTITY_REQUIRED");
    }

    [Fact]
    public async Task Turn_that_is_cancelled_by_the_loss_of_its_lease_has_the_outcome_lease_lost()
    {
        await FailAsync<LeaseLostException>(Alice.RunTurnAsync(
            Agent,
            "hello",
            async (turn, token) =>
            {
                await Manager.DeleteAsync(turn.ConversationId!, Cancellation);
                Time.Advance(TimeSpan.FromSeconds(10));
                await new TaskCompletionSource().Task.WaitAsync(token);
            },
            Cancellation));

        Ended("lease_lost").GetTagItem("error.type").Should().Be("LEASE_LOST");
    }

    [Fact]
    public async Task Turn_that_is_a_replay_records_the_replayed_run()
    {
        var request = new TurnRequest(Agent, "hello") { IdempotencyKey = "key" };
        var first = await Alice.RunTurnAsync(request, Answer, Cancellation);
        await Alice.RunTurnAsync(request, Answer, Cancellation);

        var span = Watch.Turns(Agent)[1];
        span.GetTagItem("conversations.turn.outcome").Should().Be("replayed");
        span.GetTagItem("conversations.run.id").Should().Be(first.RunId);
        span.GetTagItem("gen_ai.usage.input_tokens").Should().BeNull("no tokens were used again");
    }

    [Fact]
    public async Task Turn_of_a_busy_conversation_is_refused()
    {
        await using var holder = await Alice.BeginTurnAsync(new TurnRequest(Agent, "hello"), Cancellation);
        await FailAsync<ConversationLockedException>(Alice.RunTurnAsync(Agent, "hello", Answer, Cancellation));

        var span = Ended("refused");
        span.Status.Should().Be(ActivityStatusCode.Error);
        span.GetTagItem("error.type").Should().Be("CONVERSATION_LOCKED");
        Watch.Named("conversations.lock.wait", Agent).Should().BeEmpty("it did not wait");
    }

    [Fact]
    public async Task Turn_that_waits_has_a_span_of_the_wait()
    {
        var holder = await Alice.BeginTurnAsync(new TurnRequest(Agent, "hello"), Cancellation);
        var waiting = Alice.RunTurnAsync(new TurnRequest(Agent, "hello") { OnBusy = BusyPolicy.Wait(TimeSpan.FromMinutes(1)) }, Answer, Cancellation);
        await Watch.UntilWaitingAsync(Agent, 1);
        await holder.CommitAsync(Cancellation);
        var result = await waiting;

        var wait = Watch.Named("conversations.lock.wait", Agent).Should().ContainSingle().Which;
        wait.ParentSpanId.Should().Be(Watch.Turns(Agent).Single(span => result.RunId!.Equals(span.GetTagItem("conversations.run.id"))).SpanId);
        wait.GetTagItem("conversations.lock.outcome").Should().Be("acquired");
        wait.GetTagItem("gen_ai.conversation.id").Should().Be(holder.ConversationId);
    }

    [Fact]
    public async Task Turn_that_waits_without_success_records_the_outcome()
    {
        await using var holder = await Alice.BeginTurnAsync(new TurnRequest(Agent, "hello"), Cancellation);
        var waiting = Alice.RunTurnAsync(new TurnRequest(Agent, "hello") { OnBusy = BusyPolicy.Wait(TimeSpan.FromSeconds(1)) }, Answer, Cancellation);
        await Watch.UntilWaitingAsync(Agent, 1);
        Time.Advance(TimeSpan.FromSeconds(2));
        await FailAsync<ConversationLockedException>(waiting);

        var wait = Watch.Named("conversations.lock.wait", Agent).Should().ContainSingle().Which;
        wait.GetTagItem("conversations.lock.outcome").Should().Be("locked");
        wait.Status.Should().Be(ActivityStatusCode.Error);
        Ended("refused");
        Log.Entries.Should().Contain(entry => entry.Text.StartsWith($"The wait for conversation '{holder.ConversationId}' ended after", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Turn_that_is_not_stored_is_a_span_without_ids()
    {
        await Manager.RunTurnAsync(Agent, "hello", Answer, Cancellation);

        var span = Ended("completed");
        span.GetTagItem("conversations.turn.persisted").Should().Be(false);
        Tags(span).Should().NotContainKeys("gen_ai.conversation.id", "conversations.run.id", "conversations.window.messages");
    }

    [Fact]
    public async Task Turn_that_is_not_stored_and_fails_is_an_error()
    {
        await FailAsync<TimeoutException>(Manager.RunTurnAsync(Agent, "hello", (_, _) => throw new TimeoutException(), Cancellation));

        Ended("failed").GetTagItem("error.type").Should().Be("System.TimeoutException");
    }

    [Fact]
    public async Task Turn_that_regenerates_records_it()
    {
        var first = await Alice.RunTurnAsync(Agent, "hello", Answer, Cancellation);
        await Alice.RegenerateAsync(first.ReplyMessageId!, Answer, Cancellation);

        Watch.Turns(Agent).Select(span => (span.GetTagItem("conversations.turn.outcome"), span.GetTagItem("conversations.turn.regenerates")))
            .Should().Equal(("completed", null), ("completed", true));
    }

    [Fact]
    public async Task Turn_that_cannot_answer_again_is_refused()
    {
        var first = await Alice.RunTurnAsync(Agent, "hello", Answer, Cancellation);
        await FailAsync<ConversationNotFoundException>(Alice.RegenerateAsync(ConversationIds.Message(first.ConversationId!, 99), Answer, Cancellation));

        Watch.Turns(Agent)[1].GetTagItem("error.type").Should().Be("CONVERSATION_NOT_FOUND");
    }

    [Fact]
    public async Task Turn_that_is_garbage_collected_while_it_is_open_has_the_outcome_dropped()
    {
        await DropTurnAsync(Alice, Agent);
        for (var i = 0; i < 30 && Watch.Turns(Agent).Count == 0; i++)
        {
            // A thread that has just worked on it may still hold it.
            await Task.Yield();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Time.Advance(TimeSpan.FromSeconds(10));
        }

        Ended("dropped").Status.Should().Be(ActivityStatusCode.Error);
        Watch.Of("conversations.turn.active", Agent).Sum(point => point.Sum).Should().Be(0);
    }

    [Fact]
    public async Task Summary_is_a_child_span_of_the_turn_that_began_it()
    {
        await Summarizing.RunTurnAsync(Agent, "one", Answer, Cancellation);
        await Summarizing.RunTurnAsync(Agent, "two", Answer, Cancellation);
        await Manager.WaitForSummariesAsync(Cancellation);
        await SummariesAsync();

        var span = Watch.Named("conversations.summarize", Agent).Should().ContainSingle().Which;
        span.ParentSpanId.Should().Be(Watch.Turns(Agent)[1].SpanId);
        span.GetTagItem("conversations.summary.outcome").Should().Be("saved");
        span.GetTagItem("conversations.summary.through").Should().Be(2L);
    }

    [Theory]
    [InlineData("They spoke.", "saved")]
    [InlineData(" ", "blank")]
    public async Task Summary_records_its_model_and_tokens_whether_or_not_it_is_saved(string text, string outcome)
    {
        Summarizer.Answer = _ => new SummaryResult(text) { Model = "model-2", Usage = new TokenUsage { InputTokens = 70, OutputTokens = 7, CachedInputTokens = 30, CacheWriteInputTokens = 20, ReasoningTokens = 4 } };
        await Summarizing.RunTurnAsync(Agent, "one", Answer, Cancellation);
        await Summarizing.RunTurnAsync(Agent, "two", Answer, Cancellation);
        await SummariesAsync();

        Tags(Watch.Named("conversations.summarize", Agent).Should().ContainSingle().Which).Should().Contain(
        [
            new("gen_ai.operation.name", "summarize"),
            new("gen_ai.response.model", "model-2"),
            new("gen_ai.usage.input_tokens", 70L),
            new("gen_ai.usage.output_tokens", 7L),
            new("gen_ai.usage.cache_read.input_tokens", 30L),
            new("gen_ai.usage.cache_creation.input_tokens", 20L),
            new("gen_ai.usage.reasoning.output_tokens", 4L),
            new("conversations.summary.outcome", outcome),
        ]);
        Watch.Of("gen_ai.client.token.usage", Agent).Where(point => "summarize".Equals(point.Tags["gen_ai.operation.name"]))
            .Select(point => (point.Tags["gen_ai.response.model"], point.Tags["gen_ai.token.type"], point.Sum, point.Count))
            .Should().BeEquivalentTo([((object?)"model-2", (object?)"input", 70d, 1L), ("model-2", "output", 7d, 1L)]);
    }

    private static Dictionary<string, object?> Tags(Activity span) => span.TagObjects.ToDictionary(tag => tag.Key, tag => tag.Value, StringComparer.Ordinal);

    private static async Task FailAsync<TException>(Task task)
        where TException : Exception
    {
        var failing = () => task;
        await failing.Should().ThrowAsync<TException>();
    }

    private Activity Ended(string outcome) => Watch.Turns(Agent).Should().ContainSingle().Which.Should().Match<Activity>(span => outcome.Equals(span.GetTagItem("conversations.turn.outcome"))).And.Subject.As<Activity>();
}

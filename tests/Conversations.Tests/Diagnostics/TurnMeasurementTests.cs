using Conversations.Tests.Manager;
using OpenTelemetry.Metrics;

namespace Conversations.Tests.Diagnostics;

public sealed class TurnMeasurementTestsInMemory : TurnMeasurementTests<InMemory>;

public sealed class TurnMeasurementTestsOnSqlite : TurnMeasurementTests<Sqlite>;

/// <summary>The measurements of turns.</summary>
public abstract class TurnMeasurementTests<TStore> : TelemetryTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private static readonly BusyPolicy Wait = BusyPolicy.Wait(TimeSpan.FromMinutes(5));

    [Fact]
    public async Task Tokens_of_a_turn_are_counted_by_type_and_model()
    {
        await AskAsync();
        await AskAsync();

        var points = Watch.Of("gen_ai.client.token.usage", Agent);
        points.Select(point => (point.Tags["gen_ai.token.type"], point.Sum, point.Count)).Should().BeEquivalentTo([((object?)"input", 200d, 2L), ("output", 20d, 2L)]);
        points.Should().OnlyContain(point => point.Unit == "{token}" && "model-1".Equals(point.Tags["gen_ai.response.model"]) && "invoke_agent".Equals(point.Tags["gen_ai.operation.name"]));
        points[0].Bounds.Should().StartWith([1d, 4d, 16d]);
    }

    [Fact]
    public async Task Model_is_other_in_measurements_when_there_are_too_many_names()
    {
        for (var number = 0; number <= BoundedNames.Limit; number++)
        {
            await Alice.RunTurnAsync(
                Agent,
                "hello",
                (turn, _) =>
                {
                    turn.Model = $"model-of-caller-{number}";
                    return Task.FromResult("hi");
                },
                Cancellation);
        }

        var models = Watch.Of("gen_ai.client.operation.duration", Agent).Select(point => (string?)point.Tags["gen_ai.response.model"]).ToList();
        models.Should().HaveCount(BoundedNames.Limit + 1).And.Contain("other").And.NotContain($"model-of-caller-{BoundedNames.Limit}");
    }

    [Fact]
    public async Task Tokens_of_several_models_are_counted_by_model()
    {
        await Alice.RunTurnAsync(
            Agent,
            "hello",
            (turn, _) =>
            {
                turn.AddUsage("model-1", new TokenUsage { InputTokens = 100, OutputTokens = 10 });
                turn.AddUsage("model-2", new TokenUsage { InputTokens = 20, OutputTokens = 2 });
                return Task.FromResult("hi");
            },
            Cancellation);

        Watch.Of("gen_ai.client.token.usage", Agent).Select(point => (point.Tags["gen_ai.response.model"], point.Tags["gen_ai.token.type"], point.Sum))
            .Should().BeEquivalentTo([((object?)"model-1", (object?)"input", 100d), ("model-1", "output", 10d), ("model-2", "input", 20d), ("model-2", "output", 2d)]);
    }

    [Fact]
    public async Task Tokens_that_are_unknown_are_not_counted()
    {
        await Alice.RunTurnAsync(Agent, "hello", (_, _) => Task.CompletedTask, Cancellation);

        Watch.Of("gen_ai.client.token.usage", Agent).Should().BeEmpty();
    }

    [Fact]
    public async Task Duration_of_a_turn_is_measured_by_its_end()
    {
        await Alice.RunTurnAsync(
            Agent,
            "hello",
            (_, _) =>
            {
                Time.Advance(TimeSpan.FromSeconds(3));
                return Task.CompletedTask;
            },
            Cancellation);
        await FluentActions.Awaiting(() => Alice.RunTurnAsync(Agent, "hello", (_, _) => throw new TimeoutException(), Cancellation)).Should().ThrowAsync<TimeoutException>();

        foreach (var instrument in new[] { "gen_ai.client.operation.duration", "gen_ai.invoke_agent.duration" })
        {
            var points = Watch.Of(instrument, Agent);
            points.Select(point => (point.Tags.GetValueOrDefault("error.type"), point.Sum, point.Count)).Should().BeEquivalentTo([((object?)null, 3d, 1L), ("System.TimeoutException", 0d, 1L)]);
            points.Should().OnlyContain(point => point.Unit == "s" && "invoke_agent".Equals(point.Tags.GetValueOrDefault("gen_ai.operation.name")));
        }

        Watch.Of("gen_ai.invoke_agent.duration", Agent)[0].Bounds.Should().StartWith([0.1, 0.2]);
        Watch.Of("gen_ai.client.operation.duration", Agent)[0].Bounds.Should().StartWith([0.01, 0.02]);
    }

    [Fact]
    public async Task Wait_for_a_busy_conversation_is_measured_and_no_other_turn()
    {
        await AskAsync();
        var holder = await Alice.BeginTurnAsync(new TurnRequest(Agent, "hello"), Cancellation);
        var impatient = () => AskAsync(BusyPolicy.Wait(TimeSpan.FromSeconds(2)));
        var refused = impatient.Should().ThrowAsync<ConversationLockedException>();
        var waiting = AskAsync(Wait);
        await Watch.UntilWaitingAsync(Agent, 2);
        Time.Advance(TimeSpan.FromSeconds(3));
        await refused;
        await holder.CommitAsync(Cancellation);
        await waiting;

        var points = Watch.Of("conversations.lock.wait.duration", Agent);
        points.Select(point => (point.Tags["conversations.lock.outcome"], point.Count)).Should().BeEquivalentTo([((object?)"locked", 1L), ("acquired", 1L)]);
        points.Should().OnlyContain(point => point.Unit == "s" && point.Sum >= 2);
    }

    [Fact]
    public async Task Lease_that_is_lost_is_counted_once()
    {
        var losing = () => Alice.RunTurnAsync(
            Agent,
            "hello",
            async (turn, _) =>
            {
                await Manager.DeleteAsync(turn.ConversationId!, Cancellation);
                Time.Advance(TimeSpan.FromSeconds(15));
            },
            Cancellation);
        await losing.Should().ThrowAsync<LeaseLostException>();

        Watch.Of("conversations.lease.lost", Agent).Should().ContainSingle().Which.Should().BeEquivalentTo(new { Sum = 1d, Unit = "{lease}", Type = MetricType.LongSum });
    }

    [Fact]
    public async Task Active_turns_are_those_that_are_open()
    {
        var turn = await Alice.BeginTurnAsync(new TurnRequest(Agent, "hello"), Cancellation);
        var other = await Alice.BeginTurnAsync(new TurnRequest(Agent, "hello") { StartNew = true }, Cancellation);
        var begun = Active();
        await turn.CommitAsync(Cancellation);
        var one = Active();
        await turn.DisposeAsync();
        await other.FailAsync(new TimeoutException());

        (begun, one, Active()).Should().Be((2, 1, 0));
    }

    [Fact]
    public async Task Active_turns_are_none_after_every_other_end()
    {
        var failing = () => Alice.RunTurnAsync(Agent, "hello", (_, _) => throw new TimeoutException(), Cancellation);
        await failing.Should().ThrowAsync<TimeoutException>();
        await (await Alice.BeginTurnAsync(new TurnRequest(Agent, "hello"), Cancellation)).DisposeAsync();
        var request = new TurnRequest(Agent, "hello") { IdempotencyKey = "key" };
        var first = await Alice.RunTurnAsync(request, Answer, Cancellation);
        await Alice.RunTurnAsync(request, Answer, Cancellation);
        await Alice.RegenerateAsync(first.ReplyMessageId!, Answer, Cancellation);
        await Alice.RestoreAsync(first.ReplyMessageId!, cancellationToken: Cancellation);
        await Manager.RunTurnAsync(Agent, "hello", Answer, Cancellation);
        var losing = () => Alice.RunTurnAsync(Agent, "hello", async (turn, _) => await Manager.DeleteAsync(turn.ConversationId!, Cancellation), Cancellation);
        await losing.Should().ThrowAsync<LeaseLostException>();

        Active().Should().Be(0);
    }

    [Fact]
    public async Task Active_turns_are_those_that_hold_their_lease()
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Agent, "hello"), Cancellation);
        await Manager.DeleteAsync(turn.ConversationId!, Cancellation);
        Time.Advance(TimeSpan.FromSeconds(15));

        Active().Should().Be(0);
    }

    [Fact]
    public async Task Windows_are_measured_with_omitted_messages_by_reason()
    {
        for (var i = 0; i < 4; i++)
            await AskAsync();

        var messages = Watch.Of("conversations.window.messages", Agent).Should().ContainSingle().Which;
        messages.Should().BeEquivalentTo(new { Sum = 0d + 2 + 2 + 2, Count = 4L, Unit = "{message}" });
        Watch.Of("conversations.window.tokens", Agent).Should().ContainSingle().Which.Should().Match<Measured>(point => point.Count == 4 && point.Sum > 0 && point.Unit == "{token}");
        Watch.Of("conversations.window.omitted_messages", Agent).Sum(point => point.Sum).Should().Be(2 + 4);
        Watch.Of("conversations.window.omitted_messages", Agent).Select(point => point.Tags["conversations.window.omission_reason"]).Should().BeSubsetOf(["message_limit", "trimmed"]);
    }

    [Fact]
    public async Task Segments_of_a_stream_are_counted_when_they_are_saved()
    {
        await Alice.RunTurnAsync(Agent, "hello", async (turn, token) => await turn.StreamAsync(Pieces(), token).CountAsync(token), Cancellation);

        Watch.Of("conversations.stream.saved_segments", Agent).Should().ContainSingle().Which.Sum.Should().BePositive();
    }

    [Fact]
    public async Task No_measurement_has_an_id()
    {
        var first = await AskAsync();
        await AskAsync();

        Watch.Points.SelectMany(point => point.Tags.Values).Should().NotContain([first.ConversationId, first.RunId, first.ReplyMessageId]);
    }

    private async IAsyncEnumerable<string> Pieces()
    {
        for (var i = 0; i < 4; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            yield return "w ";
        }

        await Task.CompletedTask;
    }

    private Task<TurnResult> AskAsync(BusyPolicy? whenBusy = null) => Alice.RunTurnAsync(new TurnRequest(Agent, "hello") { OnBusy = whenBusy }, Answer, Cancellation);

    private double Active() => Watch.Of("conversations.turn.active", Agent).Should().ContainSingle().Which.Sum;
}

namespace Conversations.Tests.Manager;

/// <summary>What an exception that leaves a turn names.</summary>
public abstract class ErrorDataTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Exception_of_the_agent_names_run_and_input()
    {
        var (error, ids) = await FailAsync(_ => throw new TimeoutException("The model is away."));

        error.Should().BeOfType<TimeoutException>();
        NamesOf(error).Should().Be(ids);
        (await Alice.GetRunAsync(ids.RunId!, Cancellation))!.Status.Should().Be(RunStatus.Failed);
    }

    [Fact]
    public async Task Cancellation_names_run_and_input()
    {
        using var stop = new CancellationTokenSource();

        var (error, ids) = await FailAsync(_ =>
        {
            stop.Cancel();
            throw new OperationCanceledException(stop.Token);
        }, stop.Token);

        NamesOf(error).Should().Be(ids);
    }

    [Fact]
    public async Task Stopped_run_names_run_and_input()
    {
        var thinking = new Thinking();
        var running = Alice.RunTurnAsync(Bot, "hello", thinking.AnswerAsync, Cancellation);
        var runId = await thinking.BeganAsync();

        await Alice.StopAsync(runId, Cancellation);

        var error = (await FluentActions.Awaiting(() => running).Should().ThrowAsync<OperationCanceledException>()).Which;
        NamesOf(error).RunId.Should().Be(runId);
    }

    [Fact]
    public async Task Exceptions_of_the_library_name_run_and_input()
    {
        var (lost, lostIds) = await FailAsync(turn =>
        {
            turn.Add(ConversationMessage.Assistant("too late"));
            return Alice.DeleteAsync(turn.ConversationId!, Cancellation);
        });
        var (wrong, wrongIds) = await FailAsync(turn =>
        {
            turn.Add(ConversationMessage.User("I am no user."));
            return Task.CompletedTask;
        });

        lost.Should().BeOfType<LeaseLostException>();
        NamesOf(lost).Should().Be(lostIds);
        wrong.Should().BeOfType<ArgumentException>();
        NamesOf(wrong).Should().Be(wrongIds);
    }

    [Fact]
    public async Task Exception_of_a_second_answer_names_the_run_and_the_input_that_is_answered_again()
    {
        var asked = await AskAsync();
        string? runId = null;

        var error = (await FluentActions.Awaiting(() => Alice.RegenerateAsync(asked.ReplyMessageId!, (turn, _) =>
        {
            runId = turn.RunId;
            throw new TimeoutException();
        }, Cancellation)).Should().ThrowAsync<TimeoutException>()).Which;

        NamesOf(error).Should().Be((runId, asked.InputMessageId));
    }

    [Fact]
    public async Task Exception_of_a_turn_that_begins_and_is_not_returned_names_run_and_input()
    {
        var request = new TurnRequest(Bot, "a text that costs more than the limit") { TokenLimit = 1, IdempotencyKey = "key" };

        var error = (await FluentActions.Awaiting(() => AskAsync(request)).Should().ThrowAsync<PromptTooLargeException>()).Which;

        var conversation = await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation);
        NamesOf(error).Should().Be((ConversationIds.Run(conversation!.Id, 1), ConversationIds.Message(conversation.Id, 1)));
    }

    [Fact]
    public async Task Exception_that_passes_two_turns_names_the_outer_one()
    {
        var (error, ids) = await FailAsync(_ => Bob.RunTurnAsync(Bot, "inner", (_, _) => throw new TimeoutException(), Cancellation));

        NamesOf(error).Should().Be(ids);
    }

    [Fact]
    public async Task Exception_of_a_turn_that_did_not_begin_or_is_not_stored_names_nothing()
    {
        var asked = await AskAsync();
        await Alice.EndAsync(asked.ConversationId!, Cancellation);

        var refused = (await FluentActions.Awaiting(() => AskAsync(new TurnRequest(Bot, "more") { ConversationId = asked.ConversationId })).Should().ThrowAsync<ConversationEndedException>()).Which;
        var stateless = (await FluentActions.Awaiting(() => Alice.RunTurnAsync("oracle", "hello", (_, _) => throw new TimeoutException(), Cancellation)).Should().ThrowAsync<TimeoutException>()).Which;

        refused.Data.Count.Should().Be(0);
        stateless.Data.Count.Should().Be(0);
    }

    private static (string? RunId, string? InputMessageId) NamesOf(Exception exception) =>
        ((string?)exception.Data[ConversationErrorData.RunId], (string?)exception.Data[ConversationErrorData.InputMessageId]);

    /// <summary>Runs a turn that fails.</summary>
    private async Task<(Exception Error, (string? RunId, string? InputMessageId) Ids)> FailAsync(Func<ConversationTurn, Task> actAsync, CancellationToken? cancellationToken = null)
    {
        (string?, string?) ids = default;
        var error = await FluentActions.Awaiting(() => Alice.RunTurnAsync(Bot, "hello", async (turn, _) =>
        {
            ids = (turn.RunId, turn.Input[0].Id);
            await actAsync(turn);
        }, cancellationToken ?? Cancellation)).Should().ThrowAsync<Exception>();
        return (error.Which, ids);
    }
}

public sealed class ErrorDataTestsInMemory : ErrorDataTests<InMemory>;

public sealed class ErrorDataTestsOnSqlite : ErrorDataTests<Sqlite>;

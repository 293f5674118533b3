using Microsoft.Extensions.Logging;

namespace Conversations.Tests.Manager;

public sealed class LostTurnTestsInMemory : LostTurnTests<InMemory>;

public sealed class LostTurnTestsOnSqlite : LostTurnTests<Sqlite>;

/// <summary>Agents that run when their turn loses the lease.</summary>
public abstract class LostTurnTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task RunTurn_cancels_the_agent_and_throws_the_reason_when_its_lease_is_lost()
    {
        var running = () => Alice.RunTurnAsync(Bot, "slow", async (turn, token) =>
        {
            turn.Add(ConversationMessage.Assistant("too late"));
            await Manager.DeleteAsync(turn.ConversationId!, Cancellation);
            Time.Advance(TimeSpan.FromSeconds(10));
            await new TaskCompletionSource().Task.WaitAsync(token);
        });

        var lost = (await running.Should().ThrowAsync<LeaseLostException>()).Which;

        lost.Code.Should().Be("LEASE_LOST");
        lost.InnerException.Should().BeAssignableTo<OperationCanceledException>();
        (await Manager.ListAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().BeEmpty();
        Log.Entries.Should().NotContain(entry => entry.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task RunTurn_that_hangs_loses_its_lease_and_is_recorded_as_failed()
    {
        string? conversationId = null;
        var running = () => Alice.RunTurnAsync(Bot, "slow", async (turn, token) =>
        {
            conversationId = turn.ConversationId;
            turn.Add(ConversationMessage.Assistant("half an"));
            await HangAsync(token);
        }, Cancellation);

        var lost = (await running.Should().ThrowAsync<LeaseLostException>()).Which;

        var run = await Alice.GetRunAsync(lost.RunId, Cancellation);
        run.Should().BeEquivalentTo(new { Status = RunStatus.Failed, Error = "Conversations.LeaseLostException" });
        var messages = await Alice.GetMessagesAsync(conversationId!, cancellationToken: Cancellation).ToListAsync(Cancellation);
        messages.Select(message => (message.Text, message.IsPartial)).Should().Equal(("slow", false), ("half an", true));
        Log.Entries.Should().ContainSingle(entry => entry.Level >= LogLevel.Warning, "it took too long");
    }

    [Fact]
    public async Task RunTurn_that_hangs_writes_nothing_when_it_was_overtaken()
    {
        string? conversationId = null;
        var running = () => Alice.RunTurnAsync(Bot, "slow", async (turn, token) =>
        {
            conversationId = turn.ConversationId;
            turn.Add(ConversationMessage.Assistant("half an"));
            try
            {
                await HangAsync(token);
            }
            finally
            {
                await AskAsync("quick");
            }
        }, Cancellation);

        var lost = (await running.Should().ThrowAsync<LeaseLostException>()).Which;

        (await TextsAsync(conversationId)).Should().Equal("slow", "quick", "hi");
        (await Alice.GetRunAsync(lost.RunId, Cancellation))!.Status.Should().Be(RunStatus.Interrupted);
    }

    [Fact]
    public async Task RunTurn_that_hangs_lets_a_waiting_turn_begin()
    {
        var hanging = Alice.RunTurnAsync(Bot, "slow", (_, token) => new TaskCompletionSource().Task.WaitAsync(token), Cancellation);
        var waiting = AskAsync(new TurnRequest(Bot, "next") { OnBusy = BusyPolicy.Wait(TimeSpan.FromHours(1)) });

        while (!hanging.IsCompleted || !waiting.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await hanging.Invoking(task => task).Should().ThrowAsync<LeaseLostException>();
        (await TextsAsync((await waiting).ConversationId)).Should().Equal("slow", "next", "hi");
    }

    [Fact]
    public async Task RunTurn_throws_the_exception_of_the_agent_when_its_lease_is_lost_too()
    {
        var running = () => Alice.RunTurnAsync(Bot, "slow", async (turn, token) =>
        {
            await Manager.DeleteAsync(turn.ConversationId!, Cancellation);
            Time.Advance(TimeSpan.FromSeconds(10));
            throw new TimeoutException();
        }, Cancellation);

        await running.Should().ThrowAsync<TimeoutException>();
    }

    [Fact]
    public async Task RunTurn_that_the_caller_cancels_is_cancelled_when_its_lease_is_lost_too()
    {
        using var source = new CancellationTokenSource();
        var running = () => Alice.RunTurnAsync(Bot, "slow", async (_, token) =>
        {
            await source.CancelAsync();
            await HangAsync(token);
        }, source.Token);

        await running.Should().ThrowAsync<OperationCanceledException>();

        var conversation = await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation);
        var message = await Alice.GetMessagesAsync(conversation!.Id, cancellationToken: Cancellation).SingleAsync(Cancellation);
        (await Alice.GetRunAsync(message.RunId!, Cancellation))!.Status.Should().Be(RunStatus.Cancelled);
    }

    [Fact]
    public async Task RunTurn_commits_a_finished_answer_after_its_lease_was_lost_until_a_takeover()
    {
        var result = await Alice.RunTurnAsync(Bot, "slow", (turn, _) =>
        {
            Time.Advance(TimeSpan.FromMinutes(11));
            turn.Stopping.IsCancellationRequested.Should().BeTrue();
            turn.Add(ConversationMessage.Assistant("at last"));
            return Task.CompletedTask;
        }, Cancellation);

        (await TextsAsync(result.ConversationId)).Should().Equal("slow", "at last");
    }

    private Task HangAsync(CancellationToken cancellationToken)
    {
        Time.Advance(TimeSpan.FromMinutes(10));
        Time.Advance(TimeSpan.FromSeconds(30));
        return new TaskCompletionSource().Task.WaitAsync(cancellationToken);
    }
}

using Conversations.Tests.Manager;

namespace Conversations.Tests.Diagnostics;

public sealed class LogTestsInMemory : LogTests<InMemory>;

public sealed class LogTestsOnSqlite : LogTests<Sqlite>;

/// <summary>What operators read of turns.</summary>
public abstract class LogTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Run_that_fails_is_logged_with_the_type_of_the_exception_alone()
    {
        var failing = () => Alice.RunTurnAsync(Bot, "hello", (_, _) => throw new TimeoutException("What it says."), Cancellation);
        await failing.Should().ThrowAsync<TimeoutException>();

        Log.Entries.Select(entry => entry.Text).Should().ContainSingle(text => text.EndsWith(" failed: System.TimeoutException.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_that_takes_up_saved_input_is_logged()
    {
        var request = new TurnRequest(Bot, "hello") { IdempotencyKey = "key" };
        var failing = () => Alice.RunTurnAsync(request, (_, _) => throw new TimeoutException(), Cancellation);
        await failing.Should().ThrowAsync<TimeoutException>();
        var result = await Alice.RunTurnAsync(request, Say("hi"), Cancellation);

        Log.Entries.Should().ContainSingle(entry => entry.Text.StartsWith($"Run '{result.RunId}' retries an earlier run of its request with the existing input at position 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Request_that_was_answered_before_is_logged_with_the_run_that_answered_it()
    {
        var request = new TurnRequest(Bot, "hello") { IdempotencyKey = "key" };
        var first = await Alice.RunTurnAsync(request, Say("hi"), Cancellation);
        await Alice.RunTurnAsync(request, Say("hi"), Cancellation);

        Log.Entries.Should().ContainSingle(entry => entry.Text.Contains($"was already answered by run '{first.RunId}'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wait_that_ends_without_a_turn_is_logged_with_its_reason()
    {
        await using var holder = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        var waiting = Alice.RunTurnAsync(new TurnRequest(Bot, "hello") { OnBusy = BusyPolicy.Wait(TimeSpan.FromSeconds(1)) }, Say("hi"), Cancellation);
        Time.Advance(TimeSpan.FromSeconds(2));
        await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<ConversationLockedException>();

        Log.Entries.Should().ContainSingle(entry => entry.Text.StartsWith($"The wait for conversation '{holder.ConversationId}' ended after", StringComparison.Ordinal))
            .Which.Text.Should().EndWith("without a turn: CONVERSATION_LOCKED.");
    }
}

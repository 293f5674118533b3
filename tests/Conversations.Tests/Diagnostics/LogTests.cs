using Conversations.Storage;
using Conversations.Tests.Manager;

namespace Conversations.Tests.Diagnostics;

public sealed class LogTestsInMemory : LogTests<InMemory>;

public sealed class LogTestsOnSqlite : LogTests<Sqlite>;

/// <summary>The log entries of turns.</summary>
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
    public async Task Run_on_existing_input_is_logged()
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
    public async Task Failure_of_the_store_is_logged_with_the_type_of_the_exception_alone()
    {
        await using var store = new QuotingStore();
        var mine = new ConversationManager(store, Options(), Time, Log).ForIdentity(ConversationIdentity.ForUser("alice"));
        var turn = await mine.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        await foreach (var _ in turn.StreamAsync(PiecesAsync(), Cancellation))
        {
        }

        store.IsFailing = true;
        turn.Add(ConversationMessage.Assistant("kanarienvogel"));
        await turn.DisposeAsync();

        Log.Entries.Select(entry => entry.Text).Should().Contain(text => text.StartsWith("The stream of run", StringComparison.Ordinal) && text.Contains("System.InvalidOperationException"))
            .And.Contain(text => text.StartsWith("The end of run", StringComparison.Ordinal) && text.Contains("System.InvalidOperationException"));
        Log.Entries.Should().NotContain(entry => entry.Text.Contains("kanarienvogel"));
        Log.Exceptions.Should().BeEmpty();

        async IAsyncEnumerable<string> PiecesAsync()
        {
            yield return "kanarienvogel";
            Time.Advance(TimeSpan.FromSeconds(2));
            await store.HasFailed.WaitAsync(Cancellation);
        }
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

    /// <summary>A database whose exceptions quote what was to be stored.</summary>
    private sealed class QuotingStore() : DelegatingConversationStore(new InMemoryConversationStore())
    {
        private readonly TaskCompletionSource _hasFailed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsFailing { get; set; }

        public Task HasFailed => _hasFailed.Task;

        public override ValueTask<bool> AppendSegmentsAsync(SegmentBatch batch, CancellationToken cancellationToken = default)
        {
            _hasFailed.TrySetResult();
            throw new InvalidOperationException($"The value is too long: {batch.Segments[0].Content}");
        }

        public override ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default) =>
            IsFailing ? throw new InvalidOperationException($"The value is too long: {batch.Conversations[0].Messages[0].Text}") : base.TryWriteAsync(batch, cancellationToken);
    }
}

using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.Tests.Manager;

/// <summary>Runs that someone stops, in their own process and from another one.</summary>
public abstract class StopTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Stop_in_the_same_process_reaches_the_agent_at_once()
    {
        var turn = new Thinking();
        var running = Alice.RunTurnAsync(Bot, "hello", turn.AnswerAsync, Cancellation);
        var runId = await turn.BeganAsync();

        (await Alice.StopAsync(runId, Cancellation)).Should().BeTrue();

        await FluentActions.Awaiting(() => running).Should().ThrowAsync<OperationCanceledException>();
        (await Alice.GetRunAsync(runId, Cancellation)).Should().BeEquivalentTo(new { Status = RunStatus.Cancelled, Error = (string?)null, OutputCount = 1 });
        var conversation = await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation);
        (await Alice.GetMessagesAsync(conversation!.Id, cancellationToken: Cancellation).Select(message => (message.Text, message.IsPartial)).ToListAsync(Cancellation))
            .Should().Equal(("hello", false), ("so far", true));
        (await AskAsync("next")).ConversationId.Should().Be(conversation.Id, "the conversation is free");
    }

    [Fact]
    public async Task Stop_from_another_process_reaches_the_agent_within_seconds()
    {
        var turn = new Thinking();
        var running = Alice.RunTurnAsync(Bot, "hello", turn.AnswerAsync, Cancellation);
        var runId = await turn.BeganAsync();
        var elsewhere = new ConversationManager(Store, Options(), Time).ForIdentity(ConversationIdentity.ForUser("alice"));

        (await elsewhere.StopAsync(runId, Cancellation)).Should().BeTrue();
        turn.Stopping.IsCancellationRequested.Should().BeFalse();
        Time.Advance(TimeSpan.FromSeconds(3));

        await FluentActions.Awaiting(() => running).Should().ThrowAsync<OperationCanceledException>();
        (await Alice.GetRunAsync(runId, Cancellation))!.Status.Should().Be(RunStatus.Cancelled);
    }

    [Fact]
    public async Task Stop_is_learned_also_when_the_lease_is_no_longer_renewed()
    {
        var hasty = new ConversationManager(Store, new ConversationOptions().AddAgent(Bot, agent => agent.MaxTurnDuration = TimeSpan.FromSeconds(5)), Time);
        await using var turn = await hasty.ForIdentity(ConversationIdentity.ForUser("alice")).BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        var stopping = StoppedAsync(turn.Stopping);
        Time.Advance(TimeSpan.FromSeconds(6));

        await Alice.StopAsync(turn.RunId!, Cancellation);
        Time.Advance(TimeSpan.FromSeconds(3));

        await stopping;
    }

    [Fact]
    public async Task Look_reads_and_only_a_renewal_writes()
    {
        var counting = new CountingWrites(Store);
        await using var turn = await Over(counting).BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        var begun = counting.Writes;

        Time.Advance(TimeSpan.FromSeconds(9.9));
        var looked = counting.Writes - begun;
        Time.Advance(TimeSpan.FromSeconds(0.1));
        await counting.WrittenAsync(begun + 1, Cancellation);

        looked.Should().Be(0);
    }

    [Fact]
    public async Task Follower_of_a_stopped_run_receives_its_end()
    {
        var turn = new Thinking();
        var running = Alice.RunTurnAsync(Bot, "hello", turn.AnswerAsync, Cancellation);
        var runId = await turn.BeganAsync();
        var following = Alice.FollowAsync(runId, cancellationToken: Cancellation).ToListAsync(Cancellation);

        await Alice.StopAsync(runId, Cancellation);

        await FluentActions.Awaiting(() => running).Should().ThrowAsync<OperationCanceledException>();
        (await following)[^1].EndedAs.Should().Be(RunStatus.Cancelled);
    }

    [Fact]
    public async Task Stop_of_a_stream_keeps_what_came()
    {
        var began = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = Alice.RunTurnAsync(Bot, "hello", async (turn, token) =>
        {
            await foreach (var text in turn.StreamAsync(EndlessAsync(token), token))
                began.TrySetResult(turn.RunId!);
        }, Cancellation);
        var runId = await began.Task;

        await Alice.StopAsync(runId, Cancellation);

        await FluentActions.Awaiting(() => running).Should().ThrowAsync<OperationCanceledException>();
        var conversation = await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation);
        (await TextsAsync(conversation!.Id)).Should().Equal("hello", "first piece");
    }

    [Fact]
    public async Task Answer_that_is_completed_nevertheless_is_committed()
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        await Alice.StopAsync(turn.RunId!, Cancellation);
        turn.Add(ConversationMessage.Assistant("done"));

        await turn.CommitAsync(Cancellation);

        turn.Stopping.IsCancellationRequested.Should().BeTrue();
        (await Alice.GetRunAsync(turn.RunId!, Cancellation))!.Status.Should().Be(RunStatus.Completed);
    }

    [Fact]
    public async Task Stop_of_a_run_that_has_ended_returns_false_and_one_out_of_reach_is_not_found()
    {
        var asked = await AskAsync();
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "next"), Cancellation);

        (await Alice.StopAsync(asked.RunId!, Cancellation)).Should().BeFalse();
        foreach (var (view, id) in new[] { (Bob, turn.RunId!), (Alice, "nonsense"), (Alice, turn.RunId + "9"), (Alice, turn.ConversationId!) })
            (await view.Invoking(other => other.StopAsync(id, Cancellation)).Should().ThrowAsync<ConversationNotFoundException>()).Which.Id.Should().Be(id);

        turn.Stopping.IsCancellationRequested.Should().BeFalse();
        (await Manager.StopAsync(turn.RunId!, Cancellation)).Should().BeTrue();
        turn.Stopping.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public async Task Stop_of_a_shared_run_is_for_all_who_share_it()
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest("team-bot", "hello"), Cancellation);

        (await Bob.StopAsync(turn.RunId!, Cancellation)).Should().BeTrue();

        turn.Stopping.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public async Task Stop_of_a_run_whose_process_is_dead_interrupts_it()
    {
        var dying = new DyingStore(Store);
        var turn = await Over(dying).BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        dying.IsDead = true;
        Time.Advance(TimeSpan.FromSeconds(30));

        (await Alice.StopAsync(turn.RunId!, Cancellation)).Should().BeTrue();

        (await Alice.GetRunAsync(turn.RunId!, Cancellation))!.Status.Should().Be(RunStatus.Interrupted);
        (await Alice.StopAsync(turn.RunId!, Cancellation)).Should().BeFalse();
        Log.Entries.Should().Contain(entry => entry.Text.Contains(turn.RunId!, StringComparison.Ordinal));
    }

    private static async Task StoppedAsync(CancellationToken token)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = token.Register(stopped.SetResult);
        await stopped.Task;
    }

    private static async IAsyncEnumerable<string> EndlessAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return "first piece";
        await StoppedAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private ScopedConversations Over(IConversationStore store) => new ConversationManager(store, Options(), Time, Log).ForIdentity(ConversationIdentity.ForUser("alice"));

    /// <summary>A store that loses its connection.</summary>
    private sealed class DyingStore(IConversationStore inner) : DelegatingConversationStore(inner)
    {
        public bool IsDead { get; set; }

        public override ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default) =>
            IsDead ? throw new TimeoutException() : Inner.TryWriteAsync(batch, cancellationToken);
    }

    private sealed class CountingWrites(IConversationStore inner) : DelegatingConversationStore(inner)
    {
        private int _writes;

        public int Writes => Volatile.Read(ref _writes);

        public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
        {
            var isWritten = await Inner.TryWriteAsync(batch, cancellationToken);
            Interlocked.Increment(ref _writes);
            return isWritten;
        }

        public async Task WrittenAsync(int writes, CancellationToken cancellationToken)
        {
            while (Writes < writes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }
    }
}

public sealed class StopTestsInMemory : StopTests<InMemory>;

public sealed class StopTestsOnSqlite : StopTests<Sqlite>;

/// <summary>Two managers, each with a store of its own on one file, as in two processes.</summary>
public sealed class StopAcrossStoresTests : IDisposable
{
    private readonly Sqlite _file = new();
    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Stop_through_another_store_cancels_the_run_within_three_seconds()
    {
        await using var one = _file.Open(_time);
        await using var two = _file.Open(_time);
        var turn = new Thinking();
        var running = ViewOf(one).RunTurnAsync("bot", "hello", turn.AnswerAsync, Cancellation);
        var runId = await turn.BeganAsync();
        _time.Advance(TimeSpan.FromSeconds(25));

        (await ViewOf(two).StopAsync(runId, Cancellation)).Should().BeTrue();
        _time.Advance(TimeSpan.FromSeconds(3));

        await FluentActions.Awaiting(() => running).Should().ThrowAsync<OperationCanceledException>();
        (await ViewOf(two).GetRunAsync(runId, Cancellation)).Should().BeEquivalentTo(new { Status = RunStatus.Cancelled, OutputCount = 1 });
    }

    private ScopedConversations ViewOf(IConversationStore store) =>
        new ConversationManager(store, new ConversationOptions().AddAgent("bot"), _time).ForIdentity(ConversationIdentity.ForUser("alice"));
}

/// <summary>An agent that adds a message and then thinks until it is stopped.</summary>
internal sealed class Thinking
{
    private readonly TaskCompletionSource<string> _began = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CancellationToken Stopping { get; private set; }

    public Task<string> BeganAsync() => _began.Task;

    public async Task AnswerAsync(ConversationTurn turn, CancellationToken cancellationToken)
    {
        turn.Add(ConversationMessage.Assistant("so far"));
        Stopping = turn.Stopping;
        _began.SetResult(turn.RunId!);
        await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
    }
}

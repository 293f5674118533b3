using System.Runtime.CompilerServices;
using Conversations.Storage;

namespace Conversations.Tests.Manager;

/// <summary>What becomes of open turns when the manager is disposed.</summary>
public sealed class ShutdownTests : ShutdownTest
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Dispose_cancels_agent_and_records_run_as_cancelled_with_output()
    {
        var running = Alice.RunTurnAsync(Bot, "hello", ObedientAsync, Cancellation);
        await Running.Task;

        await Manager.DisposeAsync();

        await running.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        (await LastAsync()).Should().Be((RunStatus.Cancelled, "hello|half"));
    }

    [Fact]
    public async Task Dispose_frees_conversation_for_other_processes()
    {
        var running = Alice.RunTurnAsync(Bot, "hello", ObedientAsync, Cancellation);
        await Running.Task;

        await Manager.DisposeAsync();

        var other = new ConversationManager(Store, Options(), Time).ForIdentity(ConversationIdentity.ForUser("alice"));
        (await other.RunTurnAsync(Bot, "again", Say("hi"), Cancellation)).ReplyText.Should().Be("hi");
        await running.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Dispose_keeps_answer_of_agent_that_ends_in_time()
    {
        var running = Alice.RunTurnAsync(
            Bot,
            "hello",
            async (turn, cancellationToken) =>
            {
                Running.SetResult();
                await NeverAsync(cancellationToken).Awaiting(never => never).Should().ThrowAsync<OperationCanceledException>();
                turn.Add(ConversationMessage.Assistant("whole"));
            },
            Cancellation);
        await Running.Task;

        await Manager.DisposeAsync();

        (await running).ReplyText.Should().Be("whole");
        (await LastAsync()).Should().Be((RunStatus.Completed, "hello|whole"));
    }

    [Fact]
    public async Task Dispose_records_run_as_cancelled_when_agent_ignores_its_token()
    {
        await using var hasty = Hasty();
        var running = Mine(hasty).RunTurnAsync(Bot, "hello", StubbornAsync, Cancellation);
        await Running.Task;

        await hasty.DisposeAsync();
        var recorded = await LastAsync();
        _release.SetResult();

        recorded.Should().Be((RunStatus.Cancelled, "hello|half"));
        (await running.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>()).Which.Message.Should().Contain("disposed").And.NotContain("half");
        (await LastAsync()).Should().Be(recorded);
    }

    [Fact]
    public async Task Dispose_keeps_streamed_text_when_agent_ignores_its_token()
    {
        await using var hasty = Hasty();
        var running = Mine(hasty).RunTurnAsync(
            Bot,
            "hello",
            async (turn, token) =>
            {
                await foreach (var piece in turn.StreamAsync(PiecesAsync(), CancellationToken.None))
                    _ = piece;
            },
            Cancellation);
        await Running.Task;

        await hasty.DisposeAsync();
        var recorded = await LastAsync();
        _release.SetResult();

        recorded.Should().Be((RunStatus.Cancelled, "hello|once upon"));
        await running.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Dispose_ends_turn_that_was_begun_by_hand()
    {
        await using var hasty = Hasty();
        await using var turn = await Mine(hasty).BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        turn.Add(ConversationMessage.Assistant("half"));

        await hasty.DisposeAsync();

        turn.Stopping.IsCancellationRequested.Should().BeTrue();
        await turn.Invoking(open => open.CommitAsync(Cancellation)).Should().ThrowAsync<OperationCanceledException>();
        turn.Invoking(open => open.Add(ConversationMessage.Assistant("more"))).Should().Throw<OperationCanceledException>();
        (await LastAsync()).Should().Be((RunStatus.Cancelled, "hello|half"));
    }

    [Fact]
    public async Task Dispose_leaves_commit_that_has_begun()
    {
        var slow = new SlowWriteStore(Store);
        var hasty = new ConversationManager(slow, Impatient(Options()), Time, Log);
        var running = Mine(hasty).RunTurnAsync(
            Bot,
            "hello",
            (_, _) =>
            {
                slow.Hold(_release.Task, Running);
                return Task.FromResult("whole");
            },
            Cancellation);
        await Running.Task;

        var disposal = hasty.DisposeAsync();
        _release.SetResult();
        await disposal;

        (await running).ReplyText.Should().Be("whole");
        (await LastAsync()).Should().Be((RunStatus.Completed, "hello|whole"));
    }

    [Fact]
    public async Task Dispose_ends_turn_when_its_commit_fails_meanwhile()
    {
        var slow = new SlowWriteStore(Store);
        var hasty = new ConversationManager(slow, Impatient(Options()), Time, Log);
        await using var turn = await Mine(hasty).BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        turn.Add(ConversationMessage.Assistant("half"));
        slow.Hold(_release.Task, Running);
        var commit = turn.CommitAsync(Cancellation);
        await Running.Task;

        var disposal = hasty.DisposeAsync();
        slow.FailOnce();
        _release.SetResult();
        await disposal;

        await commit.Awaiting(task => task).Should().ThrowAsync<TimeoutException>();
        (await LastAsync()).Should().Be((RunStatus.Cancelled, "hello|half"));
    }

    [Fact]
    public async Task Dispose_waits_for_turn_that_begins_and_frees_its_conversation()
    {
        var slow = new SlowWriteStore(Store);
        var manager = new ConversationManager(slow, Options(), Time, Log);
        slow.Hold(_release.Task, Running);
        var beginning = Mine(manager).BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        await Running.Task;

        var disposal = manager.DisposeAsync().AsTask();
        var isOver = disposal.IsCompleted;
        _release.SetResult();
        await disposal;

        isOver.Should().BeFalse();
        await beginning.Awaiting(task => task).Should().ThrowAsync<ObjectDisposedException>();
        (await LastAsync()).Should().Be((RunStatus.Cancelled, "hello"));
    }

    [Fact]
    public async Task Dispose_does_not_wait_for_token_counter_of_agent()
    {
        using var counted = new SemaphoreSlim(0);
        var options = Impatient(new ConversationOptions().AddAgent(Bot, agent => agent.TokenCounter = TokenCounter.Create("held", text =>
        {
            if (!text.StartsWith("once", StringComparison.Ordinal))
                return 1;
            Running.TrySetResult();
            counted.Wait(Cancellation);
            return 1;
        })));
        var hasty = new ConversationManager(Store, options, Time, Log);
        var running = Task.Run(
            () => Mine(hasty).RunTurnAsync(
                Bot,
                "hello",
                async (turn, token) =>
                {
                    await foreach (var piece in turn.StreamAsync(new[] { "once ", "upon" }.ToAsyncEnumerable(), token))
                        piece.Should().NotBeEmpty();
                },
                Cancellation),
            Cancellation);
        await Running.Task;

        await hasty.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        var recorded = await LastAsync();
        counted.Release();

        recorded.Should().Be((RunStatus.Cancelled, "hello|once upon"));
        await running.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Dispose_does_not_wait_for_turn_that_was_lost_and_dropped()
    {
        var options = Options();
        options.ShutdownTimeout = TimeSpan.FromDays(1);
        var manager = new ConversationManager(Store, options, Time, Log);
        await LoseAndDropAsync(manager);
        GC.Collect();
        GC.WaitForPendingFinalizers();

        await manager.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

        Log.Entries.Select(entry => entry.Text).Should().Contain(text => text.EndsWith("cancelled: 0.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Dispose_cancels_agent_whose_turn_is_not_stored()
    {
        var running = Manager.RunTurnAsync("oracle", "hello", ObedientAsync, Cancellation);
        await Running.Task;

        await Manager.DisposeAsync();

        await running.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Requests_that_begin_turns_are_refused_after_disposal_and_reading_is_not()
    {
        var asked = await AskAsync();
        await Manager.DisposeAsync();

        Func<Task>[] refused =
        [
            () => AskAsync(),
            () => Manager.RunTurnAsync("oracle", "hello", Say("hi"), Cancellation),
            () => Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation),
            () => Alice.RegenerateAsync(asked.Messages[0].Id!, (_, _) => Task.FromResult("again"), Cancellation),
        ];

        foreach (var request in refused)
            await request.Should().ThrowAsync<ObjectDisposedException>();
        (await TextsAsync(asked.ConversationId)).Should().Equal("hello", "hi");
    }

    [Fact]
    public async Task Turn_that_waits_for_conversation_is_refused_when_manager_is_disposed()
    {
        var holder = Alice.RunTurnAsync("patient-bot", "first", ObedientAsync, Cancellation);
        await Running.Task;
        var waiting = Alice.RunTurnAsync("patient-bot", "second", Say("hi"), Cancellation);

        await Manager.DisposeAsync();

        await waiting.Awaiting(task => task).Should().ThrowAsync<ObjectDisposedException>();
        await holder.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        (await TextsAsync((await Alice.GetCurrentAsync("patient-bot", cancellationToken: Cancellation))!.Id)).Should().Equal("first", "half");
    }

    [Fact]
    public async Task Dispose_twice_ends_turns_once()
    {
        var running = Alice.RunTurnAsync(Bot, "hello", ObedientAsync, Cancellation);
        await Running.Task;

        await Task.WhenAll(Manager.DisposeAsync().AsTask(), Manager.DisposeAsync().AsTask(), Task.Run(Manager.Dispose, Cancellation));

        await running.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        (await LastAsync()).Should().Be((RunStatus.Cancelled, "hello|half"));
    }

    [Fact]
    public void Dispose_has_no_effect_when_it_was_called_before()
    {
        Manager.Dispose();

        Manager.Invoking(manager => manager.Dispose()).Should().NotThrow();
    }

    [Fact]
    public async Task Dispose_does_nothing_when_manager_is_substitute()
    {
        var substitute = new Substitute();

        await substitute.DisposeAsync();

        substitute.Invoking(manager => manager.Dispose()).Should().NotThrow();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(24 * 60 * 60 + 1)]
    public void ShutdownTimeout_is_refused_when_it_is_out_of_range(int seconds)
    {
        var options = Options();
        options.ShutdownTimeout = TimeSpan.FromSeconds(seconds);

        var construct = () => new ConversationManager(Store, options);

        construct.Should().Throw<ArgumentException>().WithMessage("ShutdownTimeout*");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task LoseAndDropAsync(ConversationManager manager)
    {
        var turn = await Mine(manager).BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        await Mine(manager).DeleteAsync(turn.ConversationId!, Cancellation);
        Time.Advance(TimeSpan.FromSeconds(20));
        turn.Stopping.IsCancellationRequested.Should().BeTrue();
    }

    private ConversationManager Hasty() => new(Store, Impatient(Options()), Time, Log);

    private async Task StubbornAsync(ConversationTurn turn, CancellationToken cancellationToken)
    {
        turn.Add(ConversationMessage.Assistant("half"));
        Running.SetResult();
        await _release.Task;
        turn.Add(ConversationMessage.Assistant("more"));
    }

    private async IAsyncEnumerable<string> PiecesAsync()
    {
        yield return "once ";
        yield return "upon";
        Running.SetResult();
        await _release.Task;
        yield return " a time";
    }

    private sealed class Substitute : ConversationManager;

    /// <summary>A store whose next write waits.</summary>
    private sealed class SlowWriteStore(IConversationStore inner) : DelegatingConversationStore(inner)
    {
        private Task _held = Task.CompletedTask;
        private TaskCompletionSource? _reached;
        private bool _fails;

        public void FailOnce() => _fails = true;

        public void Hold(Task held, TaskCompletionSource reached) => (_held, _reached) = (held, reached);

        public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
        {
            _reached?.TrySetResult();
            await _held;
            if (_fails)
            {
                _fails = false;
                throw new TimeoutException();
            }

            return await base.TryWriteAsync(batch, cancellationToken);
        }
    }
}

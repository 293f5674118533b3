using System.Runtime.CompilerServices;
using Conversations.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Conversations.Tests.Manager;

/// <summary>What becomes of open turns and summaries when the manager is disposed or its host stops.</summary>
public sealed class ShutdownTests : ManagerTest<InMemory>
{
    private static readonly AsyncLocal<string?> Ambient = new();

    private readonly TaskCompletionSource _running = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Dispose_cancels_agent_and_records_run_as_cancelled_with_output()
    {
        var running = Alice.RunTurnAsync(Bot, "hello", ObedientAsync, Cancellation);
        await _running.Task;

        await Manager.DisposeAsync();

        await running.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        (await LastAsync()).Should().Be((RunStatus.Cancelled, "hello|half"));
    }

    [Fact]
    public async Task Dispose_frees_conversation_for_other_processes()
    {
        var running = Alice.RunTurnAsync(Bot, "hello", ObedientAsync, Cancellation);
        await _running.Task;

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
                _running.SetResult();
                await NeverAsync(cancellationToken).Awaiting(never => never).Should().ThrowAsync<OperationCanceledException>();
                turn.Add(ConversationMessage.Assistant("whole"));
            },
            Cancellation);
        await _running.Task;

        await Manager.DisposeAsync();

        (await running).ReplyText.Should().Be("whole");
        (await LastAsync()).Should().Be((RunStatus.Completed, "hello|whole"));
    }

    [Fact]
    public async Task Dispose_records_run_as_cancelled_when_agent_ignores_its_token()
    {
        await using var hasty = Hasty();
        var running = Mine(hasty).RunTurnAsync(Bot, "hello", StubbornAsync, Cancellation);
        await _running.Task;

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
        await _running.Task;

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
                slow.Hold(_release.Task, _running);
                return Task.FromResult("whole");
            },
            Cancellation);
        await _running.Task;

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
        slow.Hold(_release.Task, _running);
        var commit = turn.CommitAsync(Cancellation);
        await _running.Task;

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
        slow.Hold(_release.Task, _running);
        var beginning = Mine(manager).BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        await _running.Task;

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
            _running.TrySetResult();
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
        await _running.Task;

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
        await _running.Task;

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
        await _running.Task;
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
        await _running.Task;

        await Task.WhenAll(Manager.DisposeAsync().AsTask(), Manager.DisposeAsync().AsTask(), Task.Run(Manager.Dispose, Cancellation));

        await running.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        (await LastAsync()).Should().Be((RunStatus.Cancelled, "hello|half"));
    }

    [Fact]
    public async Task Dispose_does_nothing_when_manager_is_substitute()
    {
        var substitute = new Substitute();

        await substitute.DisposeAsync();

        substitute.Invoking(manager => manager.Dispose()).Should().NotThrow();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dispose_of_provider_records_open_runs_before_it_disposes_store(bool isAsynchronous)
    {
        var services = new ServiceCollection();
        services.AddConversations(options => options.AddAgent(Bot)).Services.AddSingleton<IConversationStore>(_ => new UndisposedStore(Store));
        var provider = services.BuildServiceProvider();
        var running = Mine(provider.GetRequiredService<ConversationManager>()).RunTurnAsync(Bot, "hello", ObedientAsync, Cancellation);
        await _running.Task;

        if (isAsynchronous)
            await provider.DisposeAsync();
        else
            await Task.Run(provider.Dispose, Cancellation);

        await running.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        (await LastAsync()).Should().Be((RunStatus.Cancelled, "hello|half"));
    }

    [Fact]
    public async Task Stop_of_host_cancels_agents_before_its_services_stop()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddConversations(options => options.AddAgent(Bot)).Services.AddSingleton<IConversationStore>(_ => new UndisposedStore(Store));
        Task<TurnResult>? running = null;
        builder.Services.AddHostedService(provider => new Server(() => running!));
        using var host = builder.Build();
        await host.StartAsync(Cancellation);
        running = Mine(host.Services.GetRequiredService<ConversationManager>()).RunTurnAsync(Bot, "hello", ObedientAsync, Cancellation);
        await _running.Task;

        await host.StopAsync(Cancellation);

        await Mine(host.Services.GetRequiredService<ConversationManager>()).Awaiting(mine => mine.RunTurnAsync(Bot, "late", Say("hi"), Cancellation)).Should().ThrowAsync<OperationCanceledException>();
        running.IsCompleted.Should().BeTrue("the server waits for its requests, and the agents are cancelled first");
        (await LastAsync()).Should().Be((RunStatus.Cancelled, "hello|half"));
    }

    [Fact]
    public async Task Stop_of_host_that_used_no_manager_creates_none()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddConversations(options => options.AddAgent(Bot)).Services.AddSingleton<IConversationStore>(_ => throw new InvalidOperationException("not needed"));
        using var host = builder.Build();
        await host.StartAsync(Cancellation);

        var stopping = () => host.StopAsync(Cancellation);

        await stopping.Should().NotThrowAsync();
    }

    [Fact]
    public async Task Dispose_waits_for_summary()
    {
        var summarizer = new FakeSummarizer();
        var manager = new ConversationManager(Store, Summarizing(summarizer), Time, Log);
        var held = summarizer.Hold();
        await FillAsync(manager);
        await summarizer.Reached;

        var disposal = manager.DisposeAsync().AsTask();
        held.Dispose();
        await disposal;

        var current = await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation);
        (await Alice.GetSummaryAsync(current!.Id, Cancellation)).Should().NotBeNull();
    }

    [Fact]
    public async Task Dispose_cancels_summary_that_does_not_end_in_time()
    {
        var summarizer = new FakeSummarizer();
        var manager = new ConversationManager(Store, Impatient(Summarizing(summarizer)), Time, Log);
        using var held = summarizer.Hold();
        await FillAsync(manager);
        await summarizer.Reached;

        await manager.DisposeAsync();
        await manager.WaitForSummariesAsync(Cancellation);

        Log.Entries.Select(entry => entry.Text).Should().Contain(text => text.StartsWith("A summary was not completed", StringComparison.Ordinal));
        var current = await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation);
        (await Alice.GetSummaryAsync(current!.Id, Cancellation)).Should().BeNull();
    }

    [Fact]
    public async Task Summary_is_made_without_execution_context_of_caller()
    {
        string? seen = "none";
        var summarizer = new FakeSummarizer { Answer = _ => (seen = Ambient.Value) ?? "summary" };
        var manager = new ConversationManager(Store, Summarizing(summarizer), Time, Log);

        Ambient.Value = "caller";
        await FillAsync(manager);
        await manager.WaitForSummariesAsync(Cancellation);

        seen.Should().BeNull();
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

    private static ScopedConversations Mine(ConversationManager manager) => manager.ForIdentity(ConversationIdentity.ForUser("alice"));

    private static ConversationOptions Impatient(ConversationOptions options)
    {
        options.ShutdownTimeout = TimeSpan.Zero;
        return options;
    }

    private static ConversationOptions Summarizing(IConversationSummarizer summarizer) => new ConversationOptions().AddAgent(Bot, agent =>
    {
        agent.HistoryLimit = 2;
        agent.SummaryThreshold = 2;
        agent.Summarizer = summarizer;
    });

    private static async Task FillAsync(ConversationManager manager)
    {
        for (var turn = 0; turn < 4; turn++)
            await Mine(manager).RunTurnAsync(Bot, $"question {turn}", Say("answer"), Cancellation);
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

    private static Task NeverAsync(CancellationToken cancellationToken) => new TaskCompletionSource().Task.WaitAsync(cancellationToken);

    private async Task ObedientAsync(ConversationTurn turn, CancellationToken cancellationToken)
    {
        turn.Add(ConversationMessage.Assistant("half"));
        _running.SetResult();
        await NeverAsync(cancellationToken);
    }

    private async Task StubbornAsync(ConversationTurn turn, CancellationToken cancellationToken)
    {
        turn.Add(ConversationMessage.Assistant("half"));
        _running.SetResult();
        await _release.Task;
        turn.Add(ConversationMessage.Assistant("more"));
    }

    private async IAsyncEnumerable<string> PiecesAsync()
    {
        yield return "once ";
        yield return "upon";
        _running.SetResult();
        await _release.Task;
        yield return " a time";
    }

    /// <summary>The status of the newest run and all texts of Alice's conversation.</summary>
    private async Task<(RunStatus Status, string Texts)> LastAsync()
    {
        var id = (await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation))!.Id;
        var runs = await Alice.GetRunsAsync(id, cancellationToken: Cancellation).ToListAsync(Cancellation);
        return (runs[0].Status, string.Join('|', await TextsAsync(id)));
    }

    private sealed class Substitute : ConversationManager;

    /// <summary>A store that outlives the provider, so that the test can read it, and refuses what comes after the provider has disposed it.</summary>
    private sealed class UndisposedStore(IConversationStore inner) : IConversationStore
    {
        private bool _isDisposed;

        public ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default) => Inner.LoadAsync(lookup, cancellationToken);

        public ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default) => Inner.TryWriteAsync(batch, cancellationToken);

        public ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default) => Inner.ReadMessagesAsync(range, cancellationToken);

        public ValueTask<IReadOnlyList<StoredRun>> ReadRunsAsync(RunRange range, CancellationToken cancellationToken = default) => Inner.ReadRunsAsync(range, cancellationToken);

        public ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing listing, CancellationToken cancellationToken = default) => Inner.ListConversationsAsync(listing, cancellationToken);

        public ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) => Inner.DeleteConversationAsync(conversationId, access, cancellationToken);

        public ValueTask PingAsync(CancellationToken cancellationToken = default) => Inner.PingAsync(cancellationToken);

        public T? GetFeature<T>()
            where T : class => null;

        public void Dispose() => _isDisposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private IConversationStore Inner => _isDisposed ? throw new ObjectDisposedException(nameof(UndisposedStore)) : inner;
    }

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

    /// <summary>A server that stops when its request has ended.</summary>
    private sealed class Server(Func<Task> requestOf) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task StopAsync(CancellationToken cancellationToken) => await Task.WhenAny(requestOf());
    }
}

using Conversations.StoreSpecification;

namespace Conversations.Sqlite.Tests.Processes;

/// <summary>Several processes on one file: they race, and they are killed.</summary>
public sealed class ProcessTests : IDisposable
{
    private const int Turns = 25;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conversations-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Database => Path.Combine(_folder.FullName, "test.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task RunTurn_creates_one_conversation_when_25_first_messages_of_two_processes_wait()
    {
        using var first = await Worker.StartAsync("turns", Database, $"{Turns}", "wait");
        using var second = await Worker.StartAsync("turns", Database, $"{Turns}", "wait");
        first.Go();
        second.Go();

        var lines = (await Task.WhenAll(first.ReadToEndAsync(), second.ReadToEndAsync())).SelectMany(line => line).ToList();

        lines.Should().HaveCount(2 * Turns).And.OnlyHaveUniqueItems();
        lines.Select(line => line.Split(' ')[0]).Distinct().Should().ContainSingle().Which.Should().StartWith("conv_");
        var texts = (await MessagesAsync()).ConvertAll(message => message.Text);
        texts.Should().HaveCount(4 * Turns);
        texts.Chunk(2).Should().OnlyContain(pair => pair[1] == $"answer to {pair[0]}");
    }

    [Fact]
    public async Task RunTurn_succeeds_once_when_25_first_messages_of_two_processes_do_not_wait()
    {
        using var first = await Worker.StartAsync("turns", Database, $"{Turns}", "reject");
        using var second = await Worker.StartAsync("turns", Database, $"{Turns}", "reject");
        first.Go();
        second.Go();
        List<Worker> workers = [first, second];
        var reading = workers.ConvertAll(worker => worker.ReadLineAsync());
        var refused = new List<string>();
        while (refused.Count < (2 * Turns) - 1)
        {
            var next = reading.IndexOf(await Task.WhenAny(reading));
            if (await reading[next] is { } line)
            {
                refused.Add(line);
                reading[next] = workers[next].ReadLineAsync();
            }
            else
            {
                // All of its turns were refused: it has ended.
                workers.RemoveAt(next);
                reading.RemoveAt(next);
            }
        }

        workers.ForEach(worker => worker.Go());
        var last = (await Task.WhenAll(reading)).OfType<string>();

        refused.Should().OnlyContain(line => line == "CONVERSATION_LOCKED");
        last.Should().ContainSingle().Which.Should().StartWith("conv_");
        (await MessagesAsync()).Should().HaveCount(2);
    }

    [Fact]
    public async Task BeginTurn_of_a_killed_process_runs_again_on_its_input_after_its_lease_expired()
    {
        string runId;
        using (var worker = await Worker.StartAsync("hang", Database, "event-1"))
        {
            worker.Go();
            runId = (await worker.ReadLineAsync())!;
            await worker.KillAsync();
        }

        var time = new ManualTimeProvider(TimeProvider.System.GetUtcNow());
        await using var store = new SqliteConversationStore($"Data Source={Database}", time);
        var alice = new ConversationManager(store, new ConversationOptions().AddAgent("bot"), time).ForIdentity(ConversationIdentity.ForUser("alice"));
        var request = new TurnRequest("bot", "hello") { IdempotencyKey = "event-1" };
        var early = () => alice.BeginTurnAsync(request, Cancellation);
        await early.Should().ThrowAsync<TurnInProgressException>();
        time.Advance(TimeSpan.FromSeconds(31));

        var result = await alice.RunTurnAsync(request, Answer, Cancellation);

        (await MessagesAsync()).Select(message => message.Text).Should().Equal("hello", "answer to hello");
        (await alice.GetRunAsync(runId, Cancellation))!.Status.Should().Be(RunStatus.Interrupted);
        result.RunId.Should().NotBe(runId);
    }

    [Fact]
    public async Task RunTurn_that_waits_for_a_killed_process_begins_within_its_lease_and_one_poll()
    {
        using (var worker = await Worker.StartAsync("hang", Database, "event-1"))
        {
            worker.Go();
            await worker.ReadLineAsync();
            await worker.KillAsync();
        }

        // The lease was taken before this, so it ends in 30 seconds at the latest.
        var time = new PollingClock(TimeProvider.System.GetUtcNow());
        await using var store = new SqliteConversationStore($"Data Source={Database}", time);
        var alice = new ConversationManager(store, new ConversationOptions().AddAgent("bot"), time).ForIdentity(ConversationIdentity.ForUser("alice"));
        var waiting = alice.RunTurnAsync(new TurnRequest("bot", "next") { OnBusy = BusyPolicy.Wait(TimeSpan.FromMinutes(5)) }, Answer, Cancellation);
        var waited = TimeSpan.Zero;
        var longestPoll = TimeSpan.Zero;
        while (await time.NextTimerAsync(Cancellation) is var poll && poll < TimeSpan.FromSeconds(1))
        {
            longestPoll = poll > longestPoll ? poll : longestPoll;
            time.Advance(poll);
            waited += poll;
        }

        await waiting;

        waited.Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(30) + longestPoll);
        longestPoll.Should().BeLessThan(TimeSpan.FromSeconds(0.4));
        (await MessagesAsync()).Select(message => message.Text).Should().Equal("hello", "next", "answer to next");
    }

    [Fact]
    public async Task RunTurn_begins_at_once_after_a_clean_end_in_another_process()
    {
        using var worker = await Worker.StartAsync("turns", Database, "1", "wait");
        worker.Go();
        await worker.ReadLineAsync();
        await using var store = new SqliteConversationStore($"Data Source={Database}");
        var alice = new ConversationManager(store, new ConversationOptions().AddAgent("bot")).ForIdentity(ConversationIdentity.ForUser("alice"));

        await alice.RunTurnAsync("bot", "next", Answer, Cancellation);

        (await MessagesAsync()).Should().HaveCount(4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(40)]
    public async Task RunTurn_acknowledged_before_a_kill_is_stored_once_and_the_rest_can_be_sent_again(int acknowledged)
    {
        using (var worker = await Worker.StartAsync("crash", Database, "event", "1000"))
        {
            worker.Go();
            for (var i = 0; i < acknowledged; i++)
                await worker.ReadLineAsync();
            await worker.KillAsync();
        }

        var time = new ManualTimeProvider(TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(1));
        await using var store = new SqliteConversationStore($"Data Source={Database}", time);
        var alice = new ConversationManager(store, new ConversationOptions().AddAgent("bot"), time).ForIdentity(ConversationIdentity.ForUser("alice"));
        var replays = 0;
        for (var i = 1; i <= acknowledged + 50; i++)
        {
            var result = await alice.RunTurnAsync(new TurnRequest("bot", $"question {i}") { IdempotencyKey = $"event-{i}" }, Answer, Cancellation);
            replays += result.IsReplay ? 1 : 0;
        }

        replays.Should().BeGreaterThanOrEqualTo(acknowledged);
        var texts = (await MessagesAsync()).ConvertAll(message => message.Text);
        texts.Where(text => text.StartsWith("question", StringComparison.Ordinal)).Should().OnlyHaveUniqueItems();
        texts.Chunk(2).Should().OnlyContain(pair => pair[1] == $"answer to {pair[0]}");
        texts.Should().HaveCountGreaterThanOrEqualTo(2 * (acknowledged + 50));
    }

    private static Task Answer(ConversationTurn turn, CancellationToken cancellationToken)
    {
        turn.Add(ConversationMessage.Assistant($"answer to {turn.Input[0].Text}"));
        return Task.CompletedTask;
    }

    private async Task<List<StoredMessage>> MessagesAsync()
    {
        await using var store = new SqliteConversationStore($"Data Source={Database}");
        var manager = new ConversationManager(store, new ConversationOptions());
        var conversation = await manager.ListAsync(cancellationToken: Cancellation).SingleAsync(Cancellation);
        return await manager.GetMessagesAsync(conversation.Id, cancellationToken: Cancellation).ToListAsync(Cancellation);
    }
}

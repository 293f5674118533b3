namespace Conversations.Tests.Manager;

public sealed class BusyTestsInMemory : BusyTests<InMemory>;

public sealed class BusyTestsOnSqlite : BusyTests<Sqlite>;

public abstract class BusyTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private static readonly BusyPolicy Wait = BusyPolicy.Wait(TimeSpan.FromMinutes(5));

    [Fact]
    public async Task BeginTurn_of_a_busy_conversation_is_refused_and_names_the_holder()
    {
        await using var holder = await Alice.BeginTurnAsync(new TurnRequest(Bot, "one"), Cancellation);
        Time.Advance(TimeSpan.FromSeconds(3));

        var second = () => AskAsync("two");

        var refusal = (await second.Should().ThrowAsync<ConversationLockedException>()).Which;
        refusal.Code.Should().Be("CONVERSATION_LOCKED");
        refusal.ConversationId.Should().Be(holder.ConversationId);
        refusal.HolderRunId.Should().Be(holder.RunId);
        refusal.RetryAfter.Should().Be(TimeSpan.FromSeconds(27));
        (await TextsAsync(holder.ConversationId)).Should().Equal("one");
    }

    [Fact]
    public async Task RunTurn_creates_one_conversation_of_25_turns_when_25_first_messages_wait()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 25).Select(i => Task.Run(() =>
            Alice.RunTurnAsync(new TurnRequest(Bot, $"question {i}") { OnBusy = Wait }, Say($"answer {i}"), Cancellation))));

        results.Select(result => result.ConversationId).Distinct().Should().ContainSingle();
        results.Count(result => result.StartReason is not null).Should().Be(1);
        var texts = await TextsAsync(results[0].ConversationId);
        texts.Should().HaveCount(50);
        texts.Chunk(2).Should().OnlyContain(pair => pair[1] == pair[0].Replace("question", "answer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunTurn_succeeds_once_when_25_first_messages_do_not_wait()
    {
        var released = new TaskCompletionSource();
        var began = 0;
        var refused = 0;

        var turns = Enumerable.Range(0, 25).Select(i => Task.Run(async () =>
        {
            try
            {
                await Alice.RunTurnAsync(Bot, $"question {i}", async (_, _) =>
                {
                    Interlocked.Increment(ref began);
                    await released.Task;
                }, Cancellation);
            }
            catch (ConversationLockedException)
            {
                if (Interlocked.Increment(ref refused) == 24)
                    released.SetResult();
            }
        }));
        await Task.WhenAll(turns);

        began.Should().Be(1);
        refused.Should().Be(24);
        (await Manager.ListAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().ContainSingle().Which.MessageCount.Should().Be(1);
    }

    [Fact]
    public async Task RunTurn_waits_in_order_of_arrival_by_scope_and_by_id()
    {
        var holder = await Alice.BeginTurnAsync(new TurnRequest(Bot, "first") { OnBusy = Wait }, Cancellation);
        var waiting = new List<Task>();
        for (var i = 0; i < 10; i++)
        {
            var request = new TurnRequest(Bot, $"{i}") { OnBusy = Wait, ConversationId = i % 2 == 0 ? null : holder.ConversationId };
            waiting.Add(AskAsync(request, "done"));
        }

        await holder.CommitAsync(Cancellation);
        await Task.WhenAll(waiting);

        var questions = (await TextsAsync(holder.ConversationId)).Where(text => text != "done");
        questions.Should().Equal("first", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    }

    [Fact]
    public async Task RunTurn_of_a_new_conversation_does_not_wait_for_the_old_one()
    {
        await using var holder = await Alice.BeginTurnAsync(new TurnRequest(Bot, "one"), Cancellation);
        using var source = new CancellationTokenSource();
        var byScope = Alice.RunTurnAsync(new TurnRequest(Bot, "two") { OnBusy = Wait }, Say("hi"), source.Token);
        var byId = Alice.RunTurnAsync(new TurnRequest(Bot, "three") { OnBusy = Wait, ConversationId = holder.ConversationId }, Say("hi"), source.Token);

        var fresh = await AskAsync(new TurnRequest(Bot, "new") { OnBusy = Wait, StartNew = true });
        var next = await AskAsync(new TurnRequest(Bot, "next") { OnBusy = Wait });

        next.ConversationId.Should().Be(fresh.ConversationId).And.NotBe(holder.ConversationId);
        await source.CancelAsync();
        await byScope.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        await byId.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task RunTurn_is_refused_after_its_timeout_at_any_place_in_the_queue()
    {
        await using var holder = await Alice.BeginTurnAsync(new TurnRequest(Bot, "one"), Cancellation);
        var request = new TurnRequest(Bot, "two") { OnBusy = BusyPolicy.Wait(TimeSpan.FromSeconds(4)) };
        var first = AskAsync(request);
        var second = AskAsync(request);

        while (!first.IsCompleted || !second.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        (await first.Invoking(task => task).Should().ThrowAsync<ConversationLockedException>()).Which.HolderRunId.Should().Be(holder.RunId);
        (await second.Invoking(task => task).Should().ThrowAsync<ConversationLockedException>()).Which.HolderRunId.Should().Be(holder.RunId);
        (await TextsAsync(holder.ConversationId)).Should().Equal("one");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunTurn_of_a_stranger_learns_nothing_from_a_queue(bool bySessionId)
    {
        using var source = new CancellationTokenSource();
        await using var holder = await Alice.BeginTurnAsync(new TurnRequest(Bot, "one"), Cancellation);
        var waiting = Alice.RunTurnAsync(new TurnRequest(Bot, "two") { OnBusy = Wait }, Say("hi"), source.Token);
        var id = bySessionId ? "chat:alice:support-bot" : holder.ConversationId;

        var strange = () => Bob.RunTurnAsync(new TurnRequest(Bot, "three") { OnBusy = Wait, ConversationId = id }, Say("hi"), Cancellation);

        (await strange.Should().ThrowAsync<ConversationNotFoundException>()).Which.Message.Should().Be($"Conversation '{id}' was not found.");
        await source.CancelAsync();
        await waiting.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task RunTurn_that_is_cancelled_in_the_queue_lets_the_next_one_begin()
    {
        using var source = new CancellationTokenSource();
        var holder = await Alice.BeginTurnAsync(new TurnRequest(Bot, "one"), Cancellation);
        var cancelled = Alice.RunTurnAsync(new TurnRequest(Bot, "two") { OnBusy = Wait }, Say("hi"), source.Token);
        var next = AskAsync(new TurnRequest(Bot, "three") { OnBusy = Wait });

        await source.CancelAsync();
        await cancelled.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        await holder.CommitAsync(Cancellation);
        await next;

        (await TextsAsync(holder.ConversationId)).Should().Equal("one", "three", "hi");
    }

    [Fact]
    public async Task BeginTurn_renews_the_lease_while_the_turn_is_open()
    {
        await using var holder = await Alice.BeginTurnAsync(new TurnRequest(Bot, "one"), Cancellation);
        for (var i = 0; i < 20; i++)
            Time.Advance(TimeSpan.FromSeconds(10));

        var second = () => AskAsync("two");

        await second.Should().ThrowAsync<ConversationLockedException>();
        holder.Add(ConversationMessage.Assistant("at last"));
        (await holder.CommitAsync(Cancellation)).ReplyText.Should().Be("at last");
    }
}

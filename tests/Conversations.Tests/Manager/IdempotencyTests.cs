namespace Conversations.Tests.Manager;

public sealed class IdempotencyTestsInMemory : IdempotencyTests<InMemory>;

public sealed class IdempotencyTestsOnSqlite : IdempotencyTests<Sqlite>;

public abstract class IdempotencyTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private static readonly TurnRequest Request = new("support-bot", "pay the invoice") { IdempotencyKey = "event-1" };

    [Fact]
    public async Task RunTurn_that_was_answered_returns_the_first_result_without_calling_the_agent()
    {
        var first = await AskAsync(Request, "paid");
        await AskAsync("something else");

        var again = await Alice.RunTurnAsync(Request, (_, _) => throw new InvalidOperationException("called again"), Cancellation);

        again.Should().BeEquivalentTo(first, options => options.Excluding(result => result.IsReplay).Excluding(result => result.StartReason));
        again.IsReplay.Should().BeTrue();
        again.ReplyText.Should().Be("paid");
    }

    [Fact]
    public async Task RunTurn_that_was_answered_is_replayed_after_the_conversation_has_ended()
    {
        var first = await AskAsync(Request, "paid");
        await Alice.EndAsync(first.ConversationId!, Cancellation);

        var again = await AskAsync(Request, "paid twice");

        again.Should().BeEquivalentTo(new { IsReplay = true, first.ConversationId, ReplyText = "paid" });
        (await Alice.ListAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().ContainSingle();
    }

    [Fact]
    public async Task RunTurn_that_was_answered_is_replayed_after_a_reset_and_not_after_deletion()
    {
        var first = await AskAsync(Request, "paid");
        await Alice.ResetAsync(Bot, cancellationToken: Cancellation);

        var again = await AskAsync(Request, "paid twice");

        again.Should().BeEquivalentTo(new { IsReplay = true, first.ConversationId });
        await Alice.DeleteAsync(first.ConversationId!, Cancellation);
        (await AskAsync(Request, "paid again")).Should().BeEquivalentTo(new { IsReplay = false, ReplyText = "paid again" });
    }

    [Fact]
    public async Task RunTurn_that_failed_returns_the_answer_that_was_given_since()
    {
        var asked = await FailAsync();
        var regenerated = await Alice.RegenerateAsync(asked, Say("paid"), Cancellation);

        var again = await AskAsync(Request, "paid twice");

        again.Should().BeEquivalentTo(new { IsReplay = true, regenerated.RunId, ReplyText = "paid" });
        (await TextsAsync(again.ConversationId)).Should().Equal("hello", "hi", "pay the invoice", "paid");
    }

    [Fact]
    public async Task RunTurn_that_failed_begins_as_new_when_it_was_superseded_since()
    {
        await FailAsync();
        var conversation = (await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation))!;
        await Alice.RegenerateAsync(ConversationIds.Message(conversation.Id, 1), Say("hi, rather"), Cancellation);

        var again = await AskAsync(Request, "paid");

        again.IsReplay.Should().BeFalse();
        (await TextsAsync(again.ConversationId)).Should().Equal("hello", "hi, rather", "pay the invoice", "paid");
        (await AskAsync(Request, "paid twice")).Should().BeEquivalentTo(new { IsReplay = true, ReplyText = "paid" });
    }

    [Fact]
    public async Task RunTurn_with_a_key_of_another_request_is_refused()
    {
        await AskAsync(Request);

        var otherInput = () => AskAsync(new TurnRequest(Bot, "pay another invoice") { IdempotencyKey = "event-1" });
        var otherTarget = () => AskAsync(Request with { StartNew = true });

        (await otherInput.Should().ThrowAsync<IdempotencyMismatchException>()).Which.Code.Should().Be("IDEMPOTENCY_MISMATCH");
        await otherTarget.Should().ThrowAsync<IdempotencyMismatchException>();
    }

    [Fact]
    public async Task RunTurn_with_results_compares_its_key_by_the_answered_calls()
    {
        await Alice.RunTurnAsync(Bot, "look", static (turn, _) =>
        {
            turn.Add(ConversationMessage.ToolCall("call_1", "look", "{}"));
            return Task.CompletedTask;
        }, Cancellation);
        var fails = () => Alice.RunTurnAsync(Results("call_1", "seen at 1"), (_, _) => throw new TimeoutException(), Cancellation);
        await fails.Should().ThrowAsync<TimeoutException>();

        var answered = await Alice.RunTurnAsync(Results("call_1", "seen at 2"), (turn, _) =>
        {
            turn.Add(ConversationMessage.Assistant(((ToolResultPart)turn.Input[0].Parts[0]).Content));
            return Task.CompletedTask;
        }, Cancellation);
        var other = () => Alice.RunTurnAsync(Results("call_2", "seen at 1"), Say("no"), Cancellation);

        answered.ReplyText.Should().Be("seen at 1", "the first result of a tool counts");
        await other.Should().ThrowAsync<IdempotencyMismatchException>();

        static TurnRequest Results(string callId, string content) => new(Bot, ConversationMessage.ToolResult(callId, content)) { IdempotencyKey = "results" };
    }

    [Fact]
    public async Task RunTurn_with_the_key_of_another_user_is_another_request()
    {
        var first = await AskAsync(Request);

        var other = await Bob.RunTurnAsync(Request, Say("hi"), Cancellation);

        other.IsReplay.Should().BeFalse();
        other.ConversationId.Should().NotBe(first.ConversationId);
    }

    [Fact]
    public async Task RunTurn_that_failed_runs_again_on_the_saved_input()
    {
        var failing = () => Alice.RunTurnAsync(Request, (_, _) => throw new TimeoutException(), Cancellation);
        await failing.Should().ThrowAsync<TimeoutException>();
        await AskAsync("meanwhile", "yes");
        List<string> prompt = [];

        var result = await Alice.RunTurnAsync(Request, (turn, _) =>
        {
            prompt.AddRange(turn.Prompt.Select(message => message.Text));
            turn.Add(ConversationMessage.Assistant("paid"));
            return Task.CompletedTask;
        }, Cancellation);

        prompt.Should().Equal("You are kind.", "meanwhile", "yes", "pay the invoice");
        (await TextsAsync(result.ConversationId)).Should().Equal("pay the invoice", "meanwhile", "yes", "paid");
        result.InputMessageId.Should().EndWith("_1");
        (await AskAsync(Request, "paid twice")).ReplyText.Should().Be("paid");
    }

    [Fact]
    public async Task RunTurn_that_failed_runs_again_without_its_partial_output()
    {
        var failing = () => Alice.RunTurnAsync(Request, (turn, _) =>
        {
            turn.Add(ConversationMessage.ToolCall("call_1", "pay", "{}"));
            throw new TimeoutException();
        }, Cancellation);
        await failing.Should().ThrowAsync<TimeoutException>();
        var sentAt = Time.GetUtcNow();
        Time.Advance(TimeSpan.FromMinutes(1));

        await using var turn = await Alice.BeginTurnAsync(Request, Cancellation);

        turn.History.Should().BeEmpty();
        turn.Input.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Text = "pay the invoice", CreatedAt = sentAt, Position = 1L });
        ((StoredMessage)turn.Input[0]).RunId.Should().NotBe(turn.RunId, "an earlier run saved it");
    }

    [Fact]
    public async Task RunTurn_that_failed_supersedes_its_partial_output_when_it_succeeds()
    {
        for (var i = 1; i <= 2; i++)
        {
            var failing = () => Alice.RunTurnAsync(Request, (turn, _) =>
            {
                turn.Add(ConversationMessage.Assistant("half"));
                throw new TimeoutException();
            }, Cancellation);
            await failing.Should().ThrowAsync<TimeoutException>();
        }

        var result = await AskAsync(Request, "paid");

        (await TextsAsync(result.ConversationId)).Should().Equal("pay the invoice", "paid");
        var all = await Alice.GetMessagesAsync(result.ConversationId!, new MessageQuery { IncludeSuperseded = true }, Cancellation).ToListAsync(Cancellation);
        all.Select(message => (message.Text, message.IsPartial, message.IsSuperseded)).Should().Equal(("pay the invoice", false, false), ("half", true, true), ("half", true, true), ("paid", false, false));
        await using var next = await Alice.BeginTurnAsync(new TurnRequest(Bot, "next"), Cancellation);
        next.History.Select(message => message.Text).Should().Equal("pay the invoice", "paid");
    }

    [Fact]
    public async Task RunTurn_that_failed_runs_again_on_input_that_was_deleted()
    {
        var failing = () => Alice.RunTurnAsync(Request, (_, _) => throw new TimeoutException(), Cancellation);
        await failing.Should().ThrowAsync<TimeoutException>();
        var id = (await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation))!.Id;
        await Alice.DeleteMessageAsync(ConversationIds.Message(id, 1), Cancellation);

        var result = await AskAsync(Request, "paid");

        result.InputMessageId.Should().BeNull();
        (await TextsAsync(id)).Should().Equal("paid");
    }

    [Fact]
    public async Task RunTurn_that_was_answered_does_not_wait_in_the_queue()
    {
        var first = await AskAsync(Request, "paid");
        using var source = new CancellationTokenSource();
        await using var holder = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hold"), Cancellation);
        var waiting = Alice.RunTurnAsync(new TurnRequest(Bot, "wait") { OnBusy = BusyPolicy.Wait(TimeSpan.FromMinutes(1)) }, Say("hi"), source.Token);

        var again = await AskAsync(Request with { OnBusy = BusyPolicy.Wait(TimeSpan.FromMinutes(1)) });

        again.Should().BeEquivalentTo(new { IsReplay = true, first.RunId });
        await source.CancelAsync();
        await waiting.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task RunTurn_that_failed_begins_a_new_conversation_when_its_own_has_ended()
    {
        var failing = () => Alice.RunTurnAsync(Request, (_, _) => throw new TimeoutException(), Cancellation);
        await failing.Should().ThrowAsync<TimeoutException>();
        var ended = await Alice.EndCurrentAsync(Bot, cancellationToken: Cancellation);

        var result = await AskAsync(Request, "paid");

        result.ConversationId.Should().NotBe(ended!.Id);
        result.StartReason.Should().Be(ConversationStartReason.Ended);
        (await TextsAsync(result.ConversationId)).Should().Equal("pay the invoice", "paid");
    }

    [Fact]
    public async Task RunTurn_is_in_progress_while_the_same_request_runs()
    {
        await using var running = await Alice.BeginTurnAsync(Request, Cancellation);

        var again = () => AskAsync(Request);

        var refusal = (await again.Should().ThrowAsync<TurnInProgressException>()).Which;
        refusal.RunId.Should().Be(running.RunId);
        refusal.RetryAfter.Should().Be(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task RunTurn_runs_once_and_returns_one_answer_when_many_calls_have_one_key()
    {
        var calls = 0;
        var request = Request with { OnBusy = BusyPolicy.Wait(TimeSpan.FromMinutes(1)) };

        var results = await Task.WhenAll(Enumerable.Range(0, 25).Select(_ => Task.Run(() => Alice.RunTurnAsync(request, async (turn, _) =>
        {
            Interlocked.Increment(ref calls);
            await Task.Yield();
            turn.Add(ConversationMessage.Assistant("paid"));
        }, Cancellation))));

        calls.Should().Be(1);
        results.Select(result => (result.RunId, result.ReplyText)).Distinct().Should().ContainSingle();
        results.Count(result => result.IsReplay).Should().Be(24);
        (await TextsAsync(results[0].ConversationId)).Should().Equal("pay the invoice", "paid");
    }

    /// <summary>Lets a request fail that follows another one.</summary>
    /// <returns>The message that was asked.</returns>
    private async Task<string> FailAsync()
    {
        await AskAsync();
        string? asked = null;
        var fail = () => Alice.RunTurnAsync(Request, (turn, _) =>
        {
            asked = turn.Input[0].Id;
            throw new TimeoutException("The model is away.");
        }, Cancellation);
        await fail.Should().ThrowAsync<TimeoutException>();
        return asked!;
    }
}

namespace Conversations.Tests.Manager;

public sealed class NestedTurnTestsInMemory : NestedTurnTests<InMemory>;

public sealed class NestedTurnTestsOnSqlite : NestedTurnTests<Sqlite>;

/// <summary>An agent that asks for a turn: of its own conversation, which would wait for itself, or of another.</summary>
public abstract class NestedTurnTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private static readonly BusyPolicy Wait = BusyPolicy.Wait(TimeSpan.FromMinutes(5));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunTurn_within_the_agent_by_scope_is_refused_at_once_and_the_outer_turn_continues(bool waits)
    {
        TurnNestedException? refusal = null;

        var result = await Alice.RunTurnAsync(Bot, "outer", async (turn, _) =>
        {
            refusal = await RefusedAsync(Alice, new TurnRequest(Bot, "inner") { OnBusy = waits ? Wait : BusyPolicy.Reject });
            turn.Add(ConversationMessage.Assistant("done"));
        }, Cancellation);

        refusal.Should().BeEquivalentTo(new { Code = "TURN_NESTED", result.ConversationId, result.RunId });
        (await TextsAsync(result.ConversationId)).Should().Equal("outer", "done");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunTurn_within_the_agent_by_id_is_refused_at_once_by_every_view(bool waits)
    {
        var refusals = new List<TurnNestedException>();
        var other = new ConversationManager(Store, Options(), Time, Log);

        var result = await Alice.RunTurnAsync(Bot, "outer", async (turn, _) =>
        {
            var inner = new TurnRequest(Bot, "inner") { ConversationId = turn.ConversationId, OnBusy = waits ? Wait : BusyPolicy.Reject };
            foreach (var view in new ConversationView[] { Alice, Manager, other })
                refusals.Add(await RefusedAsync(view, inner));
        }, Cancellation);

        refusals.Should().HaveCount(3).And.OnlyContain(refusal => refusal.RunId == result.RunId);
    }

    [Fact]
    public async Task BeginTurn_within_the_agent_by_thread_is_refused_at_once_for_every_caller()
    {
        var request = new TurnRequest(Bot, "outer") { Thread = "deal/1", OnBusy = Wait };

        var result = await Alice.RunTurnAsync(request, async (turn, _) =>
        {
            await Task.Yield();
            (await RefusedAsync(Bob, request)).RunId.Should().Be(turn.RunId);
            var byHand = () => Bob.BeginTurnAsync(request, Cancellation);
            await byHand.Should().ThrowAsync<TurnNestedException>();
        }, Cancellation);

        (await TextsAsync(result.ConversationId)).Should().Equal("outer");
    }

    [Fact]
    public async Task RunTurn_within_the_agent_with_the_same_idempotency_key_is_refused_at_once()
    {
        var request = new TurnRequest(Bot, "outer") { IdempotencyKey = "event-1", OnBusy = Wait };

        var result = await Alice.RunTurnAsync(request, async (turn, _) =>
            (await RefusedAsync(Alice, request)).RunId.Should().Be(turn.RunId), Cancellation);

        (await AskAsync(request)).Should().BeEquivalentTo(new { result.RunId, IsReplay = true });
    }

    [Fact]
    public async Task RunTurn_within_the_agent_is_refused_at_once_when_other_turns_wait()
    {
        Task<TurnResult>? waiting = null;

        await Alice.RunTurnAsync(Bot, "outer", async (_, _) =>
        {
            using (ExecutionContext.SuppressFlow())
                waiting = Task.Run(() => AskAsync(new TurnRequest(Bot, "next") { OnBusy = Wait }), Cancellation);
            var refusal = await RefusedAsync(Alice, new TurnRequest(Bot, "inner") { OnBusy = Wait });
            refusal.Code.Should().Be("TURN_NESTED");
        }, Cancellation);

        (await TextsAsync((await waiting!).ConversationId)).Should().Equal("outer", "next", "hi");
    }

    [Fact]
    public async Task RunTurn_within_the_agent_succeeds_for_another_conversation_and_is_refused_for_the_outer_one()
    {
        var result = await Alice.RunTurnAsync(Bot, "outer", async (outer, _) =>
        {
            var asked = await Alice.RunTurnAsync("team-bot", "what do you think?", async (_, _) =>
                (await RefusedAsync(Alice, new TurnRequest(Bot, "inner") { OnBusy = Wait })).RunId.Should().Be(outer.RunId), Cancellation);
            asked.ConversationId.Should().NotBe(outer.ConversationId);
            (await AskAsync(new TurnRequest("team-bot", "and now?"))).ConversationId.Should().Be(asked.ConversationId);
        }, Cancellation);

        (await TextsAsync(result.ConversationId)).Should().Equal("outer");
    }

    [Fact]
    public async Task RunTurn_within_the_agent_succeeds_for_a_new_conversation()
    {
        var fresh = new TurnRequest(Bot, "inner") { StartNew = true };

        var result = await Alice.RunTurnAsync(Bot, "outer", async (turn, _) =>
            (await AskAsync(fresh)).ConversationId.Should().NotBe(turn.ConversationId), Cancellation);

        (await TextsAsync(result.ConversationId)).Should().Equal("outer");
    }

    [Fact]
    public async Task RunTurn_within_the_agent_is_replayed_when_it_was_answered_before()
    {
        var request = new TurnRequest(Bot, "one") { IdempotencyKey = "event-1", OnBusy = Wait };
        var first = await AskAsync(request);

        await Alice.RunTurnAsync(Bot, "outer", async (_, _) =>
            (await AskAsync(request)).Should().BeEquivalentTo(new { first.RunId, IsReplay = true }), Cancellation);
    }

    [Fact]
    public async Task RunTurn_within_the_agent_succeeds_after_its_own_commit()
    {
        var result = await Alice.RunTurnAsync(Bot, "outer", async (turn, token) =>
        {
            await turn.CommitAsync(token);
            await AskAsync(new TurnRequest(Bot, "inner") { OnBusy = Wait });
        }, Cancellation);

        (await TextsAsync(result.ConversationId)).Should().Equal("outer", "inner", "hi");
    }

    [Fact]
    public async Task RunTurn_of_background_work_waits_like_others_after_the_agent_has_returned()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<TurnResult>? left = null;
        var result = await Alice.RunTurnAsync(Bot, "outer", (_, _) =>
        {
            left = Task.Run(async () =>
            {
                await go.Task;
                return await AskAsync(new TurnRequest(Bot, "left behind") { OnBusy = Wait });
            }, Cancellation);
            return Task.CompletedTask;
        }, Cancellation);
        var holder = await Alice.BeginTurnAsync(new TurnRequest(Bot, "next"), Cancellation);

        go.SetResult();
        await holder.CommitAsync(Cancellation);
        await left!;

        (await TextsAsync(result.ConversationId)).Should().Equal("outer", "next", "left behind", "hi");
    }

    [Fact]
    public async Task BeginTurn_is_locked_while_a_turn_by_hand_is_open()
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "outer"), Cancellation);

        var second = () => AskAsync("inner");

        (await second.Should().ThrowAsync<ConversationLockedException>()).Which.HolderRunId.Should().Be(turn.RunId);
    }

    private static async Task<TurnNestedException> RefusedAsync(ConversationView view, TurnRequest request)
    {
        var asking = () => view.RunTurnAsync(request, Say("never"), Cancellation);
        return (await asking.Should().ThrowAsync<TurnNestedException>()).Which;
    }
}

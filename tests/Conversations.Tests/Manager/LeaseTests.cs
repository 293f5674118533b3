using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations.Tests.Manager;

public sealed class LeaseTestsInMemory : LeaseTests<InMemory>;

public sealed class LeaseTestsOnSqlite : LeaseTests<Sqlite>;

/// <summary>The turn of a process that died: a turn that was begun in the store and is not renewed.</summary>
public abstract class LeaseTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private static readonly TurnRequest Request = new("support-bot", "pay the invoice") { IdempotencyKey = "event-1" };

    [Fact]
    public async Task RunTurn_after_a_dead_holders_lease_keeps_its_input_and_marks_its_run_interrupted()
    {
        var dead = await DieInTurnAsync(new TurnRequest(Bot, "from the grave"));
        var early = () => AskAsync("too early");
        await early.Should().ThrowAsync<ConversationLockedException>();
        Time.Advance(TimeSpan.FromSeconds(30));

        var result = await AskAsync("in time");

        result.ConversationId.Should().Be(dead.ConversationId);
        (await TextsAsync(result.ConversationId)).Should().Equal("from the grave", "in time", "hi");
        var run = await Alice.GetRunAsync(dead.RunId, Cancellation);
        run.Should().BeEquivalentTo(new { Status = RunStatus.Interrupted, EndedAt = Time.GetUtcNow(), InputCount = 1, OutputCount = 0 });
    }

    [Fact]
    public async Task RunTurn_with_a_dead_holders_key_runs_again_on_the_saved_input()
    {
        var dead = await DieInTurnAsync(Request);
        Time.Advance(TimeSpan.FromSeconds(30));

        var result = await AskAsync(Request, "paid");

        result.IsReplay.Should().BeFalse();
        (await TextsAsync(result.ConversationId)).Should().Equal("pay the invoice", "paid");
        (await Alice.GetRunAsync(dead.RunId, Cancellation))!.Status.Should().Be(RunStatus.Interrupted);
    }

    [Fact]
    public async Task Commit_of_a_turn_that_was_overtaken_is_refused_and_writes_nothing()
    {
        await using var slow = await Alice.BeginTurnAsync(new TurnRequest(Bot, "slow"), Cancellation);
        slow.Add(ConversationMessage.Assistant("too late"));
        await TakeOverAsync(slow);

        var committing = () => slow.CommitAsync(Cancellation);

        (await committing.Should().ThrowAsync<LeaseLostException>()).Which.Code.Should().Be("LEASE_LOST");
        (await TextsAsync(slow.ConversationId)).Should().Equal("slow", "quick");
        var again = () => slow.CommitAsync(Cancellation);
        await again.Should().ThrowAsync<InvalidOperationException>("the turn is over");
    }

    [Fact]
    public async Task RunTurn_that_was_overtaken_throws_and_writes_nothing()
    {
        var running = () => Alice.RunTurnAsync(Bot, "slow", async (turn, _) =>
        {
            turn.Add(ConversationMessage.Assistant("too late"));
            await TakeOverAsync(turn);
        }, Cancellation);

        var lost = (await running.Should().ThrowAsync<LeaseLostException>()).Which;

        (await Alice.GetRunAsync(lost.RunId, Cancellation))!.Status.Should().Be(RunStatus.Interrupted);
        var conversation = await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation);
        (await TextsAsync(conversation!.Id)).Should().Equal("slow", "quick");
        Log.Entries.Should().NotContain(entry => entry.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task RunTurn_whose_agent_commits_by_itself_and_then_throws_keeps_the_commit()
    {
        var running = () => Alice.RunTurnAsync(Bot, "hello", async (turn, token) =>
        {
            turn.Add(ConversationMessage.Assistant("hi"));
            await turn.CommitAsync(token);
            throw new TimeoutException();
        }, Cancellation);

        await running.Should().ThrowAsync<TimeoutException>();

        var conversation = await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation);
        var messages = await Alice.GetMessagesAsync(conversation!.Id, cancellationToken: Cancellation).ToListAsync(Cancellation);
        messages.Select(message => (message.Text, message.IsPartial)).Should().Equal(("hello", false), ("hi", false));
        (await Alice.GetRunAsync(messages[0].RunId!, Cancellation))!.Status.Should().Be(RunStatus.Completed);
    }

    [Fact]
    public async Task Commit_of_a_turn_whose_conversation_was_deleted_is_refused()
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        await Alice.DeleteAsync(turn.ConversationId!, Cancellation);

        var committing = () => turn.CommitAsync(Cancellation);

        await committing.Should().ThrowAsync<LeaseLostException>();
        (await Manager.ListAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task Commit_of_a_turn_whose_conversation_was_ended_is_kept()
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        turn.Add(ConversationMessage.Assistant("bye"));
        await Alice.EndAsync(turn.ConversationId!, Cancellation);

        await turn.CommitAsync(Cancellation);

        (await TextsAsync(turn.ConversationId)).Should().Equal("hello", "bye");
        (await Alice.GetAsync(turn.ConversationId!, Cancellation))!.Status.Should().Be(ConversationStatus.Ended);
    }

    private static BeginTurnCommand Command(TurnRequest request, TimeProvider time)
    {
        var alice = ConversationIdentity.ForUser("alice");
        var scope = new ConversationScope(ConversationScope.DefaultProject, request.Agent, ConversationOwner.Of(alice), request.Channel);
        return new BeginTurnCommand
        {
            Access = new ConversationAccess(scope.Project, [scope.Owner.Audience]),
            Agent = request.Agent,
            Scope = scope,
            NewConversationId = ConversationIds.NewConversation(time.GetUtcNow()),
            Input = [.. request.Input.Select(message => message with { CreatedAt = time.GetUtcNow() })],
            Caller = alice.Key,
            IdempotencyKey = request.IdempotencyKey,
            Fingerprint = request.IdempotencyKey is null ? null : TurnFingerprint.Of(request),
            LeaseDuration = TimeSpan.FromSeconds(30),
            Token = UuidV7.NewToken(),
        };
    }

    private async Task<(string ConversationId, string RunId)> DieInTurnAsync(TurnRequest request)
    {
        var outcome = await new ConversationEngine(Store, Time).BeginAsync(Command(request, Time), Cancellation);
        var lease = outcome.Should().BeOfType<TurnBegun>().Subject.Lease;
        return (lease.ConversationId, ConversationIds.Run(lease.ConversationId, lease.RunNumber));
    }

    /// <summary>Another process, whose clock has run ahead by more than a lease, takes the conversation and answers.</summary>
    private async Task TakeOverAsync(ConversationTurn turn)
    {
        var now = Time.GetUtcNow();
        Time.SetUtcNow(now + TimeSpan.FromMinutes(1));
        var outcome = await new ConversationEngine(Store, Time).BeginAsync(Command(new TurnRequest(Bot, "quick"), Time), Cancellation);
        outcome.Should().BeOfType<TurnBegun>().Which.Lease.ConversationId.Should().Be(turn.ConversationId);
    }
}

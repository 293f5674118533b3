using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>Turns whose input consists of tool results, which must answer open calls.</summary>
public class ToolResultRulesTests : RulesTest
{
    [Fact, TurnRule("9.3")]
    public async Task Begin_appends_results_of_open_calls()
    {
        var id = await CallAsync("a", "b");

        var begun = await BeginAsync(Results(null, "a", "b"));

        (begun.Lease.ConversationId, begun.InputPosition).Should().Be((id, 3));
    }

    [Fact, TurnRule("9.3")]
    public async Task Begin_accepts_results_of_some_of_the_open_calls()
    {
        await CallAsync("a", "b");
        await AbandonAsync(Results(null, "a"), RunStatus.RequiresAction);

        await BeginAsync(Results(null, "b"));
    }

    [Fact, TurnRule("9.3")]
    public async Task Begin_accepts_results_when_only_an_error_follows_calls()
    {
        await CallAsync("a");
        await Store.CommitTurnAsync(Completion((await BeginAsync(Results(null, "a"))).Lease) with { Status = RunStatus.Failed, Messages = [Error("failed")] });
        var id = (await CurrentIdAsync())!;
        await Store.DeleteMessageAsync(id, 3, Host);

        await BeginAsync(Results(id, "a"));
    }

    [Fact, TurnRule("9.3")]
    public async Task Begin_accepts_result_when_last_exchange_is_longer_than_one_read()
    {
        string[] calls = [.. Enumerable.Range(1, 300).Select(number => $"call_{number}")];
        await CallAsync(calls);
        await AbandonAsync(Results(null, calls[..^1]), RunStatus.RequiresAction);

        await BeginAsync(Results(null, calls[^1]));
    }

    [Theory, TurnRule("9.3")]
    [InlineData("unknown")]
    [InlineData("A")]
    [InlineData("a", "a")]
    [InlineData("a", "unknown")]
    public async Task Begin_is_refused_and_writes_nothing_when_a_result_answers_no_open_call(params string[] calls)
    {
        var id = await CallAsync("a");
        var before = await StateAsync();

        var byScope = await Store.BeginTurnAsync(Results(null, calls));
        var byId = await Store.BeginTurnAsync(Results(id, calls));

        (byScope, byId).Should().Be((new TurnCallsNotOpen(), new TurnCallsNotOpen()));
        (await StateAsync()).Should().Equal(before);
    }

    [Fact, TurnRule("9.3")]
    public async Task Begin_is_refused_when_calls_were_answered()
    {
        await CallAsync("a");
        await ExchangeAsync(Results(null, "a"));

        (await Store.BeginTurnAsync(Results(null, "a"))).Should().Be(new TurnCallsNotOpen());
    }

    [Fact, TurnRule("9.3")]
    public async Task Begin_is_refused_when_another_message_follows_calls()
    {
        await CallAsync("a");
        await AbandonAsync(Turn(), RunStatus.Failed);

        (await Store.BeginTurnAsync(Results(null, "a"))).Should().Be(new TurnCallsNotOpen());
    }

    [Theory, TurnRule("9.3", "6.3")]
    [InlineData(InterruptedOutput.Append, false)]
    [InlineData(InterruptedOutput.AppendSuperseded, true)]
    [InlineData(InterruptedOutput.Discard, true)]
    public async Task Begin_is_refused_only_when_takeover_appends_a_message_after_calls(InterruptedOutput onInterruption, bool begins)
    {
        var id = await CallAsync("a");
        var lost = await BeginAsync(Again(id, 1) with { OnInterruption = onInterruption });
        await Store.AppendSegmentsAsync(lost.Lease, new Piece(1, new StreamPiece(0, Piece.Fragment(Time.GetUtcNow(), 3, new TextPart("half")))));
        Time.Advance(LeaseDuration);

        var outcome = await Store.BeginTurnAsync(Results(null, "a"));

        (outcome is TurnBegun).Should().Be(begins);
    }

    [Fact, TurnRule("9.3", "4.3")]
    public async Task Begin_is_refused_when_calls_are_superseded()
    {
        var id = await CallAsync("a");
        await AnswerAgainAsync(id, input: 1, "again");

        (await Store.BeginTurnAsync(Results(id, "a"))).Should().Be(new TurnCallsNotOpen());
    }

    [Fact, TurnRule("9.3", "4.4")]
    public async Task Begin_accepts_results_when_calls_were_restored()
    {
        var id = await CallAsync("a");
        var again = await AnswerAgainAsync(id, input: 1, "again");
        await SupersedeAsync(id, input: 1, from: 2, restore: again.RunNumber);

        await BeginAsync(Results(id, "a"));
    }

    [Fact, TurnRule("9.3", "2.1")]
    public async Task Begin_creates_no_conversation_for_results()
    {
        var outcome = await Store.BeginTurnAsync(Results(null, "a"));

        outcome.Should().Be(new TurnCallsNotOpen());
        (await ListAsync()).Should().BeEmpty();
    }

    [Fact, TurnRule("9.3", "2.1")]
    public async Task Begin_with_start_new_is_refused_for_results()
    {
        await CallAsync("a");

        (await Store.BeginTurnAsync(Results(null, "a") with { StartNew = true })).Should().Be(new TurnCallsNotOpen());
    }

    [Fact, TurnRule("9.3", "2.2")]
    public async Task Begin_by_scope_is_refused_for_results_when_conversation_ended()
    {
        await SetStatusAsync(await CallAsync("a"), ConversationStatus.Ended);

        (await Store.BeginTurnAsync(Results(null, "a"))).Should().Be(new TurnCallsNotOpen());
    }

    [Fact, TurnRule("9.3", "2.6")]
    public async Task Begin_by_id_is_ended_before_calls_are_checked()
    {
        var id = await CallAsync("a");
        await SetStatusAsync(id, ConversationStatus.Ended);

        (await Store.BeginTurnAsync(Results(id, "unknown"))).Should().Be(new TurnConversationEnded(id));
    }

    [Fact, TurnRule("9.3", "1.2")]
    public async Task Begin_is_locked_before_calls_are_checked()
    {
        var id = await CallAsync("a");
        var holder = await BeginAsync();

        (await Store.BeginTurnAsync(Results(null, "unknown"))).Should().Be(new TurnLocked(id, holder.Lease.RunNumber, LeaseDuration));
    }

    [Fact, TurnRule("9.3", "3.3")]
    public async Task Begin_returns_completed_run_when_results_with_key_were_answered()
    {
        await CallAsync("a");
        var command = Results(null, "a") with { IdempotencyKey = "key", Fingerprint = "fingerprint" };
        var first = await ExchangeAsync(command);

        (await Store.BeginTurnAsync(command)).Should().Be(new TurnCompletedBefore(await RunOfAsync(first.Lease)));
    }

    [Fact, TurnRule("9.3", "3.5")]
    public async Task Begin_runs_again_on_existing_results_when_keyed_run_failed()
    {
        await CallAsync("a");
        var command = Results(null, "a") with { IdempotencyKey = "key", Fingerprint = "fingerprint" };
        var first = await AbandonAsync(command, RunStatus.Failed);

        var again = await BeginAsync(command);

        (again.InputPosition, again.IsOnExistingInput).Should().Be((first.InputPosition, true));
    }

    [Fact, TurnRule("9.3", "3.6")]
    public async Task Begin_leaves_key_when_results_answer_no_open_call()
    {
        var id = await CallAsync("a");
        var command = Results(id, "a") with { IdempotencyKey = "key", Fingerprint = "fingerprint" };
        var first = await AbandonAsync(command, RunStatus.Failed);
        await AnswerAgainAsync(id, input: 1, "again");

        var outcome = await Store.BeginTurnAsync(command);

        outcome.Should().Be(new TurnCallsNotOpen());
        (await RunOfAsync(first.Lease)).IdempotencyKey.Should().Be("key");
    }

    [Fact, TurnRule("9.3", "1.2")]
    public async Task Begin_by_many_with_same_results_begins_one_turn()
    {
        await CallAsync("a");

        var outcomes = await RaceAsync(12, async _ =>
        {
            var outcome = await Store.BeginTurnAsync(Results(null, "a"));
            if (outcome is TurnBegun begun)
                await CommitAsync(begun.Lease, "answer");
            return outcome;
        });

        outcomes.OfType<TurnBegun>().Should().ContainSingle();
        outcomes.Should().OnlyContain(outcome => outcome is TurnBegun || outcome is TurnLocked || outcome is TurnCallsNotOpen);
    }

    /// <summary>Makes a turn that ends with open calls.</summary>
    private async Task<string> CallAsync(params string[] calls)
    {
        var begun = await BeginAsync();
        var message = new ConversationMessage(MessageRole.Assistant, calls.Select(call => new ToolCallPart(call, "tool", "{}"))) { CreatedAt = Time.GetUtcNow() };
        (await Store.CommitTurnAsync(Completion(begun.Lease) with { Status = RunStatus.RequiresAction, Messages = [message] })).Should().BeTrue();
        return begun.Lease.ConversationId;
    }

    /// <summary>A turn that brings results, each in a message of its own.</summary>
    private BeginTurnCommand Results(string? conversationId, params string[] calls)
    {
        var command = conversationId is null ? Turn() : TurnIn(conversationId);
        return command with { Input = [.. calls.Select(call => ConversationMessage.ToolResult(call, "result") with { CreatedAt = Time.GetUtcNow() })] };
    }
}

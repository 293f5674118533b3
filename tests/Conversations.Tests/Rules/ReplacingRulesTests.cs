using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>Turns whose input replaces a message and what follows it.</summary>
public class ReplacingRulesTests : RulesTest
{
    [Fact, TurnRule("4.12", "5.1")]
    public async Task Begin_appends_input_superseded_by_its_own_run_and_leaves_the_rest()
    {
        var id = await ConverseAsync(2);
        var before = await MessagesAsync(id);

        var begun = await BeginAsync(Instead(id, 3));

        var after = await MessagesAsync(id);
        after.Take(4).Should().Equal(before);
        after[4].Should().BeEquivalentTo(new { Text = "rather", Position = 5, begun.Lease.RunNumber, SupersededBy = begun.Lease.RunNumber });
        (await GetAsync(id)).Should().BeEquivalentTo(new { MessageCount = 5, LastPosition = 5 });
        (await RunOfAsync(begun.Lease)).Should().BeEquivalentTo(new { ReplacedPosition = 3, InputPosition = 5, InputCount = 1, IsOnExistingInput = false });
    }

    [Theory, TurnRule("4.12")]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(5)]
    [InlineData(long.MaxValue)]
    public async Task Begin_is_not_found_when_message_does_not_exist(long position)
    {
        var id = await ConverseAsync(2);
        var before = await StateAsync();

        (await Store.BeginTurnAsync(Instead(id, position))).Should().Be(new TurnNotFound());

        (await StateAsync()).Should().Equal(before);
    }

    [Fact, TurnRule("4.12")]
    public async Task Begin_is_not_found_when_message_is_superseded()
    {
        var id = await ConverseAsync(2);
        await AnswerAgainAsync(id, input: 1, "again");

        (await Store.BeginTurnAsync(Instead(id, 3))).Should().Be(new TurnNotFound());
    }

    [Fact, TurnRule("4.12", "1.2", "2.6")]
    public async Task Begin_is_locked_or_ended_before_message_is_looked_for()
    {
        var id = await ConverseAsync(1);
        var held = await BeginAsync(TurnIn(id));

        (await Store.BeginTurnAsync(Instead(id, 99))).Should().BeOfType<TurnLocked>();
        await CommitAsync(held.Lease);
        await SetStatusAsync(id, ConversationStatus.Ended);
        (await Store.BeginTurnAsync(Instead(id, 99))).Should().Be(new TurnConversationEnded(id));
    }

    [Theory, TurnRule("4.13", "4.8")]
    [InlineData(RunStatus.Completed)]
    [InlineData(RunStatus.RequiresAction)]
    public async Task Commit_supersedes_message_and_what_follows_and_makes_input_current(RunStatus status)
    {
        var id = await ConverseAsync(3);
        var revision = (await Store.FindAsync(id))!.HistoryRevision;
        var begun = await BeginAsync(Instead(id, 3));

        await Store.CommitTurnAsync(Completion(begun.Lease, "answer") with { Status = status });

        var number = begun.Lease.RunNumber;
        (await MessagesAsync(id)).Select(message => message.SupersededBy).Should().Equal(null, null, number, number, number, number, null, null);
        (await Store.FindAsync(id))!.HistoryRevision.Should().Be(revision + 1);
        (await RunsAsync(id)).Select(run => run.SupersededBy).Should().Equal(null, number, number, null);
        (await Store.FindRunAsync(id, number))!.SupersededFrom.Should().Be(3);
    }

    [Fact, TurnRule("4.13")]
    public async Task Commit_without_output_replaces_the_message()
    {
        var id = await ConverseAsync(1);
        var begun = await BeginAsync(Instead(id, 1));

        await CommitAsync(begun.Lease);

        (await CurrentAsync(id)).Should().Equal(3);
    }

    [Theory, TurnRule("4.13", "4.5")]
    [InlineData(RunStatus.Failed)]
    [InlineData(RunStatus.Cancelled)]
    public async Task Commit_of_unfinished_turn_leaves_message_and_supersedes_input_and_output(RunStatus status)
    {
        var id = await ConverseAsync(2);
        var begun = await BeginAsync(Instead(id, 3));

        await Store.CommitTurnAsync(Completion(begun.Lease, "half") with { Status = status });

        var number = begun.Lease.RunNumber;
        (await MessagesAsync(id)).Select(message => message.SupersededBy).Should().Equal(null, null, null, null, number, number);
        (await RunsAsync(id)).Select(run => run.Status).Should().Equal(status, RunStatus.Completed, RunStatus.Completed);
        (await Store.FindRunAsync(id, number))!.SupersededFrom.Should().BeNull();
    }

    [Fact, TurnRule("4.13", "6.3")]
    public async Task Interrupted_turn_leaves_message_and_supersedes_what_it_streamed()
    {
        var id = await ConverseAsync(1);
        var begun = await BeginAsync(Instead(id, 1));
        await Store.AppendSegmentsAsync(begun.Lease, Piece.Cut(Time.GetUtcNow(), "half"));
        Time.Advance(LeaseDuration);

        await Store.InterruptAsync(begun.Lease);

        (await CurrentAsync(id)).Should().Equal(1, 2);
        (await TextsAsync(id)).Should().Equal("question 1", "answer", "rather", "half");
    }

    [Fact, TurnRule("4.13", "4.3")]
    public async Task Commit_supersedes_what_a_takeover_appended()
    {
        var id = await ConverseAsync(1);
        var open = await BeginAsync(TurnIn(id));
        await Store.AppendSegmentsAsync(open.Lease, Piece.Cut(Time.GetUtcNow(), "half"));
        Time.Advance(LeaseDuration);

        var begun = await BeginAsync(Instead(id, 1));
        await CommitAsync(begun.Lease, "answer");

        (await CurrentAsync(id)).Should().Equal(5, 6);
    }

    [Fact, TurnRule("4.13", "9.3")]
    public async Task Calls_that_an_interrupted_turn_streamed_are_not_open()
    {
        var id = await ConverseAsync(1);
        var open = await BeginAsync(Instead(id, 1));
        var call = Piece.After([], Piece.Fragment(Time.GetUtcNow(), open.LastPosition + 1, new ToolCallPart("call", "tool", "{}")));
        await Store.AppendSegmentsAsync(open.Lease, call);
        Time.Advance(LeaseDuration);
        var results = TurnIn(id) with { Input = [ConversationMessage.ToolResult("call", "result") with { CreatedAt = Time.GetUtcNow() }] };

        (await Store.BeginTurnAsync(results)).Should().Be(new TurnCallsNotOpen());
    }

    [Fact, TurnRule("4.12", "3.5")]
    public async Task Retry_runs_on_its_input_and_replaces_also_what_others_added()
    {
        var id = await ConverseAsync(1);
        var first = await AbandonAsync(InsteadKeyed(id, 1), RunStatus.Failed);
        await ExchangeAsync(TurnIn(id));

        var retry = await BeginAsync(InsteadKeyed(id, 1));
        await CommitAsync(retry.Lease, "answer");

        retry.Should().BeEquivalentTo(new { first.InputPosition, IsOnExistingInput = true });
        (await CurrentAsync(id)).Should().Equal(3, 6);
        (await RunOfAsync(first.Lease)).Status.Should().Be(RunStatus.Failed, "no other run superseded a message of it");
    }

    [Fact, TurnRule("4.12", "3.5")]
    public async Task Second_retry_runs_on_the_input_of_the_first_attempt()
    {
        var id = await ConverseAsync(1);
        await AbandonAsync(InsteadKeyed(id, 1), RunStatus.Failed);
        await AbandonAsync(InsteadKeyed(id, 1), RunStatus.Cancelled);

        var retry = await BeginAsync(InsteadKeyed(id, 1));
        await CommitAsync(retry.Lease, "answer");

        (await CurrentAsync(id)).Should().Equal(3, 4);
        (await Store.BeginTurnAsync(InsteadKeyed(id, 1))).Should().BeOfType<TurnCompletedBefore>().Which.Run.Number.Should().Be(retry.Lease.RunNumber);
    }

    [Fact, TurnRule("4.12", "3.6")]
    public async Task Retry_is_not_found_when_message_was_superseded_since()
    {
        var id = await ConverseAsync(2);
        await AbandonAsync(InsteadKeyed(id, 3), RunStatus.Failed);
        await AnswerAgainAsync(id, input: 1, "again");
        var before = await StateAsync();

        (await Store.BeginTurnAsync(InsteadKeyed(id, 3))).Should().Be(new TurnNotFound());

        (await StateAsync()).Should().Equal(before);
    }

    [Fact, TurnRule("4.12", "3.6")]
    public async Task Retry_appends_its_input_again_when_another_run_superseded_its_input()
    {
        var id = await ConverseAsync(1);
        var first = await AbandonAsync(InsteadKeyed(id, 1), RunStatus.Failed);
        await SupersedeAsync(id, input: 1, from: null, restore: first.Lease.RunNumber);
        var hiding = await BeginAsync(Again(id, 3));
        await Store.CommitTurnAsync(Completion(hiding.Lease) with { SupersedeOnly = 3 });

        var begun = await BeginAsync(InsteadKeyed(id, 1));

        begun.Should().BeEquivalentTo(new { InputPosition = 4, IsOnExistingInput = false });
    }

    [Fact, TurnRule("4.13", "8.2")]
    public async Task Commit_drops_summaries_that_cover_the_message()
    {
        var id = await ConverseAsync(2);
        await SummarizeAsync(id, through: 2, baseOf: null);
        await SummarizeAsync(id, through: 3, baseOf: 2);

        var begun = await BeginAsync(Instead(id, 3));
        await CommitAsync(begun.Lease, "answer");

        (await Store.GetSummaryAsync(id, Host, long.MaxValue))!.Through.Should().Be(2);
    }

    [Fact, TurnRule("4.15", "5.5", "4.8")]
    public async Task Commit_supersedes_a_single_message()
    {
        var id = await ConverseAsync(2);
        var begun = await BeginAsync(Again(id, 2));

        await Store.CommitTurnAsync(Completion(begun.Lease) with { SupersedeOnly = 2 });

        (await CurrentAsync(id)).Should().Equal(1, 3, 4);
        (await Store.FindRunAsync(id, begun.Lease.RunNumber))!.SupersededFrom.Should().BeNull();
        (await RunsAsync(id)).Select(run => run.Status).Should().Equal(RunStatus.Completed, RunStatus.Completed, RunStatus.Superseded);
        (await Store.FindAsync(id))!.HistoryRevision.Should().Be(1);
    }

    [Fact, TurnRule("4.15", "4.4")]
    public async Task Restored_message_returns_to_its_place_alone()
    {
        var id = await ConverseAsync(2);
        var hiding = await BeginAsync(Again(id, 2));
        await Store.CommitTurnAsync(Completion(hiding.Lease) with { SupersedeOnly = 2 });

        await SupersedeAsync(id, input: 1, from: null, restore: hiding.Lease.RunNumber);

        (await CurrentAsync(id)).Should().Equal(1, 2, 3, 4);
    }

    [Fact, TurnRule("4.6", "4.14")]
    public async Task Begin_takes_input_as_current_that_the_restored_run_superseded()
    {
        var id = await ConverseAsync(1);
        var failed = await AbandonAsync(Instead(id, 1), RunStatus.Failed);

        (await Store.BeginTurnAsync(Again(id, 3))).Should().Be(new TurnNotFound());
        (await Store.BeginTurnAsync(Again(id, 3) with { Restores = failed.Lease.RunNumber })).Should().BeOfType<TurnBegun>();
    }

    private BeginTurnCommand Instead(string id, long position) => TurnIn(id, text: "rather") with { ReplacedPosition = position };

    private BeginTurnCommand InsteadKeyed(string id, long position) => KeyedIn(id) with { ReplacedPosition = position };

    private async Task<IEnumerable<long>> CurrentAsync(string id) => (await MessagesAsync(id)).Where(message => !message.IsSuperseded).Select(message => message.Position);

    private async Task SummarizeAsync(string id, long through, long? baseOf)
    {
        var command = new SaveSummaryCommand
        {
            ConversationId = id,
            Access = Host,
            Base = baseOf is null ? null : await Store.GetSummaryAsync(id, Host, long.MaxValue),
            HistoryRevision = (await Store.FindAsync(id))!.HistoryRevision,
            Through = through,
            MessageCount = 1,
            Text = "summary",
            StartedAt = Time.GetUtcNow(),
        };
        (await Store.SaveSummaryAsync(command)).Should().BeTrue();
    }
}

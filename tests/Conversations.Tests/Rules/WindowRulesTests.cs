using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>Where windows begin, and which input failed.</summary>
public class WindowRulesTests : RulesTest
{
    private const string Id = "conv_1";

    [Fact, TurnRule("10.1")]
    public async Task Commit_keeps_where_the_window_began()
    {
        var turn = await BeginAsync();
        await Store.CommitTurnAsync(Completion(turn.Lease, "answer") with { WindowStart = 7, ShownFrom = 7 });
        var next = await BeginAsync();

        var found = await Store.FindAsync(turn.Lease.ConversationId);
        await Store.CommitTurnAsync(Completion(next.Lease, "answer"));

        found!.WindowStart.Should().Be(7);
        (await Store.FindAsync(turn.Lease.ConversationId))!.WindowStart.Should().Be(7, "a window that slides does not change it");
        (await Store.FindRunAsync(turn.Lease.ConversationId, turn.Lease.RunNumber))!.Run.WindowStart.Should().Be(7);
        (await Store.FindRunAsync(turn.Lease.ConversationId, next.Lease.RunNumber))!.Run.WindowStart.Should().BeNull();
    }

    [Fact, TurnRule("10.2")]
    public async Task Deletion_of_a_message_resets_where_the_window_begins()
    {
        var turn = await BeginAsync();
        await Store.CommitTurnAsync(Completion(turn.Lease, "answer") with { WindowStart = 2 });

        await Store.DeleteMessageAsync(turn.Lease.ConversationId, 1, Host);

        (await Store.FindAsync(turn.Lease.ConversationId))!.WindowStart.Should().Be(0);
    }

    [Theory, TurnRule("10.2")]
    [InlineData(false, 0)]
    [InlineData(true, 2)]
    public async Task Superseding_resets_where_the_window_begins_unless_an_answer_does_it(bool hasAnswer, long expected)
    {
        var id = await ConverseAsync(2);
        var again = await BeginAsync(Again(id, 3));

        await Store.CommitTurnAsync(Completion(again.Lease) with { Messages = hasAnswer ? [Assistant("again")] : [], SupersedeFrom = 4, WindowStart = 2 });

        (await Store.FindAsync(id))!.WindowStart.Should().Be(expected);
    }

    [Theory, TurnRule("10.3")]
    [InlineData(RunStatus.Failed, null, 1)]
    [InlineData(RunStatus.Completed, "content_filter", 1)]
    [InlineData(RunStatus.Completed, "refusal", 1)]
    [InlineData(RunStatus.RequiresAction, "refusal", 1)]
    [InlineData(RunStatus.Completed, "stop", 0)]
    [InlineData(RunStatus.Cancelled, "refusal", 0)]
    public async Task Commit_records_the_last_run_that_failed(RunStatus status, string? finishReason, long expected)
    {
        var turn = await BeginAsync();

        await Store.CommitTurnAsync(Completion(turn.Lease, "answer") with { Status = status, FinishReason = finishReason });

        (await Store.FindAsync(turn.Lease.ConversationId))!.LastFailedRun.Should().Be(expected);
    }

    [Fact, TurnRule("10.3")]
    public async Task Commit_of_a_later_run_leaves_the_last_one_that_failed()
    {
        var turn = await BeginAsync();
        await Store.CommitTurnAsync(Completion(turn.Lease) with { Status = RunStatus.Failed });

        var next = await BeginAsync();
        await Store.CommitTurnAsync(Completion(next.Lease, "answer"));

        (await Store.FindAsync(turn.Lease.ConversationId))!.LastFailedRun.Should().Be(1);
    }

    [Theory, TurnRule("10.4")]
    [InlineData(FailedInputs.UntilAnswered, "")]
    [InlineData(FailedInputs.Keep, "")]
    [InlineData(FailedInputs.Exclude, "2")]
    public void Newest_failed_input_is_shown_until_another_is_answered(FailedInputs policy, string leftOut) =>
        LeftOut(policy, Run(1, RunStatus.Completed), Run(2, RunStatus.Failed)).Should().Be(leftOut);

    [Theory, TurnRule("10.4")]
    [InlineData(FailedInputs.UntilAnswered, "2 3")]
    [InlineData(FailedInputs.Keep, "")]
    [InlineData(FailedInputs.Exclude, "2 3")]
    public void Failed_inputs_are_left_out_after_an_answer(FailedInputs policy, string leftOut) =>
        LeftOut(policy, Run(2, RunStatus.Failed), Run(3, RunStatus.Completed, refused: true), Run(4, RunStatus.Completed)).Should().Be(leftOut);

    [Fact, TurnRule("10.4")]
    public void Earlier_failed_inputs_are_left_out_before_an_answer() =>
        LeftOut(FailedInputs.UntilAnswered, Run(1, RunStatus.Failed), Run(2, RunStatus.Failed), Run(3, RunStatus.Failed)).Should().Be("1 2");

    [Theory, TurnRule("10.4")]
    [InlineData(RunStatus.Cancelled)]
    [InlineData(RunStatus.Interrupted)]
    [InlineData(RunStatus.RequiresAction)]
    public void Input_that_did_not_fail_is_shown(RunStatus status) =>
        LeftOut(FailedInputs.Exclude, Run(1, status), Run(2, RunStatus.Completed)).Should().Be("");

    [Fact, TurnRule("10.4")]
    public void Input_that_a_retry_answered_is_shown() =>
        LeftOut(FailedInputs.UntilAnswered, Run(1, RunStatus.Failed), Run(2, RunStatus.Completed, input: 1), Run(3, RunStatus.Completed)).Should().Be("");

    [Fact, TurnRule("10.4")]
    public void Input_is_left_out_with_all_runs_on_it() =>
        LeftOut(FailedInputs.UntilAnswered, Run(1, RunStatus.Interrupted), Run(2, RunStatus.Failed, input: 1), Run(3, RunStatus.Completed)).Should().Be("1 2");

    [Fact, TurnRule("10.4")]
    public void Input_is_shown_when_the_last_run_on_it_did_not_fail() =>
        LeftOut(FailedInputs.UntilAnswered, Run(1, RunStatus.Failed), Run(2, RunStatus.Cancelled, input: 1), Run(3, RunStatus.Completed)).Should().Be("");

    [Fact, TurnRule("10.4")]
    public void Input_of_a_run_that_called_a_tool_is_shown()
    {
        var call = new StoredMessage(ConversationMessage.ToolCall("1", "pay", "{}")) { ConversationId = Id, Position = 2, RunNumber = 1 };

        LeftOut(FailedInputs.Exclude, [call], Run(1, RunStatus.Failed), Run(2, RunStatus.Completed)).Should().Be("");
    }

    [Fact, TurnRule("10.4")]
    public void Input_of_a_run_that_called_a_tool_is_shown_although_call_and_result_were_read_without_content()
    {
        var messages = new[] { ConversationMessage.User("pay"), ConversationMessage.ToolCall("1", "pay", "{}"), ConversationMessage.ToolResult("1", "paid") }
            .Select((message, i) => new StoredMessage(message) { ConversationId = Id, Position = i + 1, RunNumber = 1 })
            .Select(message => message.Position == 1 ? message : MessageContent.WithoutContent(message));

        LeftOut(FailedInputs.Exclude, [.. messages], Run(1, RunStatus.Failed)).Should().Be("");
    }

    [Theory, TurnRule("10.4")]
    [InlineData(3, "")]
    [InlineData(2, "2")]
    public void Input_is_left_out_when_all_that_followed_it_is_read(long first, string leftOut) =>
        LeftOut(FailedInputs.Exclude, [new StoredMessage(ConversationMessage.User("sorry")) { ConversationId = Id, Position = first, RunNumber = 2 }], Run(2, RunStatus.Failed)).Should().Be(leftOut);

    [Fact, TurnRule("10.4")]
    public void Refused_answer_is_no_answer_to_another_input() =>
        LeftOut(FailedInputs.UntilAnswered, Run(1, RunStatus.Completed, refused: true)).Should().Be("");

    private static string LeftOut(FailedInputs policy, params StoredRun[] runs) => LeftOut(policy, [], runs);

    private static string LeftOut(FailedInputs policy, IReadOnlyList<StoredMessage> messages, params StoredRun[] runs) =>
        string.Join(' ', RunRules.LeftOut(runs, messages, policy).Order());

    private static StoredRun Run(long number, RunStatus status, bool refused = false, long? input = null) => new()
    {
        Run = new ConversationRun
        {
            ConversationId = Id,
            Number = number,
            Status = status,
            FinishReason = refused ? "refusal" : "stop",
            InputPosition = input ?? number,
            InputCount = 1,
            StartedAt = DateTimeOffset.UnixEpoch,
        },
    };
}

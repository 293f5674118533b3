using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>Which messages are the answer to an input, from the messages that follow it.</summary>
public sealed class AnswerScanRulesTests
{
    private static readonly MessageSpan Input = new(1, 1);

    [Fact, TurnRule("4.9")]
    public void Answer_begins_at_first_message_of_answered_run()
    {
        var position = Scan(On(Input, 1, RunStatus.Completed, 2, 3), On(new MessageSpan(4, 1), 2, RunStatus.Completed, 4, 5));

        position.Should().Be(2);
    }

    [Fact, TurnRule("4.9")]
    public void Answer_is_that_of_run_that_requires_action() => Scan(On(Input, 1, RunStatus.RequiresAction, 2)).Should().Be(2);

    [Fact, TurnRule("4.9")]
    public void Answer_of_answered_run_precedes_partial_output() =>
        Scan(On(Input, 1, RunStatus.Failed, 2, 3), On(Input, 2, RunStatus.Completed, 4)).Should().Be(4);

    [Fact, TurnRule("4.9")]
    public void Answer_is_first_partial_message_when_runs_failed_one_after_another() =>
        Scan(On(Input, 1, RunStatus.Failed, 2), On(Input, 2, RunStatus.Cancelled, 3, 4)).Should().Be(2);

    [Fact, TurnRule("4.9")]
    public void Answer_is_in_last_group_when_others_came_between() =>
        Scan(On(Input, 1, RunStatus.Failed, 2), On(new MessageSpan(3, 1), 2, RunStatus.Completed, 3, 4), On(Input, 3, RunStatus.Interrupted, 5, 6)).Should().Be(5);

    [Fact, TurnRule("4.9")]
    public void Answer_is_in_last_group_when_imported_message_came_between() =>
        Scan(On(Input, 1, RunStatus.Failed, 2), Imported(MessageRole.User, 3), On(Input, 2, RunStatus.Failed, 4)).Should().Be(4);

    [Fact, TurnRule("4.9")]
    public void Answer_is_none_when_runs_are_on_other_input() =>
        Scan(On(new MessageSpan(2, 1), 1, RunStatus.Completed, 2, 3)).Should().BeNull();

    [Fact, TurnRule("4.9")]
    public void Answer_is_none_when_run_of_message_was_deleted() => Scan([(Message(MessageRole.Assistant, 2, run: 7), null)]).Should().BeNull();

    [Fact, TurnRule("4.9")]
    public void Answer_to_imported_input_is_message_after_it() =>
        ScanImported(Imported(MessageRole.Assistant, 2), Imported(MessageRole.Assistant, 3)).Should().Be(2);

    [Fact, TurnRule("4.9")]
    public void Answer_to_imported_input_is_none_when_user_message_follows() =>
        ScanImported(Imported(MessageRole.User, 2), Imported(MessageRole.Assistant, 3)).Should().BeNull();

    [Fact, TurnRule("4.9")]
    public void Answer_to_input_of_run_is_no_imported_message() => Scan(Imported(MessageRole.Assistant, 2)).Should().BeNull();

    [Fact, TurnRule("4.9")]
    public void Scan_ends_at_answer_alone()
    {
        var scan = new AnswerScan(Input, isImported: false);
        var (partial, whole) = (On(Input, 1, RunStatus.Failed, 2)[0], On(Input, 2, RunStatus.Completed, 3)[0]);

        bool[] ends = [scan.Accept(partial.Message, partial.Run), scan.Accept(whole.Message, whole.Run)];

        ends.Should().Equal(false, true);
    }

    [Theory, TurnRule("4.10")]
    [InlineData(RunStatus.Failed, 1, true)]
    [InlineData(RunStatus.Cancelled, 1, true)]
    [InlineData(RunStatus.Interrupted, 1, true)]
    [InlineData(RunStatus.Completed, 1, false)]
    [InlineData(RunStatus.RequiresAction, 1, false)]
    [InlineData(RunStatus.Failed, 2, false)]
    public void Output_is_partial_answer_when_run_on_input_did_not_answer(RunStatus status, long position, bool expected) =>
        Run(new MessageSpan(position, 1), 1, status).IsPartialAnswerTo(Input).Should().Be(expected);

    [Theory, TurnRule("4.11")]
    [InlineData("user", true)]
    [InlineData("damaged", true)]
    [InlineData("assistant", false)]
    [InlineData("error", false)]
    [InlineData("result", false)]
    public void Message_without_run_can_be_answered_when_it_is_of_user(string kind, bool expected)
    {
        var message = kind switch
        {
            "user" => Message(MessageRole.User, 1),
            "damaged" => Message(MessageRole.User, 1) with { Parts = [new ErrorPart("damaged") { Code = ConversationErrorCodes.StoreCorrupt }] },
            "assistant" => Message(MessageRole.Assistant, 1),
            "error" => Message(MessageRole.User, 1) with { Parts = [new ErrorPart("failed")] },
            _ => ConversationMessage.ToolResult("call_1", "done").StoredAt("conv_1", 1),
        };

        message.CanBeAnswered().Should().Be(expected);
    }

    [Theory, TurnRule("9.2")]
    [InlineData(RunStatus.Completed, 0, true)]
    [InlineData(RunStatus.Failed, 0, true)]
    [InlineData(RunStatus.Cancelled, 0, true)]
    [InlineData(RunStatus.RequiresAction, 0, true)]
    [InlineData(RunStatus.Running, 0, false)]
    [InlineData(RunStatus.Interrupted, 0, false)]
    [InlineData(RunStatus.Completed, 1, false)]
    public void Run_was_committed_when_it_is_same_run_and_ended_by_itself(RunStatus status, int secondsLater, bool expected) =>
        Run(Input, 1, status).WasCommitted(DateTimeOffset.UnixEpoch.AddSeconds(secondsLater)).Should().Be(expected);

    [Fact, TurnRule("9.2", "8.6")]
    public void Run_was_not_committed_when_it_is_of_a_summary() =>
        (Run(Input, 1, RunStatus.Completed) with { Kind = RunKind.Summary }).WasCommitted(DateTimeOffset.UnixEpoch).Should().BeFalse();

    [Theory, TurnRule("3.5")]
    [InlineData(RunStatus.Completed, 1, 1, true)]
    [InlineData(RunStatus.RequiresAction, 1, 1, true)]
    [InlineData(RunStatus.Failed, 1, 1, false)]
    [InlineData(RunStatus.Completed, 2, 1, false)]
    [InlineData(RunStatus.Completed, 1, 0, false)]
    public void Run_answers_instead_of_other_when_it_added_message_on_same_input(RunStatus status, long position, int added, bool expected) =>
        (Run(new MessageSpan(position, 1), 2, status) with { OutputCount = added }).AnsweredInsteadOf(Run(Input, 1, RunStatus.Failed)).Should().Be(expected);

    private static long? Scan(params (StoredMessage Message, ConversationRun? Run)[][] messages) => Scan(isImported: false, messages);

    private static long? ScanImported(params (StoredMessage Message, ConversationRun? Run)[][] messages) => Scan(isImported: true, messages);

    private static long? Scan(bool isImported, (StoredMessage Message, ConversationRun? Run)[][] messages)
    {
        var scan = new AnswerScan(Input, isImported);
        foreach (var (message, run) in messages.SelectMany(group => group))
        {
            if (scan.Accept(message, run))
                break;
        }

        return scan.Position;
    }

    private static (StoredMessage Message, ConversationRun? Run)[] On(MessageSpan input, long number, RunStatus status, params long[] positions) =>
        [.. positions.Select(position => (Message(MessageRole.Assistant, position, number), (ConversationRun?)Run(input, number, status)))];

    private static (StoredMessage Message, ConversationRun? Run)[] Imported(MessageRole role, long position) => [(Message(role, position), null)];

    private static ConversationRun Run(MessageSpan input, long number, RunStatus status) =>
        new() { ConversationId = "conv_1", Number = number, Status = status, InputPosition = input.Position, InputCount = input.Count, StartedAt = DateTimeOffset.UnixEpoch };

    private static StoredMessage Message(MessageRole role, long position, long? run = null) =>
        (role == MessageRole.User ? ConversationMessage.User("text") : ConversationMessage.Assistant("text")).StoredAt("conv_1", position, run);
}

namespace Conversations.Tests.Rules;

/// <summary>Turns of callers that may not know all messages.</summary>
public class EarlierMessageRulesTests : RulesTest
{
    [Fact, TurnRule("4.16")]
    public async Task Begin_is_outdated_and_writes_nothing_when_an_answer_follows()
    {
        var id = await ConverseAsync(2);
        var before = await StateAsync();

        (await Store.BeginTurnAsync(After(id, 2))).Should().Be(new TurnOutdated());
        (await Store.BeginTurnAsync(After(id, 3))).Should().Be(new TurnOutdated());

        (await StateAsync()).Should().Equal(before);
    }

    [Fact, TurnRule("4.16")]
    public async Task Begin_succeeds_when_the_known_message_is_the_last()
    {
        var id = await ConverseAsync(2);

        (await BeginAsync(After(id, 4))).InputPosition.Should().Be(5);
    }

    [Theory, TurnRule("4.16")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Begin_replaces_an_unanswered_question_and_its_partial_answer(bool replaces)
    {
        var id = await ConverseAsync(1);
        await FailAsync(id, Assistant("half") with { IsPartial = true });

        var begun = await BeginAsync(After(id, 2) with { ReplacesLater = replaces });
        await CommitAsync(begun.Lease, "answer");

        begun.ReplacedPosition.Should().Be(3);
        (await MessagesAsync(id)).Where(message => !message.IsSuperseded).Select(message => message.Position).Should().Equal(1, 2, 5, 6);
    }

    [Fact, TurnRule("4.16")]
    public async Task Begin_appends_when_the_caller_knows_the_unanswered_question()
    {
        var id = await ConverseAsync(1);
        await FailAsync(id, Assistant("half") with { IsPartial = true });

        var begun = await BeginAsync(After(id, 3));

        begun.Should().BeEquivalentTo(new { ReplacedPosition = (long?)null, InputPosition = 5 });
    }

    [Fact, TurnRule("4.16")]
    public async Task Begin_is_outdated_when_a_broken_off_turn_called_a_tool()
    {
        var id = await ConverseAsync(1);
        await FailAsync(id, ConversationMessage.ToolCall("call", "pay", "{}") with { CreatedAt = Time.GetUtcNow(), IsPartial = true });

        (await Store.BeginTurnAsync(After(id, 2))).Should().Be(new TurnOutdated());
        (await BeginAsync(After(id, 2) with { ReplacesLater = true })).ReplacedPosition.Should().Be(3);
    }

    [Fact, TurnRule("4.16")]
    public async Task Begin_is_outdated_when_the_unanswered_question_is_of_another_caller()
    {
        var id = await ConverseAsync(1);
        await FailAsync(id);

        (await Store.BeginTurnAsync(After(id, 2) with { Caller = "other" })).Should().Be(new TurnOutdated());
    }

    [Fact, TurnRule("4.16")]
    public async Task Begin_is_outdated_when_a_question_was_completed_without_output()
    {
        var id = await ConverseAsync(1);
        var noted = await BeginAsync(TurnIn(id));
        await Store.CommitTurnAsync(Completion(noted.Lease));

        (await Store.BeginTurnAsync(After(id, 2))).Should().Be(new TurnOutdated());
    }

    [Fact, TurnRule("4.16")]
    public async Task Begin_is_outdated_when_an_imported_message_follows()
    {
        var id = (await CreateAsync(null, User("1"), User("2"))).Id;

        (await Store.BeginTurnAsync(After(id, 1))).Should().Be(new TurnOutdated());
    }

    [Fact, TurnRule("4.16")]
    public async Task Begin_succeeds_when_what_follows_is_superseded()
    {
        var id = await ConverseAsync(2);
        await SupersedeAsync(id, input: 1, from: 3, restore: null);

        (await BeginAsync(After(id, 2))).InputPosition.Should().Be(5);
    }

    [Theory, TurnRule("4.16")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Begin_is_outdated_when_the_known_message_is_superseded(bool replaces)
    {
        var id = await ConverseAsync(2);
        await SupersedeAsync(id, input: 1, from: 4, restore: null);

        (await Store.BeginTurnAsync(After(id, 4) with { ReplacesLater = replaces })).Should().Be(new TurnOutdated());
    }

    [Theory, TurnRule("4.16")]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task Known_message_of_an_unfinished_replacement_can_be_restored_unless_others_follow_it(bool isFollowed, bool expected)
    {
        var id = await ConverseAsync(1);
        var edit = await BeginAsync(TurnIn(id) with { ReplacedPosition = 1 });
        await Store.CommitTurnAsync(Completion(edit.Lease) with { Status = RunStatus.Cancelled, Messages = [Assistant("half") with { IsPartial = true }] });
        if (isFollowed)
            await ExchangeAsync(TurnIn(id));

        (await Store.BeginTurnAsync(After(id, 4))).Should().Be(new TurnOutdated { CanBeRestored = expected });
    }

    [Fact, TurnRule("4.16")]
    public async Task Begin_replaces_the_next_question_when_the_caller_wants_that()
    {
        var id = await ConverseAsync(3);

        var begun = await BeginAsync(After(id, 2) with { ReplacesLater = true });
        await CommitAsync(begun.Lease, "answer");

        begun.ReplacedPosition.Should().Be(3);
        (await MessagesAsync(id)).Where(message => !message.IsSuperseded).Select(message => message.Position).Should().Equal(1, 2, 7, 8);
    }

    [Fact, TurnRule("4.16")]
    public async Task Begin_is_outdated_when_an_answer_would_be_replaced()
    {
        var id = await ConverseAsync(2);

        (await Store.BeginTurnAsync(After(id, 3) with { ReplacesLater = true })).Should().Be(new TurnOutdated());
    }

    [Fact, TurnRule("4.16")]
    public async Task Message_of_another_conversation_has_no_effect()
    {
        var id = await ConverseAsync(2);
        var other = await CreateAsync(ScopeOf("user_2"));

        (await BeginAsync(TurnIn(other.Id, ScopeOf("user_2")) with { After = new KnownMessage(id, 2) })).InputPosition.Should().Be(1);
        (await BeginAsync(Turn() with { StartNew = true, After = new KnownMessage(id, 2) })).InputPosition.Should().Be(1);
    }

    [Fact, TurnRule("4.16", "9.3")]
    public async Task Results_are_not_refused()
    {
        var id = await ConverseAsync(1);
        var asked = await BeginAsync(TurnIn(id));
        await Store.CommitTurnAsync(Completion(asked.Lease) with { Status = RunStatus.RequiresAction, Messages = [Assistant("wait"), ConversationMessage.ToolCall("call", "tool", "{}") with { CreatedAt = Time.GetUtcNow() }] });

        var begun = await BeginAsync(After(id, 2) with { Input = [ConversationMessage.ToolResult("call", "result") with { CreatedAt = Time.GetUtcNow() }] });

        begun.InputPosition.Should().Be(6);
    }

    [Fact, TurnRule("4.16", "3.3", "3.5")]
    public async Task Known_key_comes_first()
    {
        var id = await ConverseAsync(1);
        var request = KeyedIn(id) with { After = new KnownMessage(id, 2) };
        await AbandonAsync(request, RunStatus.Failed);
        await ExchangeAsync(TurnIn(id));

        var retry = await BeginAsync(request);
        await CommitAsync(retry.Lease, "answer");

        retry.Should().BeEquivalentTo(new { InputPosition = 3, IsOnExistingInput = true });
        (await Store.BeginTurnAsync(request)).Should().BeOfType<TurnCompletedBefore>();
    }

    [Fact, TurnRule("4.16", "4.12")]
    public async Task Retry_replaces_what_the_first_attempt_was_to_replace_or_is_outdated()
    {
        var id = await ConverseAsync(2);
        var request = KeyedIn(id) with { After = new KnownMessage(id, 2), ReplacesLater = true };
        await AbandonAsync(request, RunStatus.Failed);
        var retry = await BeginAsync(request);
        retry.Should().BeEquivalentTo(new { ReplacedPosition = 3, InputPosition = 5 });
        await Store.CommitTurnAsync(Completion(retry.Lease) with { Status = RunStatus.Failed });
        await AnswerAgainAsync(id, input: 1, "again");

        (await Store.BeginTurnAsync(request)).Should().Be(new TurnOutdated());
    }

    private async Task FailAsync(string id, params ConversationMessage[] output)
    {
        var failed = await BeginAsync(TurnIn(id));
        await Store.CommitTurnAsync(Completion(failed.Lease) with { Status = RunStatus.Failed, Messages = output });
    }

    private BeginTurnCommand After(string id, long position) => TurnIn(id) with { After = new KnownMessage(id, position) };
}

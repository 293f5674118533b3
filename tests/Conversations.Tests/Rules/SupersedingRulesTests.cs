namespace Conversations.Tests.Rules;

/// <summary>Superseding: second answers, and restoring what they superseded.</summary>
public class SupersedingRulesTests : RulesTest
{
    [Fact, TurnRule("4.3")]
    public async Task New_messages_are_current_when_they_name_a_run_that_superseded_them()
    {
        var created = await CreateAsync(null, Superseded(User("1")));
        var begun = await BeginAsync(Turn() with { Input = [Superseded(User("2"))] });
        await Store.CommitTurnAsync(Completion(begun.Lease) with { Messages = [Superseded(Assistant("3"))] });

        (await MessagesAsync(created.Id)).Should().HaveCount(3).And.OnlyContain(message => message.SupersededBy == null);
    }

    [Fact, TurnRule("4.3")]
    public async Task Commit_supersedes_messages_from_position_except_its_own()
    {
        var id = await ConverseAsync(3);
        var before = await MessagesAsync(id);

        var again = await AnswerAgainAsync(id, input: 3, "again", "and on");

        var after = await MessagesAsync(id);
        after.Take(6).Should().Equal(before.Select(message => message.Position < 4 ? message : message with { SupersededBy = again.RunNumber }));
        after.Skip(6).Select(message => (message.Text, message.RunNumber, message.SupersededBy)).Should().Equal(("again", again.RunNumber, null), ("and on", again.RunNumber, null));
    }

    [Fact, TurnRule("4.3")]
    public async Task Commit_supersedes_messages_of_every_kind()
    {
        var now = Time.GetUtcNow();
        var call = ConversationMessage.ToolCall("call", "tool", "{}") with { CreatedAt = now };
        var result = ConversationMessage.ToolResult("call", "result") with { CreatedAt = now };
        var id = (await CreateAsync(null, User("1"), call, result, Assistant("4"), ConversationMessage.System("5") with { CreatedAt = now }, User("6"), Error("7"))).Id;
        await Store.DeleteMessageAsync(id, 4, Host);

        await AnswerAgainAsync(id, input: 1, "again");

        (await CurrentAsync(id)).Should().Equal(1, 8);
        (await MessagesAsync(id)).Should().HaveCount(7);
    }

    [Fact, TurnRule("4.3")]
    public async Task Commit_leaves_messages_that_another_run_superseded()
    {
        var id = await ConverseAsync(1);

        var second = await AnswerAgainAsync(id, input: 1, "second");
        var third = await AnswerAgainAsync(id, input: 1, "third");

        (await MessagesAsync(id)).Select(message => message.SupersededBy).Should().Equal(null, second.RunNumber, third.RunNumber, null);
    }

    [Theory, TurnRule("4.3")]
    [InlineData(long.MinValue, 0)]
    [InlineData(-1, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 2)]
    [InlineData((1L << 32) + 1, 2)]
    [InlineData(long.MaxValue, 2)]
    public async Task Commit_supersedes_only_in_its_own_conversation(long from, int kept)
    {
        string[] others = [(await CreateAsync(ScopeOf("user_2"), User("1"), User("2"))).Id, ""];
        var id = (await CreateAsync(null, User("1"), User("2"))).Id;
        others[1] = (await CreateAsync(ScopeOf("user_3"), User("1"), User("2"))).Id;
        var before = new[] { await MessagesAsync(others[0]), await MessagesAsync(others[1]) };

        await SupersedeAsync(id, input: 1, from, restore: null, Assistant("3"));

        (await CurrentAsync(id)).Should().Equal([.. Enumerable.Range(1, kept).Select(position => (long)position), 3]);
        (await MessagesAsync(others[0])).Should().Equal(before[0]);
        (await MessagesAsync(others[1])).Should().Equal(before[1]);
    }

    [Fact, TurnRule("4.3", "1.4")]
    public async Task Commit_supersedes_nothing_when_lease_is_lost()
    {
        var id = await ConverseAsync(1);
        var second = await AnswerAgainAsync(id, input: 1, "second");
        var late = await BeginAsync(Again(id, 1));
        Time.Advance(LeaseDuration);
        await AbandonAsync(Again(id, 1), RunStatus.Cancelled);
        var before = await StateAsync();

        var committed = await Store.CommitTurnAsync(Completion(late.Lease, "late") with { SupersedeFrom = 1, Restore = second.RunNumber });

        committed.Should().BeFalse();
        (await StateAsync()).Should().Equal(before);
    }

    [Fact, TurnRule("4.4")]
    public async Task Restore_undoes_superseding_and_supersedes_second_answer()
    {
        var id = await ConverseAsync(2);
        var before = await MessagesAsync(id);
        var again = await AnswerAgainAsync(id, input: 1, "again");

        var back = await SupersedeAsync(id, input: 1, from: 2, restore: again.RunNumber);

        var after = await MessagesAsync(id);
        after.Take(4).Should().Equal(before);
        after.Skip(4).Select(message => (message.Text, message.SupersededBy)).Should().Equal(("again", back.RunNumber));
    }

    [Fact, TurnRule("4.4")]
    public async Task Restore_of_restore_returns_second_answer()
    {
        var id = await ConverseAsync(1);
        var again = await AnswerAgainAsync(id, input: 1, "again");
        var back = await SupersedeAsync(id, input: 1, from: 2, restore: again.RunNumber);

        var forth = await SupersedeAsync(id, input: 1, from: 2, restore: back.RunNumber);

        (await MessagesAsync(id)).Select(message => message.SupersededBy).Should().Equal(null, forth.RunNumber, null);
    }

    [Fact, TurnRule("4.4")]
    public async Task Restore_leaves_messages_that_other_runs_superseded()
    {
        var id = await ConverseAsync(1);
        var second = await AnswerAgainAsync(id, input: 1, "second");
        var third = await AnswerAgainAsync(id, input: 1, "third");

        var fourth = await SupersedeAsync(id, input: 1, from: 2, restore: third.RunNumber);

        (await MessagesAsync(id)).Select(message => message.SupersededBy).Should().Equal(null, second.RunNumber, null, fourth.RunNumber);
    }

    [Fact, TurnRule("4.4")]
    public async Task Restore_changes_nothing_when_run_superseded_nothing()
    {
        var id = await ConverseAsync(1);
        await AnswerAgainAsync(id, input: 1, "again");
        var before = await MessagesAsync(id);

        foreach (var run in new[] { 1, 0, -1, 99, long.MaxValue })
            await SupersedeAsync(id, input: 1, from: null, restore: run);

        (await MessagesAsync(id)).Should().Equal(before);
    }

    [Fact, TurnRule("4.5")]
    public async Task Commit_of_unfinished_second_answer_leaves_first_answer_current()
    {
        var id = await ConverseAsync(1);
        var begun = await BeginAsync(Again(id, 1));

        await Store.CommitTurnAsync(Completion(begun.Lease, "half", "of it") with { AreSuperseded = true, Status = RunStatus.Failed });

        (await MessagesAsync(id)).Select(message => (message.Position, message.SupersededBy))
            .Should().Equal((1, null), (2, null), (3, begun.Lease.RunNumber), (4, begun.Lease.RunNumber));
        (await CurrentAsync(id)).Should().Equal(1, 2);
        var run = await RunOfAsync(begun.Lease);
        (run.Status, run.SupersededBy, run.OutputPosition, run.OutputCount).Should().Be((RunStatus.Failed, null, 3, 2));
    }

    [Fact, TurnRule("4.5", "4.4")]
    public async Task Restore_of_unfinished_second_answer_makes_it_current()
    {
        var id = await ConverseAsync(1);
        var begun = await BeginAsync(Again(id, 1));
        await Store.CommitTurnAsync(Completion(begun.Lease, "half") with { AreSuperseded = true, Status = RunStatus.Cancelled });

        var back = await SupersedeAsync(id, input: 1, from: 2, restore: begun.Lease.RunNumber);

        (await MessagesAsync(id)).Select(message => message.SupersededBy).Should().Equal(null, back.RunNumber, null);
        (await RunOfAsync(begun.Lease)).Status.Should().Be(RunStatus.Cancelled);
    }

    [Fact, TurnRule("4.8")]
    public async Task Superseding_and_restoring_leave_conversation_unchanged()
    {
        var id = await ConverseAsync(2);
        var before = await GetAsync(id);
        Time.Advance(TimeSpan.FromSeconds(1));

        var none = await SupersedeAsync(id, input: 1, from: 2, restore: null);
        var superseded = await GetAsync(id);
        await SupersedeAsync(id, input: 1, from: null, restore: none.RunNumber);

        superseded.Should().Be(before);
        (await GetAsync(id)).Should().Be(before);
        (await CurrentAsync(id)).Should().Equal(1, 2, 3, 4);
        (await ExchangeAsync()).InputPosition.Should().Be(5);
    }

    [Fact, TurnRule("5.7")]
    public async Task Create_keeps_ForkedFrom()
    {
        var forked = await Store.CreateConversationAsync(Creation(null, User("1")) with { ForkedFrom = "Msg_'1'_🌧" });
        var other = await CreateAsync(ScopeOf("user_2"), User("1"));

        forked.ForkedFrom.Should().Be("Msg_'1'_🌧");
        other.ForkedFrom.Should().BeNull();
        foreach (var (id, expected) in new[] { (forked.Id, forked.ForkedFrom), (other.Id, null) })
        {
            (await GetAsync(id)).ForkedFrom.Should().Be(expected);
            (await ListAsync()).Single(conversation => string.Equals(conversation.Id, id, StringComparison.Ordinal)).ForkedFrom.Should().Be(expected);
        }

        (await Store.GetCurrentAsync(ScopeOf()))!.ForkedFrom.Should().Be(forked.ForkedFrom);
    }

    /// <summary>Reads the positions of the messages that are current.</summary>
    private async Task<IEnumerable<long>> CurrentAsync(string conversationId) =>
        (await MessagesAsync(conversationId)).Where(message => !message.IsSuperseded).Select(message => message.Position);

    private static StoredMessage Superseded(ConversationMessage message) => message.StoredAt("conv_other", 1) with { SupersededBy = 1 };
}

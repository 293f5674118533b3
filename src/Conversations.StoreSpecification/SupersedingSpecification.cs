using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Superseding: what was answered again or brought back stands beside what stood there before.</summary>
public abstract class SupersedingSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("7.2")]
    public async Task Window_passes_over_superseded_messages_before_it_counts()
    {
        var id = await ConverseAsync(2);
        await AnswerAgainAsync(id, input: 1, "again");

        var window = await Store.ReadWindowAsync(new WindowQuery { ConversationId = id, Access = Host, Before = 9, Limit = 2 });

        window.Select(message => (message.Position, message.Text)).Should().Equal((1, "question 1"), (5, "again"));
    }

    [Fact, Rule("7.2", "7.4")]
    public async Task Window_with_a_token_limit_passes_over_superseded_messages_before_it_adds_up()
    {
        var id = (await CreateAsync(null, Counted("question", 2), Counted("long", int.MaxValue))).Id;
        await SupersedeAsync(id, input: 1, from: 2, restore: null, Counted("short", 3));

        var window = await Store.ReadWindowAsync(new WindowQuery { ConversationId = id, Access = Host, Before = 9, Limit = 9, TokenLimit = new TokenAmount(5, "counter") });

        window.Select(message => message.Text).Should().Equal("question", "short");
    }

    [Fact, Rule("8.1")]
    public async Task Read_gives_superseded_messages_like_any_other()
    {
        var id = await ConverseAsync(2);
        await AnswerAgainAsync(id, input: 1, "again");

        (await PageAsync(new() { Limit = 9, ConversationId = id, Access = Host })).Should().Equal(1, 2, 3, 4, 5);
        (await PageAsync(new() { Limit = 2, ConversationId = id, Access = Host, NewestFirst = true })).Should().Equal(5, 4);
    }

    [Fact, Rule("8.1")]
    public async Task Read_of_current_messages_passes_over_superseded_ones_before_it_counts()
    {
        var id = await ConverseAsync(2);
        await AnswerAgainAsync(id, input: 1, "again");
        var range = new MessageRange { ConversationId = id, Access = Host, CurrentOnly = true, Limit = 2 };

        (await PageAsync(range)).Should().Equal(1, 5);
        (await PageAsync(range with { After = 1 })).Should().Equal(5);
        (await PageAsync(range with { After = 3 })).Should().Equal(5);
        (await PageAsync(range with { NewestFirst = true })).Should().Equal(5, 1);
        (await PageAsync(range with { NewestFirst = true, After = 4 })).Should().Equal(1);
        (await PageAsync(range with { NewestFirst = true, Limit = 1 })).Should().Equal(5);
    }

    [Fact, Rule("19.2")]
    public async Task Messages_that_go_in_are_current_whatever_they_say()
    {
        var created = await CreateAsync(null, User("1") with { SupersededBy = 1 });
        var begun = await BeginAsync(Turn() with { Input = [User("2") with { SupersededBy = 1 }] });
        await Store.CommitTurnAsync(Completion(begun.Lease) with { Messages = [Assistant("3") with { SupersededBy = 1 }] });

        (await MessagesAsync(created.Id)).Should().HaveCount(3).And.OnlyContain(message => message.SupersededBy == null);
    }

    [Fact, Rule("19.2")]
    public async Task Commit_supersedes_what_stands_from_the_position_on_but_for_its_own_messages()
    {
        var id = await ConverseAsync(3);
        var before = await MessagesAsync(id);

        var again = await AnswerAgainAsync(id, input: 3, "again", "and on");

        var after = await MessagesAsync(id);
        after.Take(6).Should().Equal(before.Select(message => message.Position < 4 ? message : message with { SupersededBy = again.Fence }));
        after.Skip(6).Select(message => (message.Text, message.RunNumber, message.SupersededBy)).Should().Equal(("again", again.Fence, null), ("and on", again.Fence, null));
    }

    [Fact, Rule("19.2")]
    public async Task Commit_supersedes_messages_of_every_kind_and_passes_over_holes()
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

    [Fact, Rule("19.2")]
    public async Task Commit_leaves_what_was_superseded_before_to_the_run_that_did_it()
    {
        var id = await ConverseAsync(1);

        var second = await AnswerAgainAsync(id, input: 1, "second");
        var third = await AnswerAgainAsync(id, input: 1, "third");

        (await MessagesAsync(id)).Select(message => message.SupersededBy).Should().Equal(null, second.Fence, third.Fence, null);
    }

    [Theory, Rule("19.2")]
    [InlineData(long.MinValue, 0)]
    [InlineData(-1, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 2)]
    [InlineData((1L << 32) + 1, 2)]
    [InlineData(long.MaxValue, 2)]
    public async Task Commit_supersedes_in_its_own_conversation_alone(long from, int kept)
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

    [Fact, Rule("19.2", "4.4")]
    public async Task Commit_that_is_refused_supersedes_and_restores_nothing()
    {
        var id = await ConverseAsync(1);
        var second = await AnswerAgainAsync(id, input: 1, "second");
        var late = await BeginAsync(Again(id, 1));
        Time.Advance(LeaseDuration);
        await AbandonAsync(Again(id, 1), RunStatus.Cancelled);
        var before = await StateAsync();

        var committed = await Store.CommitTurnAsync(Completion(late.Lease, "late") with { SupersedeFrom = 1, Restore = second.Fence });

        committed.Should().BeFalse();
        (await StateAsync()).Should().Equal(before);
    }

    [Fact, Rule("19.3")]
    public async Task Restore_brings_back_what_a_run_superseded_and_supersedes_what_stood_in_its_place()
    {
        var id = await ConverseAsync(2);
        var before = await MessagesAsync(id);
        var again = await AnswerAgainAsync(id, input: 1, "again");

        var back = await SupersedeAsync(id, input: 1, from: 2, restore: again.Fence);

        var after = await MessagesAsync(id);
        after.Take(4).Should().Equal(before);
        after.Skip(4).Select(message => (message.Text, message.SupersededBy)).Should().Equal(("again", back.Fence));
    }

    [Fact, Rule("19.3")]
    public async Task Restore_of_a_restore_brings_back_what_stood_in_between()
    {
        var id = await ConverseAsync(1);
        var again = await AnswerAgainAsync(id, input: 1, "again");
        var back = await SupersedeAsync(id, input: 1, from: 2, restore: again.Fence);

        var forth = await SupersedeAsync(id, input: 1, from: 2, restore: back.Fence);

        (await MessagesAsync(id)).Select(message => message.SupersededBy).Should().Equal(null, forth.Fence, null);
    }

    [Fact, Rule("19.3")]
    public async Task Restore_leaves_what_other_runs_superseded()
    {
        var id = await ConverseAsync(1);
        var second = await AnswerAgainAsync(id, input: 1, "second");
        var third = await AnswerAgainAsync(id, input: 1, "third");

        var fourth = await SupersedeAsync(id, input: 1, from: 2, restore: third.Fence);

        (await MessagesAsync(id)).Select(message => message.SupersededBy).Should().Equal(null, second.Fence, null, fourth.Fence);
    }

    [Fact, Rule("19.3")]
    public async Task Restore_of_a_run_that_superseded_nothing_here_restores_nothing()
    {
        var id = await ConverseAsync(1);
        var elsewhere = await BeginAsync(Turn(ScopeOf("user_2")) with { Input = [User("1"), User("2")] });
        await CommitAsync(elsewhere.Lease);
        var there = await AnswerAgainAsync(elsewhere.Lease.ConversationId, input: 1, "there");
        await AnswerAgainAsync(id, input: 1, "again");
        var before = await MessagesAsync(id);
        var beforeThere = await MessagesAsync(elsewhere.Lease.ConversationId);

        foreach (var run in new[] { 1, there.Fence, 0, -1, long.MaxValue })
            await SupersedeAsync(id, input: 1, from: null, restore: run);

        (await MessagesAsync(id)).Should().Equal(before);
        (await MessagesAsync(elsewhere.Lease.ConversationId)).Should().Equal(beforeThere);
    }

    [Fact, Rule("19.4")]
    public async Task Commit_of_superseded_messages_leaves_what_stands_there_current()
    {
        var id = await ConverseAsync(1);
        var begun = await BeginAsync(Again(id, 1));

        await Store.CommitTurnAsync(Completion(begun.Lease, "half", "of it") with { AreSuperseded = true, Status = RunStatus.Failed });

        (await MessagesAsync(id)).Select(message => (message.Position, message.SupersededBy))
            .Should().Equal((1, null), (2, null), (3, begun.Lease.Fence), (4, begun.Lease.Fence));
        (await CurrentAsync(id)).Should().Equal(1, 2);
        var run = await RunOfAsync(begun.Lease);
        (run.Status, run.SupersededBy, run.OutputPosition, run.OutputCount).Should().Be((RunStatus.Failed, null, 3, 2));
    }

    [Fact, Rule("19.4", "19.3")]
    public async Task Restore_of_a_run_brings_back_what_it_superseded_of_its_own()
    {
        var id = await ConverseAsync(1);
        var begun = await BeginAsync(Again(id, 1));
        await Store.CommitTurnAsync(Completion(begun.Lease, "half") with { AreSuperseded = true, Status = RunStatus.Cancelled });

        var back = await SupersedeAsync(id, input: 1, from: 2, restore: begun.Lease.Fence);

        (await MessagesAsync(id)).Select(message => message.SupersededBy).Should().Equal(null, back.Fence, null);
        (await RunOfAsync(begun.Lease)).Status.Should().Be(RunStatus.Cancelled);
    }

    [Fact, Rule("19.6")]
    public async Task Superseding_and_restoring_change_nothing_of_the_conversation()
    {
        var id = await ConverseAsync(2);
        var before = await GetAsync(id);
        Time.Advance(TimeSpan.FromSeconds(1));

        var none = await SupersedeAsync(id, input: 1, from: 2, restore: null);
        var superseded = await GetAsync(id);
        await SupersedeAsync(id, input: 1, from: null, restore: none.Fence);

        superseded.Should().Be(before);
        (await GetAsync(id)).Should().Be(before);
        (await CurrentAsync(id)).Should().Equal(1, 2, 3, 4);
        (await ExchangeAsync()).InputPosition.Should().Be(5);
    }

    [Fact, Rule("19.7")]
    public async Task ForkedFrom_comes_back_as_it_went_in()
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

    private ConversationMessage Counted(string text, int count) => User(text) with { Tokens = new TokenAmount(count, "counter") };

    /// <summary>Reads the positions of the messages that are current.</summary>
    private async Task<IEnumerable<long>> CurrentAsync(string conversationId) =>
        (await MessagesAsync(conversationId)).Where(message => !message.IsSuperseded).Select(message => message.Position);

    private async Task<IEnumerable<long>> PageAsync(MessageRange range) => (await Store.ReadMessagesAsync(range)).Select(message => message.Position);
}

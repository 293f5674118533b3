using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations.Tests.Manager;

/// <summary>Messages that no longer go to the model are summarized, after the commit and without the lease.</summary>
public abstract class SummaryTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private readonly FakeSummarizer _summarizer = new();

    [Fact]
    public async Task Prompt_begins_with_a_summary_of_what_the_window_leaves_out()
    {
        var manager = Summarizing();
        await TalkAsync(manager, 5);

        await using var turn = await Of(manager).BeginTurnAsync(new TurnRequest("bot", "now"), Cancellation);

        turn.Prompt[0].Role.Should().Be(MessageRole.User);
        turn.Prompt[0].Text.Should().Be("[Summary of the conversation so far]\nq1 a1 q2 a2 q3 a3 q4 a4");
        turn.Prompt.Skip(1).Select(message => message.Text).Should().Equal("q5", "a5", "now");
        turn.Window.Summary!.Through.Should().Be(8);
        turn.Window.Excluded.Should().Equal(new ExcludedRange(ExclusionReason.Summarized, 1, 8));
        _summarizer.Requests.Should().BeEquivalentTo(
            [
                new { PreviousSummary = (string?)null, Messages = new[] { new { Text = "q1" }, new { Text = "a1" }, new { Text = "q2" }, new { Text = "a2" } } },
                new { PreviousSummary = (string?)"q1 a1 q2 a2", Messages = new[] { new { Text = "q3" }, new { Text = "a3" }, new { Text = "q4" }, new { Text = "a4" } } },
            ],
            options => options.WithStrictOrdering());
        (await Manager.GetMessagesAsync(turn.ConversationId!, cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().HaveCount(11, "nothing is rewritten");
    }

    [Fact]
    public async Task Summary_changes_the_beginning_of_prompts_no_more_often_than_a_cut()
    {
        var manager = Summarizing(threshold: 1);
        var (beginnings, cuts) = (new List<string>(), new List<long?>());
        for (var i = 1; i <= 30; i++)
        {
            await Of(manager).RunTurnAsync("bot", $"q{i}", (turn, _) =>
            {
                beginnings.Add(turn.Prompt[0].Text);
                cuts.Add(turn.Window.FirstPosition);
                return Task.FromResult(turn.Add(ConversationMessage.Assistant($"a{i}")));
            }, Cancellation);
            await manager.WaitForSummariesAsync(Cancellation);
        }

        beginnings.Distinct().Should().HaveCountLessThanOrEqualTo(cuts.Distinct().Count());
        cuts.Distinct().Should().HaveCountLessThan(17);
    }

    [Fact]
    public async Task Summary_is_made_only_above_the_threshold()
    {
        var manager = Summarizing(threshold: 100);

        await TalkAsync(manager, 8);

        _summarizer.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Turns_continue_while_a_summary_is_made_and_one_is_made_at_a_time()
    {
        var manager = Summarizing();
        using var hold = _summarizer.Hold();
        for (var i = 1; i <= 6; i++)
            await Of(manager).RunTurnAsync("bot", $"q{i}", Say($"a{i}"), Cancellation);
        await _summarizer.Reached;

        var count = _summarizer.Requests.Count;
        hold.Dispose();
        await manager.WaitForSummariesAsync(Cancellation);

        count.Should().Be(1);
        (await SummaryAsync(manager))!.Through.Should().Be(8, "it goes on to where the turns have come meanwhile");
    }

    [Fact]
    public async Task Summary_made_by_two_processes_at_once_is_saved_once()
    {
        var other = new FakeSummarizer();
        var (one, two) = (Summarizing(), Summarizing(other));
        using var holdOne = _summarizer.Hold();
        using var holdTwo = other.Hold();
        for (var i = 1; i <= 4; i++)
        {
            await Of(one).RunTurnAsync("bot", $"q{i}", Say($"a{i}"), Cancellation);
            await Of(two).RunTurnAsync("bot", $"r{i}", Say($"b{i}"), Cancellation);
        }

        await Task.WhenAll(_summarizer.Reached, other.Reached);
        holdOne.Dispose();
        await one.WaitForSummariesAsync(Cancellation);
        var first = await SummaryAsync(one);
        holdTwo.Dispose();
        await two.WaitForSummariesAsync(Cancellation);

        (await SummaryAsync(one))!.Through.Should().BeGreaterThanOrEqualTo(first!.Through, "the second goes on from the first, once its own was refused");
        (await SummaryAsync(one))!.MessageCount.Should().Be((await SummaryAsync(one))!.Through, "each covers what the one before it did, and no message twice");
    }

    [Fact]
    public async Task GetSummary_returns_the_newest_summary_of_a_conversation_in_reach()
    {
        var manager = Summarizing();
        await TalkAsync(manager, 1);
        var id = (await Of(manager).GetCurrentAsync("bot", cancellationToken: Cancellation))!.Id;
        var before = await Of(manager).GetSummaryAsync(id, Cancellation);

        await TalkAsync(manager, 5);

        before.Should().BeNull();
        (await Of(manager).GetSummaryAsync(id, Cancellation)).Should().NotBeNull().And.Be(await SummaryAsync(manager));
        (await manager.GetSummaryAsync(id, Cancellation)).Should().NotBeNull();
        (await manager.ForIdentity(ConversationIdentity.ForUser("stranger")).GetSummaryAsync(id, Cancellation)).Should().BeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData(null)]
    public async Task Blank_summary_is_refused_and_requested_again(string? blank)
    {
        var manager = Summarizing();
        _summarizer.Answer = _ => blank!;
        await TalkAsync(manager, 4);
        (await SummaryAsync(manager)).Should().BeNull();

        _summarizer.Answer = null;
        await TalkAsync(manager, 1);

        (await SummaryAsync(manager))!.Text.Should().StartWith("q1 a1");
        Log.Entries.Should().Contain(entry => entry.Level == LogLevel.Warning && entry.Text.Contains("blank", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Summary_that_costs_more_than_half_of_the_limit_is_refused()
    {
        var manager = Summarizing(tokenLimit: 100);
        _summarizer.Answer = _ => string.Concat(Enumerable.Repeat("words ", 200));

        await TalkAsync(manager, 10);

        (await SummaryAsync(manager)).Should().BeNull();
        Log.Entries.Should().Contain(entry => entry.Level == LogLevel.Warning && entry.Text.Contains("more than half", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Summarizer_that_fails_affects_no_turn_and_its_message_is_not_logged()
    {
        var manager = Summarizing();
        _summarizer.Answer = _ => throw new InvalidOperationException("q1 is a secret");

        await TalkAsync(manager, 4);

        (await SummaryAsync(manager)).Should().BeNull();
        Log.Entries.Should().Contain(entry => entry.Level == LogLevel.Warning && entry.Text.Contains(nameof(InvalidOperationException), StringComparison.Ordinal));
        Log.Entries.Should().NotContain(entry => entry.Text.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Deletion_of_a_message_drops_the_summary_that_covers_it()
    {
        var manager = Summarizing();
        await TalkAsync(manager, 5);
        var conversation = (await Of(manager).GetCurrentAsync("bot", cancellationToken: Cancellation))!;

        await Manager.DeleteMessageAsync(ConversationIds.Message(conversation.Id, 5), Cancellation);

        (await SummaryAsync(manager))!.Through.Should().Be(4, "the summary before it does not cover the message");
        await Manager.DeleteMessageAsync(ConversationIds.Message(conversation.Id, 1), Cancellation);
        (await SummaryAsync(manager)).Should().BeNull();
        await TalkAsync(manager, 1);
        (await SummaryAsync(manager))!.Text.Should().NotContain("q1").And.NotContain("q3").And.Contain("a1");
    }

    [Fact]
    public async Task Summary_is_made_again_when_a_covered_message_is_deleted_meanwhile()
    {
        var manager = Summarizing();
        using var hold = _summarizer.Hold();
        var result = await Of(manager).RunTurnAsync("bot", "q1", Say("a1"), Cancellation);
        for (var i = 2; i <= 4; i++)
            await Of(manager).RunTurnAsync("bot", $"q{i}", Say($"a{i}"), Cancellation);
        await _summarizer.Reached;

        await Manager.DeleteMessageAsync(result.ReplyMessageId!, Cancellation);
        hold.Dispose();
        await manager.WaitForSummariesAsync(Cancellation);

        (await SummaryAsync(manager))!.Text.Should().Contain("q1").And.NotContain("a1");
    }

    [Fact]
    public async Task Summary_is_left_to_the_next_turn_when_it_is_refused_repeatedly()
    {
        await using var store = new RestlessStore(Store);
        var manager = Summarizing(store: store);
        await TalkAsync(manager, 3);
        var before = _summarizer.Requests.Count;

        await TalkAsync(manager, 1);

        (_summarizer.Requests.Count - before).Should().Be(3);
        (await SummaryAsync(manager)).Should().BeNull();
    }

    [Fact]
    public async Task Long_history_without_a_summary_is_summarised_in_batches_of_whole_exchanges()
    {
        var manager = Summarizing();
        var talk = Enumerable.Range(1, 130).SelectMany(i => new[]
        {
            ConversationMessage.User($"q{i}"),
            ConversationMessage.ToolCall("1", "look", "{}"),
            ConversationMessage.ToolResult("1", "seen"),
            ConversationMessage.Error("an error is not summarised"),
        });
        await manager.ImportAsync(new ConversationImport("bot", talk) { Identity = ConversationIdentity.ForUser("alice") }, Cancellation);

        await TalkAsync(manager, 1);

        _summarizer.Requests.Should().HaveCount(3);
        _summarizer.Requests.Select(request => request.Messages[0].Role).Should().AllBeEquivalentTo(MessageRole.User);
        _summarizer.Requests.Select(request => request.Messages[^1].Kind).Should().AllBeEquivalentTo(MessageKind.ToolResult);
        _summarizer.Requests.SelectMany(request => request.Messages).Should().NotContain(message => message.Kind == MessageKind.Error);
    }

    /// <summary>How many turns a long talk has; fewer on a disk.</summary>
    protected abstract int Turns { get; }

    [Fact]
    public async Task Long_conversation_stays_under_its_limit_and_readable()
    {
        const int Limit = 300;
        var manager = Summarizing(tokenLimit: Limit);
        var largest = 0;
        string? conversation = null;
        for (var i = 1; i <= Turns; i++)
        {
            var result = await Of(manager).RunTurnAsync("bot", $"question {i}", (turn, _) =>
            {
                turn.Add(ConversationMessage.Assistant($"answer {i}"));
                largest = Math.Max(largest, turn.Window.Tokens.Count);
                return Task.CompletedTask;
            }, Cancellation);
            await manager.WaitForSummariesAsync(Cancellation);
            conversation = result.ConversationId;
        }

        largest.Should().BeInRange(Limit / 2, Limit);
        (await SummaryAsync(manager))!.Through.Should().BeGreaterThan((2 * Turns) - 60);
        (await manager.GetMessagesAsync(conversation!, cancellationToken: Cancellation).CountAsync(Cancellation)).Should().Be(2 * Turns);
    }

    private static ScopedConversations Of(ConversationManager manager) => manager.ForIdentity(ConversationIdentity.ForUser("alice"));

    private static async Task<ConversationSummary?> SummaryAsync(ConversationManager manager) =>
        (await Of(manager).ExplainAsync(new TurnRequest("bot", "now"), Cancellation)).Window!.Summary;

    private static async Task TalkAsync(ConversationManager manager, int turns)
    {
        var asked = await Of(manager).GetCurrentAsync("bot", cancellationToken: Cancellation) is { } current ? (int)current.LastPosition / 2 : 0;
        for (var i = asked + 1; i <= asked + turns; i++)
        {
            await Of(manager).RunTurnAsync("bot", $"q{i}", Say($"a{i}"), Cancellation);
            await manager.WaitForSummariesAsync(Cancellation);
        }
    }

    private ConversationManager Summarizing(FakeSummarizer? summarizer = null, int threshold = 2, int? tokenLimit = null, IConversationStore? store = null) => new(
        store ?? Store,
        new ConversationOptions().AddAgent("bot", agent =>
        {
            agent.Summarizer = summarizer ?? _summarizer;
            agent.SummaryThreshold = threshold;
            agent.HistoryLimit = tokenLimit is null ? 5 : 1_000;
            agent.TokenLimit = tokenLimit;
        }),
        Time,
        Log);

    /// <summary>A store whose histories change between any two loads.</summary>
    private sealed class RestlessStore(IConversationStore inner) : DelegatingConversationStore(inner)
    {
        private long _revision;

        public override async ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default)
        {
            var state = await Inner.LoadAsync(lookup, cancellationToken);
            return lookup.SummaryBefore is null || state.Conversation is null ? state : state with { Conversation = state.Conversation with { HistoryRevision = ++_revision } };
        }
    }
}

public sealed class SummaryTestsInMemory : SummaryTests<InMemory>
{
    protected override int Turns => 10_000;
}

public sealed class SummaryTestsOnSqlite : SummaryTests<Sqlite>
{
    protected override int Turns => 1_000;
}

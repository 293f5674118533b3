using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>When a summary is saved, and what removes it.</summary>
public class SummaryRulesTests : RulesTest
{
    [Fact, TurnRule("8.3")]
    public async Task Save_keeps_summary_with_time_of_store()
    {
        var id = await CreateAsync(3);
        Time.Advance(TimeSpan.FromTicks(7));
        var savedAt = Time.GetUtcNow();

        var saved = await Store.SaveSummaryAsync(await CommandAsync(id, 0, 2) with { Text = "summary", Tokens = new TokenAmount(3, "Zähler") });
        Time.Advance(TimeSpan.FromSeconds(1));

        saved.Should().BeTrue();
        (await NewestAsync(id)).Should().Be(new ConversationSummary { ConversationId = id, Through = 2, MessageCount = 2, Text = "summary", Tokens = new TokenAmount(3, "Zähler"), CreatedAt = savedAt });
    }

    [Fact, TurnRule("8.3")]
    public async Task Save_adds_up_counts_of_base_and_of_messages()
    {
        var id = await CreateAsync(5);
        await Store.DeleteMessageAsync(id, 2, Host);
        await Store.SaveSummaryAsync(await CommandAsync(id, 0, 3) with { MessageCount = 2 });

        await Store.SaveSummaryAsync(await CommandAsync(id, 3, 5));

        (await NewestAsync(id))!.MessageCount.Should().Be(4);
    }

    [Fact, TurnRule("8.1")]
    public async Task Save_is_refused_when_base_is_not_the_newest()
    {
        var id = await CreateAsync(5);
        var early = await Store.SaveSummaryAsync(await CommandAsync(id, 2, 4));
        (await SaveAsync(id, 0, 2)).Should().BeTrue();
        (await SaveAsync(id, 2, 4)).Should().BeTrue();
        var before = await SummariesAsync(id);

        early.Should().BeFalse("there was none yet");
        foreach (var from in new long[] { 0, 1, 2, 3 })
            (await SaveAsync(id, from, 5)).Should().BeFalse();

        (await SummariesAsync(id)).Should().Equal(before);
        (await SaveAsync(id, 4, 5)).Should().BeTrue();
    }

    [Fact, TurnRule("8.1")]
    public async Task Save_is_refused_when_base_was_replaced_by_one_that_ends_at_same_position()
    {
        var id = await CreateAsync(8);
        await SaveAsync(id, 0, 4);
        var outdated = await CommandAsync(id, 4, 6);
        await Store.DeleteMessageAsync(id, 2, Host);
        await Store.SaveSummaryAsync(await CommandAsync(id, 0, 4) with { MessageCount = 3 });

        (await Store.SaveSummaryAsync(outdated)).Should().BeFalse();

        (await NewestAsync(id))!.Through.Should().Be(4);
    }

    [Fact, TurnRule("8.1")]
    public async Task Save_is_refused_when_it_covers_no_more_messages()
    {
        var id = await CreateAsync(3);
        var empty = await SaveAsync(id, 0, 0);
        await SaveAsync(id, 0, 2);
        var before = await SummariesAsync(id);

        empty.Should().BeFalse();
        foreach (var through in new long[] { 2, 1, 0, -1, long.MinValue })
            (await SaveAsync(id, 2, through)).Should().BeFalse();

        (await SummariesAsync(id)).Should().Equal(before);
    }

    [Fact, TurnRule("8.1")]
    public async Task Save_is_refused_when_it_ends_after_last_position()
    {
        var id = await CreateAsync(2);

        foreach (var through in new[] { 3, 1L << 32, (1L << 32) + 1, long.MaxValue })
            (await SaveAsync(id, 0, through)).Should().BeFalse();

        (await NewestAsync(id)).Should().BeNull();
    }

    [Fact, TurnRule("8.1", "8.2")]
    public async Task Save_is_refused_when_message_was_deleted_since()
    {
        var id = await CreateAsync(4);
        await SaveAsync(id, 0, 2);
        var outdated = await CommandAsync(id, 2, 4);
        await Store.DeleteMessageAsync(id, 4, Host);

        (await Store.SaveSummaryAsync(outdated)).Should().BeFalse();

        (await Store.SaveSummaryAsync(await CommandAsync(id, 2, 4) with { MessageCount = 1 })).Should().BeTrue();
    }

    [Fact, TurnRule("8.1", "4.8")]
    public async Task Save_is_refused_when_messages_were_superseded_since()
    {
        var id = await CreateAsync(4);
        var outdated = await CommandAsync(id, 0, 4);
        await AnswerAgainAsync(id, input: 3, "again");

        (await Store.SaveSummaryAsync(outdated)).Should().BeFalse();
    }

    [Fact, TurnRule("8.1", "4.8")]
    public async Task Save_is_refused_when_messages_were_restored_since()
    {
        var id = await CreateAsync(4);
        var again = await AnswerAgainAsync(id, input: 3, "again");
        var outdated = await CommandAsync(id, 0, 5);
        await SupersedeAsync(id, input: 3, from: 4, restore: again.RunNumber);

        (await Store.SaveSummaryAsync(outdated)).Should().BeFalse();
    }

    [Fact, TurnRule("8.1")]
    public async Task Save_succeeds_when_messages_were_only_appended_since()
    {
        var id = await CreateAsync(2);
        var command = await CommandAsync(id, 0, 2);
        await ExchangeAsync();

        (await Store.SaveSummaryAsync(command)).Should().BeTrue();
    }

    [Fact, TurnRule("8.1")]
    public async Task Save_is_refused_when_conversation_is_unknown() => (await SaveAsync("conv_unknown", 0, 1)).Should().BeFalse();

    [Fact, TurnRule("8.2", "7.1")]
    public async Task DeleteMessage_drops_summaries_that_cover_it_and_no_others()
    {
        var (id, other) = (await SummarizeAsync(ScopeOf(), 8), await SummarizeAsync(ScopeOf("user_2"), 8));

        var kept = await ThroughsAfterDeletionAsync(id, 8, 7);
        var covered = await ThroughsAfterDeletionAsync(id, 4);
        var again = await ThroughsAfterDeletionAsync(id, 4, 0, -1, 99, -(1L << 32) + 1);
        var oldest = await ThroughsAfterDeletionAsync(id, 1);

        kept.Should().Equal(2, 4, 6);
        covered.Should().Equal(2);
        again.Should().Equal(2);
        oldest.Should().BeEmpty();
        (await ThroughsAsync(other)).Should().Equal(2, 4, 6);
    }

    [Fact, TurnRule("4.8", "8.2")]
    public async Task Superseding_drops_summaries_that_cover_changed_messages_and_no_others()
    {
        var id = await SummarizeAsync(ScopeOf(), 6);

        await AnswerAgainAsync(id, input: 6, "again");
        var kept = await ThroughsAsync(id);
        var lease = await AnswerAgainAsync(id, input: 3, "once more");
        var covered = await ThroughsAsync(id);
        await SupersedeAsync(id, input: 1, from: 3, restore: lease.RunNumber);

        kept.Should().Equal(2, 4, 6);
        covered.Should().Equal(2);
        (await ThroughsAsync(id)).Should().Equal(2);
        (await SaveAsync(id, 2, 8)).Should().BeTrue();
    }

    [Fact, TurnRule("8.2", "7.2")]
    public async Task Delete_drops_summaries_of_conversation_and_no_others()
    {
        var (id, other) = (await SummarizeAsync(ScopeOf(), 6), await SummarizeAsync(ScopeOf("user_2"), 6));

        await Store.DeleteConversationAsync(id, Host);

        (await NewestAsync(id)).Should().BeNull();
        (await ThroughsAsync(other)).Should().Equal(2, 4, 6);
    }

    [Fact, TurnRule("8.4")]
    public async Task Load_returns_newest_summary_that_ends_before_position()
    {
        await SummarizeAsync(ScopeOf("user_2"), 6);
        var id = await CreateAsync(5);
        await SaveAsync(id, 0, 2);
        await SaveAsync(id, 2, 4);
        long[] positions = [long.MaxValue, (1L << 32) + 1, 6, 5, 4, 3, 2, 1, 0, -1, -(1L << 32) + 3, long.MinValue];

        var found = new List<long?>();
        foreach (var before in positions)
            found.Add((await Store.GetSummaryAsync(id, Host, before))?.Through);

        found.Should().Equal(4, 4, 4, 4, 2, 2, null, null, null, null, null, null);
    }

    [Fact, TurnRule("8.5")]
    public async Task Save_is_no_activity_and_leaves_open_turn()
    {
        var begun = await BeginAsync(Turn() with { Input = [User("1"), User("2")] });
        var id = begun.Lease.ConversationId;
        var before = await GetAsync(id);
        Time.Advance(LeaseDuration / 2);

        var saved = await SaveAsync(id, 0, 1);

        saved.Should().BeTrue();
        (await GetAsync(id)).Should().Be(before);
        (await Store.BeginTurnAsync(Turn())).Should().Be(new TurnLocked(id, begun.Lease.RunNumber, LeaseDuration / 2));
        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();
        (await ThroughsAsync(id)).Should().Equal(1);
    }

    [Fact, TurnRule("8.5")]
    public async Task Save_succeeds_when_conversation_ended()
    {
        var id = await CreateAsync(1);
        await SetStatusAsync(id, ConversationStatus.Ended);

        (await SaveAsync(id, 0, 1)).Should().BeTrue();
    }

    [Fact, TurnRule("2.8", "8.1")]
    public async Task Save_and_load_of_outsider_find_nothing()
    {
        var id = await CreateAsync(2);
        await SaveAsync(id, 0, 1);
        ConversationAccess[] outsiders = [AccessOf(ScopeOf("user_2")), AccessOf(ScopeOf("USER_1")), AccessOf(ScopeOf(project: "other")), new("other", null), new("default", [])];

        foreach (var access in outsiders)
        {
            (await Store.GetSummaryAsync(id, access, 9)).Should().BeNull();
            (await Store.SaveSummaryAsync(await CommandAsync(id, 1, 2) with { Access = access })).Should().BeFalse();
        }

        (await ThroughsAsync(id)).Should().Equal(1);
    }

    [Fact, TurnRule("2.8", "8.1")]
    public async Task Save_of_owner_succeeds()
    {
        var id = await CreateAsync(2);

        (await Store.SaveSummaryAsync(await CommandAsync(id, 0, 2) with { Access = AccessOf(ScopeOf()) })).Should().BeTrue();
    }

    private async Task<string> CreateAsync(int messages) => (await CreateAsync(null, Enumerable.Range(1, messages).Select(number => User($"{number}")))).Id;

    /// <summary>Creates a conversation with summaries through 2, 4 and 6.</summary>
    private async Task<string> SummarizeAsync(ConversationScope scope, int messages)
    {
        var id = (await CreateAsync(scope, Enumerable.Range(1, messages).Select(number => User($"{number}")))).Id;
        foreach (var from in new long[] { 0, 2, 4 })
            (await SaveAsync(id, from, from + 2)).Should().BeTrue();
        return id;
    }

    private async Task<bool> SaveAsync(string conversationId, long from, long through) => await Store.SaveSummaryAsync(await CommandAsync(conversationId, from, through));

    /// <summary>A summary of the messages after the position at which another ends, up to another position, as of now.</summary>
    private async Task<SaveSummaryCommand> CommandAsync(string conversationId, long from, long through) => new()
    {
        ConversationId = conversationId,
        Access = Host,
        Base = await Store.GetSummaryAsync(conversationId, Host, from + 1) is { } summary && summary.Through == from ? summary : BaseOf(conversationId, from),
        HistoryRevision = (await Store.FindAsync(conversationId))?.HistoryRevision ?? 0,
        Through = through,
        MessageCount = (int)Math.Clamp(through - from, 0, int.MaxValue),
        Text = $"{from + 1} to {through}",
        StartedAt = Time.GetUtcNow(),
    };

    private ConversationSummary? BaseOf(string conversationId, long through) =>
        through == 0 ? null : new ConversationSummary { ConversationId = conversationId, Through = through, MessageCount = (int)through, Text = "base", CreatedAt = Time.GetUtcNow() };

    private Task<ConversationSummary?> NewestAsync(string conversationId) => Store.GetSummaryAsync(conversationId, Host, long.MaxValue);

    /// <summary>Reads all summaries of a conversation, oldest first.</summary>
    private async Task<IReadOnlyList<ConversationSummary>> SummariesAsync(string conversationId)
    {
        var summaries = new List<ConversationSummary>();
        while (await Store.GetSummaryAsync(conversationId, Host, summaries is [var oldest, ..] ? oldest.Through : long.MaxValue) is { } summary)
            summaries.Insert(0, summary);
        return summaries;
    }

    private async Task<IEnumerable<long>> ThroughsAsync(string conversationId) => (await SummariesAsync(conversationId)).Select(summary => summary.Through);

    private async Task<IEnumerable<long>> ThroughsAfterDeletionAsync(string conversationId, params long[] positions)
    {
        foreach (var position in positions)
            await Store.DeleteMessageAsync(conversationId, position, Host);
        return await ThroughsAsync(conversationId);
    }
}

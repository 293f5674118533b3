using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A capability: summaries are kept beside the messages that they cover.</summary>
public abstract class SummarySpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    /// <summary>The names of texts that may be a summary.</summary>
    public static TheoryData<string> TextNames => HostileTexts.KeyNames;

    private IConversationSummaryStore Summaries => SummaryCommands.FeatureOf(Store);

    [Fact, Rule("18.1", "14.1")]
    public async Task Save_keeps_the_summary_with_the_time_of_the_store()
    {
        var created = await CreateAsync(null, User("1"), User("2"), User("3"));
        Time.Advance(TimeSpan.FromTicks(7));
        var savedAt = Time.GetUtcNow();

        var saved = await Summaries.SaveSummaryAsync(Command(created.Id, 0, 2) with { Text = "what was said", Tokens = new TokenAmount(3, "Zähler") });
        Time.Advance(TimeSpan.FromSeconds(1));

        saved.Should().BeTrue();
        var summary = await NewestAsync(created.Id);
        summary.Should().Be(new ConversationSummary { ConversationId = created.Id, Through = 2, MessageCount = 2, Text = "what was said", Tokens = new TokenAmount(3, "Zähler"), CreatedAt = savedAt });
        summary!.CreatedAt.Should().BeExactly(savedAt);
    }

    [Fact, Rule("18.1")]
    public async Task Save_without_a_count_keeps_none()
    {
        var created = await CreateAsync(null, User("1"), User("2"));

        await Summaries.SaveSummaryAsync(Command(created.Id, 0, 1));
        await Summaries.SaveSummaryAsync(Command(created.Id, 1, 2) with { Tokens = new TokenAmount(0, "counter") });

        (await Summaries.GetSummaryAsync(created.Id, Host, 2))!.Tokens.Should().BeNull();
        (await NewestAsync(created.Id))!.Tokens.Should().Be(new TokenAmount(0, "counter"));
    }

    [Theory, Rule("18.1", "9.1")]
    [MemberData(nameof(TextNames))]
    public async Task Texts_come_back(string name)
    {
        var text = HostileTexts.Get(name) + "\0";
        var created = await CreateAsync(null, User("1"));

        await Summaries.SaveSummaryAsync(Command(created.Id, 0, 1) with { Text = text });

        string.Equals((await NewestAsync(created.Id))!.Text, text, StringComparison.Ordinal).Should().BeTrue();
    }

    [Fact, Rule("18.2")]
    public async Task Save_made_from_another_than_the_newest_is_refused()
    {
        var created = await CreateAsync(null, User("1"), User("2"), User("3"), User("4"), User("5"));
        var early = await Summaries.SaveSummaryAsync(Command(created.Id, 2, 4));
        (await Summaries.SaveSummaryAsync(Command(created.Id, 0, 2))).Should().BeTrue();
        (await Summaries.SaveSummaryAsync(Command(created.Id, 2, 4))).Should().BeTrue();
        var before = await SummariesAsync(created.Id);

        early.Should().BeFalse("there was none yet");
        foreach (var from in new long[] { 0, 1, 2, 3, -1 })
            (await Summaries.SaveSummaryAsync(Command(created.Id, from, 5))).Should().BeFalse();

        (await SummariesAsync(created.Id)).Should().Equal(before);
        (await Summaries.SaveSummaryAsync(Command(created.Id, 4, 5))).Should().BeTrue();
    }

    [Fact, Rule("18.2", "18.1")]
    public async Task Save_made_from_a_summary_in_whose_place_stands_another_is_refused()
    {
        var created = await CreateAsync(null, [.. Enumerable.Range(1, 8).Select(number => User($"{number}"))]);
        await Summaries.SaveSummaryAsync(Command(created.Id, 0, 4));
        await Store.DeleteMessageAsync(created.Id, 2, Host);
        await Summaries.SaveSummaryAsync(Command(created.Id, 0, 4) with { MessageCount = 3 });

        var stale = await Summaries.SaveSummaryAsync(Command(created.Id, 4, 6));

        stale.Should().BeFalse("it was made from one that told of a message that is gone");
        (await NewestAsync(created.Id))!.Through.Should().Be(4);
        (await Summaries.SaveSummaryAsync(Command(created.Id, 4, 6) with { BaseMessageCount = 3 })).Should().BeTrue();
        (await NewestAsync(created.Id))!.MessageCount.Should().Be(5);
    }

    [Fact, Rule("18.2")]
    public async Task Save_that_goes_no_further_is_refused()
    {
        var created = await CreateAsync(null, User("1"), User("2"), User("3"));
        var empty = await Summaries.SaveSummaryAsync(Command(created.Id, 0, 0));
        await Summaries.SaveSummaryAsync(Command(created.Id, 0, 2));
        var before = await SummariesAsync(created.Id);

        empty.Should().BeFalse();
        foreach (var through in new long[] { 2, 1, 0, -1, long.MinValue })
            (await Summaries.SaveSummaryAsync(Command(created.Id, 2, through) with { MessageCount = 0 })).Should().BeFalse();

        (await SummariesAsync(created.Id)).Should().Equal(before);
    }

    [Fact, Rule("18.2")]
    public async Task Save_beyond_the_last_position_is_refused()
    {
        var created = await CreateAsync(null, User("1"), User("2"));
        var other = await CreateAsync(ScopeOf("user_2"), User("1"), User("2"));

        foreach (var through in new[] { 3, 1L << 32, (1L << 32) + 1, long.MaxValue })
            (await Summaries.SaveSummaryAsync(Command(created.Id, 0, through) with { MessageCount = 2 })).Should().BeFalse();

        (await NewestAsync(created.Id)).Should().BeNull();
        (await NewestAsync(other.Id)).Should().BeNull();
        (await Summaries.SaveSummaryAsync(Command(created.Id, 0, 2))).Should().BeTrue();
    }

    [Fact, Rule("18.2")]
    public async Task Save_of_another_number_of_messages_than_stand_there_is_refused()
    {
        var created = await CreateAsync(null, User("1"), Error("2"), User("3"), User("4"));
        await Store.DeleteMessageAsync(created.Id, 3, Host);

        foreach (var count in new[] { 0, 1, 3, 4, int.MaxValue, -1 })
            (await Summaries.SaveSummaryAsync(Command(created.Id, 0, 3) with { MessageCount = count })).Should().BeFalse();

        (await NewestAsync(created.Id)).Should().BeNull();
        (await Summaries.SaveSummaryAsync(Command(created.Id, 0, 3) with { MessageCount = 2 })).Should().BeTrue();
        (await Summaries.SaveSummaryAsync(Command(created.Id, 3, 4) with { BaseMessageCount = 2 })).Should().BeTrue();
    }

    [Fact, Rule("18.2", "18.3")]
    public async Task Save_made_before_a_deletion_is_refused()
    {
        var created = await CreateAsync(null, User("1"), User("2"), User("3"), User("4"));
        await Summaries.SaveSummaryAsync(Command(created.Id, 0, 2));
        await Store.DeleteMessageAsync(created.Id, 4, Host);

        var inItsPart = await Summaries.SaveSummaryAsync(Command(created.Id, 2, 4));
        await Store.DeleteMessageAsync(created.Id, 1, Host);
        var beneath = await Summaries.SaveSummaryAsync(Command(created.Id, 2, 3));

        inItsPart.Should().BeFalse();
        beneath.Should().BeFalse("what it was made from is gone");
        (await NewestAsync(created.Id)).Should().BeNull();
    }

    [Fact, Rule("18.2")]
    public async Task Save_for_an_unknown_conversation_is_refused() =>
        (await Summaries.SaveSummaryAsync(Command("conv_unknown", 0, 1))).Should().BeFalse();

    [Fact, Rule("18.3", "13.2")]
    public async Task Delete_of_a_message_takes_the_summaries_that_cover_it_and_no_others()
    {
        var created = await CreateAsync(null, [.. Enumerable.Range(1, 8).Select(number => User($"{number}"))]);
        var other = await CreateAsync(ScopeOf("user_2"), [.. Enumerable.Range(1, 8).Select(number => User($"{number}"))]);
        foreach (var id in new[] { created.Id, other.Id })
        {
            foreach (var from in new long[] { 0, 2, 4 })
                (await Summaries.SaveSummaryAsync(Command(id, from, from + 2))).Should().BeTrue();
        }

        var kept = await ThroughsAfterDeletionAsync(created.Id, 8, 7);
        var covered = await ThroughsAfterDeletionAsync(created.Id, 4);
        var again = await ThroughsAfterDeletionAsync(created.Id, 4, 0, -1, 99, -(1L << 32) + 1);
        var oldest = await ThroughsAfterDeletionAsync(created.Id, 1);

        kept.Should().Equal(2, 4, 6);
        covered.Should().Equal(2);
        again.Should().Equal(2);
        oldest.Should().BeEmpty();
        (await ThroughsAsync(other.Id)).Should().Equal(2, 4, 6);
    }

    [Fact, Rule("19.6", "18.3")]
    public async Task Superseding_takes_the_summaries_that_cover_what_is_superseded_and_no_others()
    {
        var created = await CreateAsync(null, [.. Enumerable.Range(1, 6).Select(number => User($"{number}"))]);
        foreach (var from in new long[] { 0, 2, 4 })
            (await Summaries.SaveSummaryAsync(Command(created.Id, from, from + 2))).Should().BeTrue();

        await AnswerAgainAsync(created.Id, input: 6, "again");
        var kept = await ThroughsAsync(created.Id);
        var lease = await AnswerAgainAsync(created.Id, input: 3, "once more");
        var covered = await ThroughsAsync(created.Id);
        var back = await SupersedeAsync(created.Id, input: 1, from: 3, restore: lease.Fence);

        kept.Should().Equal(2, 4, 6);
        covered.Should().Equal(2);
        (await ThroughsAsync(created.Id)).Should().Equal(2);
        (await Summaries.SaveSummaryAsync(Command(created.Id, 2, 8) with { SupersededCount = 2, LastSupersededBy = back.Fence })).Should().BeTrue("superseded messages stand there as well");
    }

    [Fact, Rule("18.2", "19.2")]
    public async Task Save_of_another_number_of_superseded_messages_or_by_another_run_is_refused()
    {
        var created = await CreateAsync(null, User("1"), User("2"), User("3"), User("4"));
        var first = await AnswerAgainAsync(created.Id, input: 3, "5");
        var last = await AnswerAgainAsync(created.Id, input: 2, "6");
        var right = Command(created.Id, 0, 6) with { SupersededCount = 3, LastSupersededBy = last.Fence };

        foreach (var count in new[] { 0, 1, 2, 4, int.MaxValue, -3 })
            (await Summaries.SaveSummaryAsync(right with { SupersededCount = count })).Should().BeFalse();
        foreach (var run in new[] { 0, first.Fence, last.Fence + 1, long.MaxValue })
            (await Summaries.SaveSummaryAsync(right with { LastSupersededBy = run })).Should().BeFalse();

        (await NewestAsync(created.Id)).Should().BeNull();
        (await Summaries.SaveSummaryAsync(Command(created.Id, 0, 2))).Should().BeTrue("nothing is superseded there");
        (await Summaries.SaveSummaryAsync(right with { Base = 2, BaseMessageCount = 2, MessageCount = 4 })).Should().BeTrue();
    }

    [Fact, Rule("18.3", "18.2")]
    public async Task Save_after_a_deletion_covers_what_is_left()
    {
        var created = await CreateAsync(null, User("1"), User("2"), User("3"), User("4"));
        await Summaries.SaveSummaryAsync(Command(created.Id, 0, 2));
        await Summaries.SaveSummaryAsync(Command(created.Id, 2, 4));
        await Store.DeleteMessageAsync(created.Id, 3, Host);

        var saved = await Summaries.SaveSummaryAsync(Command(created.Id, 2, 4) with { MessageCount = 1, Text = "anew" });

        saved.Should().BeTrue();
        (await NewestAsync(created.Id))!.Text.Should().Be("anew");
        (await ThroughsAsync(created.Id)).Should().Equal(2, 4);
    }

    [Fact, Rule("18.3", "13.1")]
    public async Task Delete_of_a_conversation_takes_its_summaries_and_no_others()
    {
        var other = await CreateAsync(ScopeOf("user_2"), User("1"), User("2"));
        var created = await CreateAsync(null, User("1"), User("2"));
        await Summaries.SaveSummaryAsync(Command(other.Id, 0, 2));
        await Summaries.SaveSummaryAsync(Command(created.Id, 0, 1));
        await Summaries.SaveSummaryAsync(Command(created.Id, 1, 2));

        await Store.DeleteConversationAsync(created.Id, Host);
        var next = await CreateAsync(null, User("1"), User("2"));

        (await NewestAsync(created.Id)).Should().BeNull();
        (await NewestAsync(next.Id)).Should().BeNull();
        (await NewestAsync(other.Id)).Should().NotBeNull();
        (await Summaries.SaveSummaryAsync(Command(created.Id, 2, 3))).Should().BeFalse();
        (await Summaries.SaveSummaryAsync(Command(next.Id, 0, 2))).Should().BeTrue();
    }

    [Fact, Rule("18.4")]
    public async Task Get_finds_the_newest_that_covers_only_what_stands_before_the_position()
    {
        var other = await CreateAsync(null, User("1"), User("2"));
        var created = await CreateAsync(ScopeOf("user_2"), User("1"), User("2"), User("3"), User("4"), User("5"));
        await Summaries.SaveSummaryAsync(Command(other.Id, 0, 2));
        await Summaries.SaveSummaryAsync(Command(created.Id, 0, 2));
        await Summaries.SaveSummaryAsync(Command(created.Id, 2, 4));
        long[] positions = [long.MaxValue, (1L << 32) + 1, 6, 5, 4, 3, 2, 1, 0, -1, -(1L << 32) + 3, long.MinValue];

        var found = new List<long?>();
        foreach (var before in positions)
            found.Add((await Summaries.GetSummaryAsync(created.Id, Host, before))?.Through);

        found.Should().Equal(4, 4, 4, 4, 2, 2, null, null, null, null, null, null);
        (await Summaries.GetSummaryAsync("conv_unknown", Host, 9)).Should().BeNull();
    }

    [Fact, Rule("18.5")]
    public async Task Save_is_no_activity_and_leaves_an_open_turn_alone()
    {
        var begun = await BeginAsync(Turn(text: "1") with { Input = [User("1"), User("2")] });
        var id = begun.Lease.ConversationId;
        var before = await StateAsync();
        Time.Advance(LeaseDuration / 2);

        var saved = await Summaries.SaveSummaryAsync(Command(id, 0, 1));

        saved.Should().BeTrue();
        (await StateAsync()).Should().Equal(before);
        (await Store.BeginTurnAsync(Turn())).Should().Be(new TurnLocked(id, begun.Lease.Fence, LeaseDuration / 2));
        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();
        (await ThroughsAsync(id)).Should().Equal(1);
    }

    [Fact, Rule("18.5")]
    public async Task Save_in_a_conversation_that_has_ended_is_saved()
    {
        var created = await CreateAsync(null, User("1"));
        var ended = await SetStatusAsync(created.Id, ConversationStatus.Ended);

        var saved = await Summaries.SaveSummaryAsync(Command(created.Id, 0, 1));

        saved.Should().BeTrue();
        (await GetAsync(created.Id)).Should().Be(ended);
    }

    [Fact, Rule("16.1", "16.2")]
    public async Task Outsiders_find_nothing_and_save_nothing()
    {
        var created = await CreateAsync(null, User("1"), User("2"));
        await Summaries.SaveSummaryAsync(Command(created.Id, 0, 1));
        ConversationAccess[] outsiders = [AccessOf(ScopeOf("user_2")), AccessOf(ScopeOf("USER_1")), AccessOf(ScopeOf(project: "other")), new("other", null), new("default", [])];

        foreach (var access in outsiders)
        {
            (await Summaries.GetSummaryAsync(created.Id, access, 9)).Should().BeNull();
            (await Summaries.SaveSummaryAsync(Command(created.Id, 1, 2) with { Access = access })).Should().BeFalse();
        }

        (await ThroughsAsync(created.Id)).Should().Equal(1);
        (await Summaries.SaveSummaryAsync(Command(created.Id, 1, 2) with { Access = AccessOf(ScopeOf()) })).Should().BeTrue();
        (await Summaries.GetSummaryAsync(created.Id, AccessOf(ScopeOf()), 9))!.Through.Should().Be(2);
    }

    [Fact, Rule("12.1")]
    public async Task A_cancelled_token_throws_and_saves_nothing()
    {
        var created = await CreateAsync(null, User("1"));
        var cancelled = new CancellationToken(canceled: true);

        var save = () => Summaries.SaveSummaryAsync(Command(created.Id, 0, 1), cancelled).AsTask();
        var get = () => Summaries.GetSummaryAsync(created.Id, Host, 9, cancelled).AsTask();

        await save.Should().ThrowAsync<OperationCanceledException>();
        await get.Should().ThrowAsync<OperationCanceledException>();
        (await NewestAsync(created.Id)).Should().BeNull();
        (await Summaries.SaveSummaryAsync(Command(created.Id, 0, 1))).Should().BeTrue();
    }

    [Fact, Rule("12.1")]
    public Task A_save_that_is_cancelled_while_it_waits_saves_nothing() => WriteBehind.CheckAsync(
        async behind =>
        {
            var clock = new HeldClock(Time);
            await using var store = await Fixture.CreateAsync(clock);
            var open = (await BeginAsync(store, Turn())).Lease;
            var summaries = SummaryCommands.FeatureOf(store);

            var (wasCancelled, waited) = await behind.CancelAsync(
                clock, store, open, async token => await summaries.SaveSummaryAsync(Command(open.ConversationId, 0, 1), token));

            (await summaries.GetSummaryAsync(open.ConversationId, Host, 9) is null).Should().Be(wasCancelled, "what is said to be cancelled was not saved, and what is not was");
            return waited && !wasCancelled;
        },
        "a save that has not begun can be cancelled");

    [Theory, Rule("15.1")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_member_of_a_disposed_store_throws(bool disposeAsync)
    {
        var created = await CreateAsync(null, User("1"));
        var summaries = Summaries;
        if (disposeAsync)
            await Store.DisposeAsync();
        else
            Store.Dispose();

        var save = () => summaries.SaveSummaryAsync(Command(created.Id, 0, 1)).AsTask();
        var get = () => summaries.GetSummaryAsync(created.Id, Host, 9).AsTask();

        await save.Should().ThrowAsync<ObjectDisposedException>();
        await get.Should().ThrowAsync<ObjectDisposedException>();
    }

    private static SaveSummaryCommand Command(string conversationId, long from, long through) => SummaryCommands.Save(conversationId, Host, from, through);

    private async Task<ConversationSummary?> NewestAsync(string conversationId) => await Summaries.GetSummaryAsync(conversationId, Host, long.MaxValue);

    /// <summary>Reads all summaries of a conversation, oldest first.</summary>
    private async Task<IReadOnlyList<ConversationSummary>> SummariesAsync(string conversationId)
    {
        var summaries = new List<ConversationSummary>();
        while (await Summaries.GetSummaryAsync(conversationId, Host, summaries is [var oldest, ..] ? oldest.Through : long.MaxValue) is { } summary)
        {
            (summaries.Count == 0 || summary.Through < summaries[0].Through).Should().BeTrue("it covers only what stands before the position");
            summaries.Insert(0, summary);
        }

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

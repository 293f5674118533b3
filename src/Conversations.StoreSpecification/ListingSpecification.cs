using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Lists of conversations.</summary>
public abstract class ListingSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("8.2")]
    public async Task List_gives_the_last_active_first()
    {
        var ids = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            ids.Add((await CreateAsync(ScopeOf($"user_{i}"))).Id);
            Time.Advance(TimeSpan.FromTicks(1));
        }

        await BeginAsync(TurnIn(ids[1], ScopeOf("user_1")));

        (await ListAsync()).Select(conversation => conversation.Id).Should().Equal(ids[1], ids[3], ids[2], ids[0]);
    }

    [Fact, Rule("8.2")]
    public async Task List_gives_the_greatest_id_first_among_equals()
    {
        string[] ids = ["conv_a", "conv_B", "conv_b", "conv_10", "conv_9", "conv_é", "conv_~"];
        foreach (var id in ids)
            await Store.CreateConversationAsync(Creation() with { ConversationId = id });

        var listed = await ListAsync();

        listed.Select(conversation => conversation.Id).Should().Equal("conv_é", "conv_~", "conv_b", "conv_a", "conv_B", "conv_9", "conv_10");
    }

    [Fact, Rule("8.2", "14.1")]
    public async Task Activity_never_goes_back()
    {
        var begun = await BeginAsync();
        var active = Time.GetUtcNow();
        Time.SetUtcNow(active.AddHours(-1));

        await CommitAsync(begun.Lease, "answer");
        var afterCommit = await GetAsync(begun.Lease.ConversationId);
        await BeginAsync();
        var afterBegin = await GetAsync(begun.Lease.ConversationId);
        await SetStatusAsync(begun.Lease.ConversationId, ConversationStatus.Ended);
        var afterReopening = await SetStatusAsync(begun.Lease.ConversationId, ConversationStatus.Active);

        new[] { afterCommit, afterBegin, afterReopening }.Select(conversation => conversation.LastActivityAt).Should().AllBeEquivalentTo(active);
    }

    [Fact, Rule("8.5")]
    public async Task Creation_and_reopening_are_activities_and_other_changes_are_not()
    {
        var created = Time.GetUtcNow();
        var conversation = await Store.CreateConversationAsync(Creation(null, User("1"), User("2")) with { CreatedAt = created.AddYears(-1) });
        Time.Advance(TimeSpan.FromSeconds(1));

        await Store.UpdateConversationAsync(conversation.Id, Host, new ConversationChange { Title = "title" });
        await Store.DeleteMessageAsync(conversation.Id, 1, Host);
        var ended = await SetStatusAsync(conversation.Id, ConversationStatus.Ended);
        var reopened = await SetStatusAsync(conversation.Id, ConversationStatus.Active);

        conversation.LastActivityAt.Should().Be(created);
        ended.LastActivityAt.Should().Be(created);
        reopened.LastActivityAt.Should().Be(Time.GetUtcNow());
    }

    [Fact, Rule("8.3")]
    public async Task List_page_by_page_gives_each_once_also_among_equals()
    {
        for (var i = 0; i < 23; i++)
        {
            await CreateAsync(ScopeOf($"user_{i}"));
            if (i % 5 == 0)
                Time.Advance(TimeSpan.FromTicks(1));
        }

        var paged = await PagesAsync(4, _ => Task.CompletedTask);

        paged.Should().Equal((await ListAsync()).Select(conversation => conversation.Id)).And.HaveCount(23);
    }

    [Fact, Rule("8.3")]
    public async Task List_page_by_page_misses_nothing_while_rows_are_touched_deleted_and_created()
    {
        var ids = new List<string>();
        for (var i = 0; i < 40; i++)
        {
            ids.Add((await CreateAsync(ScopeOf($"user_{i}"))).Id);
            if (i % 3 == 0)
                Time.Advance(TimeSpan.FromSeconds(1));
        }

        // Touched are one that has been read and one that has not; deleted is the row that the next page starts from.
        var touched = new HashSet<string>(StringComparer.Ordinal);
        var pages = 0;
        var paged = await PagesAsync(5, async page =>
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            foreach (var id in new[] { page[0].Id, ids[pages] })
            {
                touched.Add(id);
                await SetStatusAsync(id, ConversationStatus.Ended);
                await SetStatusAsync(id, ConversationStatus.Active);
            }

            await Store.DeleteConversationAsync(page[^1].Id, Host);
            await CreateAsync(ScopeOf($"later_{pages++}"));
        });

        paged.Should().OnlyHaveUniqueItems().And.Contain(ids.Except(touched, StringComparer.Ordinal));
    }

    [Fact, Rule("8.3")]
    public async Task List_after_a_place_where_nothing_ever_stood_goes_on_from_there()
    {
        var conversation = await CreateAsync();
        var at = conversation.LastActivityAt;

        (await FromAsync(new ListPosition(at.AddTicks(1), ""))).Should().ContainSingle();
        (await FromAsync(new ListPosition(at, conversation.Id + "x"))).Should().ContainSingle();
        (await FromAsync(new ListPosition(at, conversation.Id))).Should().BeEmpty();
        (await FromAsync(new ListPosition(at.AddTicks(-1), "\uFFFF"))).Should().BeEmpty();

        async Task<IReadOnlyList<Conversation>> FromAsync(ListPosition after) =>
            await Store.ListConversationsAsync(new ConversationListing { Access = Host, After = after, Limit = 10 });
    }

    [Fact, Rule("8.4")]
    public async Task List_narrows_by_each_filter_and_by_all_together()
    {
        var start = Time.GetUtcNow();
        var thread = new ConversationScope("default", "agent", ConversationOwner.SharedBy([], null, "order-7"), null);
        var plain = (await CreateAsync(ScopeOf())).Id;
        var otherAgent = (await CreateAsync(ScopeOf(agent: "Agent"))).Id;
        var otherUser = (await CreateAsync(ScopeOf("user_10"))).Id;
        var otherChannel = (await CreateAsync(ScopeOf(channel: "api"))).Id;
        Time.Advance(TimeSpan.FromTicks(1));
        var threaded = (await CreateAsync(thread)).Id;
        var archived = (await CreateAsync(ScopeOf())).Id;
        await SetStatusAsync(archived, ConversationStatus.Archived);
        await CreateAsync(ScopeOf(project: "other"));
        var all = new ConversationListing { Access = Host, Limit = 100 };

        await ShouldList(all, plain, otherAgent, otherUser, otherChannel, threaded, archived);
        await ShouldList(all with { Agent = "agent" }, plain, otherUser, otherChannel, threaded, archived);
        await ShouldList(all with { UserId = "user_1" }, plain, otherAgent, otherChannel, archived);
        await ShouldList(all with { Channel = "api" }, otherChannel);
        await ShouldList(all with { Thread = "order-7" }, threaded);
        await ShouldList(all with { Thread = "Order-7" });
        await ShouldList(all with { Status = ConversationStatus.Archived }, archived);
        await ShouldList(all with { Status = ConversationStatus.Ended });
        await ShouldList(all with { ActiveFrom = start.AddTicks(1) }, threaded, archived);
        await ShouldList(all with { ActiveBefore = start.AddTicks(1) }, plain, otherAgent, otherUser, otherChannel);
        await ShouldList(all with { ActiveFrom = start, ActiveBefore = start });
        await ShouldList(all with { ActiveFrom = start.ToOffset(TimeSpan.FromHours(9)).AddTicks(1) }, threaded, archived);
        await ShouldList(all with { Access = AccessOf(ScopeOf()) }, plain, otherAgent, otherChannel, archived);
        await ShouldList(
            all with { Agent = "agent", UserId = "user_1", Channel = "chat", Status = ConversationStatus.Active, ActiveFrom = start, ActiveBefore = start.AddTicks(1) },
            plain);

        async Task ShouldList(ConversationListing query, params string[] ids) =>
            (await Store.ListConversationsAsync(query)).Select(conversation => conversation.Id).Should().BeEquivalentTo(ids, $"{query}");
    }

    [Theory, Rule("8.4")]
    [InlineData("%")]
    [InlineData("_")]
    [InlineData("*")]
    [InlineData("user_?")]
    [InlineData("USER_1")]
    public async Task List_takes_nothing_for_a_pattern(string text)
    {
        await CreateAsync(ScopeOf());
        await CreateAsync(ScopeOf(text));

        var listed = await Store.ListConversationsAsync(new ConversationListing { Access = Host, UserId = text, Limit = 10 });

        listed.Should().ContainSingle().Which.UserId.Should().Be(text);
    }

    [Fact, Rule("8.2")]
    public async Task List_gives_what_reading_one_gives()
    {
        var begun = await ExchangeAsync(Turn() with { Title = "title" });

        var listed = await ListAsync();

        listed.Should().Equal(await GetAsync(begun.Lease.ConversationId));
    }

    private async Task<IReadOnlyList<string>> PagesAsync(int limit, Func<IReadOnlyList<Conversation>, Task> between)
    {
        var seen = new List<string>();
        ListPosition? after = null;
        while (await Store.ListConversationsAsync(new ConversationListing { Access = Host, After = after, Limit = limit }) is { Count: > 0 } page)
        {
            page.Count.Should().BeLessThanOrEqualTo(limit);
            seen.AddRange(page.Select(conversation => conversation.Id));
            after = new ListPosition(page[^1].LastActivityAt, page[^1].Id);
            await between(page);
        }

        return seen;
    }
}

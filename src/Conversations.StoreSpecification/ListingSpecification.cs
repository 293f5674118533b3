using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Conversations are listed in a stable order, filtered, and page by page.</summary>
public abstract class ListingSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("5.6")]
    public async Task ListConversations_returns_latest_activity_first()
    {
        var first = await CreateAtAsync(1);
        var third = await CreateAtAsync(3);
        var second = await CreateAtAsync(2);

        Assert.Equal([third, second, first], await IdsAsync());
    }

    [Fact, Rule("5.6")]
    public async Task ListConversations_follows_last_activity_as_it_was_written()
    {
        var first = await CreateAsync();
        Time.Advance(TimeSpan.FromTicks(1));
        var second = await CreateAsync();
        Time.Advance(TimeSpan.FromTicks(1));
        await WriteAsync(Touch(first with { Conversation = first.Conversation with { LastActivityAt = Time.GetUtcNow() } }));

        Assert.Equal([first.Conversation.Id, second.Conversation.Id], await IdsAsync());
    }

    [Fact, Rule("5.6")]
    public async Task ListConversations_leaves_order_when_a_write_does_not_change_last_activity()
    {
        var first = await CreateAsync();
        Time.Advance(TimeSpan.FromTicks(1));
        var second = await CreateAsync();
        Time.Advance(TimeSpan.FromTicks(1));
        await WriteAsync(OpenRun(first, null, User()));

        Assert.Equal([second.Conversation.Id, first.Conversation.Id], await IdsAsync());
    }

    [Fact, Rule("5.6")]
    public async Task ListConversations_returns_descending_ordinal_ids_when_activity_is_equal()
    {
        string[] ids = ["conv_a", "conv_B", "conv_é", "conv_10", "conv_9", "conv_Ab"];
        foreach (var id in ids)
            await CreateAtAsync(0, id);

        Assert.Equal(ids.OrderDescending(StringComparer.Ordinal), await IdsAsync());
    }

    [Theory, Rule("5.6")]
    [InlineData("agent", "agent_1")]
    [InlineData("agent", "AGENT_1")]
    [InlineData("user", "user_1")]
    [InlineData("user", "USER_1")]
    [InlineData("channel", "channel_1")]
    [InlineData("channel", "CHANNEL_1")]
    [InlineData("thread", "thread_1")]
    [InlineData("thread", "THREAD_1")]
    [InlineData("agent", "agent%")]
    [InlineData("user", "user_")]
    public async Task ListConversations_narrows_by_text_ordinally(string field, string value)
    {
        foreach (var suffix in new[] { "1", "2", "11" })
        {
            await CreateInAsync(ScopeOf($"user_{suffix}", $"agent_{suffix}", $"channel_{suffix}"));
            await CreateInAsync(ThreadScope($"thread_{suffix}", $"agent_{suffix}"));
        }

        var listing = field switch
        {
            "agent" => AllConversations(new() { Agent = value }),
            "user" => AllConversations(new() { UserId = value }),
            "channel" => AllConversations(new() { Channel = value }),
            _ => AllConversations(new() { Thread = value }),
        };
        var expected = (await Store.ListConversationsAsync(AllConversations()))
            .Where(conversation => value == field switch { "agent" => conversation.Agent, "user" => conversation.UserId, "channel" => conversation.Channel, _ => conversation.Thread })
            .Select(conversation => conversation.Id);

        Assert.Equal(expected, await IdsAsync(listing));
    }

    [Theory, Rule("5.6")]
    [InlineData(ConversationStatus.Active)]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task ListConversations_narrows_by_status(ConversationStatus status)
    {
        foreach (var each in Enum.GetValues<ConversationStatus>())
        {
            var conversation = NewConversation();
            await WriteAsync(Touch(conversation with { Conversation = conversation.Conversation with { Status = each } }));
        }

        Assert.Equal(status, Assert.Single(await Store.ListConversationsAsync(AllConversations(new() { Status = status }))).Status);
    }

    [Theory, Rule("5.6")]
    [InlineData(RunStatus.Running)]
    [InlineData(RunStatus.Completed)]
    [InlineData(RunStatus.Failed)]
    [InlineData(RunStatus.Cancelled)]
    [InlineData(RunStatus.Interrupted)]
    [InlineData(RunStatus.RequiresAction)]
    public async Task ListConversations_narrows_by_status_of_the_last_run(RunStatus status)
    {
        await CreateAsync();
        foreach (var each in Enum.GetValues<RunStatus>().Where(each => each != RunStatus.Superseded))
            await WriteAsync(Touch(With(NewConversation(), each)));

        Assert.Equal(status, Assert.Single(await Store.ListConversationsAsync(AllConversations(new() { LastRunStatus = status }))).LastRunStatus);
    }

    [Fact, Rule("5.6")]
    public async Task ListConversations_narrows_by_status_of_the_last_run_as_it_was_replaced()
    {
        var (first, second) = (await WriteAsync(Touch(With(NewConversation(), RunStatus.RequiresAction))), await WriteAsync(Touch(With(NewConversation(), RunStatus.Running))));
        await WriteAsync(Touch(With(first, RunStatus.Completed)));
        await WriteAsync(Touch(With(second, RunStatus.RequiresAction)));

        Assert.Equal([second.Conversation.Id], await IdsAsync(AllConversations(new() { LastRunStatus = RunStatus.RequiresAction })));
    }

    [Theory, Rule("5.6")]
    [InlineData("""{"tier":"gold"}""", "1 2")]
    [InlineData("""{"tier":"GOLD"}""", "")]
    [InlineData("""{"ticket":7,"tier":"gold"}""", "1")]
    [InlineData("""{"ticket":7.0}""", "1 3")]
    [InlineData("""{"ticket":"7"}""", "")]
    [InlineData("""{"open":true}""", "2")]
    [InlineData("""{"open":"true"}""", "")]
    [InlineData("""{"gone":null}""", "3")]
    [InlineData("""{"x":1}""", "")]
    [InlineData("{}", "0 1 2 3")]
    public async Task ListConversations_narrows_by_metadata(string wanted, string expected)
    {
        string?[] metadata = [null, """{"tier":"gold","ticket":7}""", """{ "open": true, "at": {"x":1}, "ticket": 8, "tier": "gold" }""", """{"tier":"silver","ticket":7,"gone":null}"""];
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var number = 0; number < metadata.Length; number++)
            names.Add((await WriteAsync(Touch(With(NewConversation(), metadata[number])))).Conversation.Id, number);

        var ids = await IdsAsync(AllConversations(new() { Metadata = wanted }));

        Assert.Equal(expected, string.Join(' ', ids.Select(id => names[id]).Order()));
    }

    [Fact, Rule("5.6")]
    public async Task ListConversations_narrows_by_metadata_as_they_were_replaced()
    {
        var (first, second) = (await WriteAsync(Touch(With(NewConversation(), """{"a":1}"""))), await CreateAsync());
        await WriteAsync(Touch(With(first, """{"a":2}""")));
        await WriteAsync(Touch(With(second, """{"a":1}""")));

        Assert.Equal([second.Conversation.Id], await IdsAsync(AllConversations(new() { Metadata = """{"a":1}""" })));
    }

    [Fact, Rule("5.7")]
    public async Task ListConversations_returns_each_once_page_by_page_when_filtered_by_metadata()
    {
        for (var number = 0; number < 9; number++)
            await WriteAsync(Touch(With(NewConversation(), number % 3 == 0 ? null : $$"""{"rest":{{number % 3}}}""")));
        var listing = AllConversations(new() { Metadata = """{"rest":1}""" });

        Assert.Equal(3, (await IdsAsync(listing)).Count);
        Assert.Equal(await IdsAsync(listing), await PagesAsync(listing with { Limit = 2 }));
    }

    [Theory, Rule("5.6")]
    [InlineData(0, null, "0 1 2")]
    [InlineData(1, null, "1 2")]
    [InlineData(3, null, "")]
    [InlineData(null, 2, "0 1")]
    [InlineData(null, 0, "")]
    [InlineData(1, 2, "1")]
    [InlineData(1, 1, "")]
    public async Task ListConversations_narrows_by_last_activity_to_the_tick(int? from, int? before, string expected)
    {
        var start = Time.GetUtcNow();
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var tick = 0; tick < 3; tick++)
            names.Add(await CreateAtAsync(tick), tick);

        var ids = await IdsAsync(AllConversations(new() { ActiveFrom = from is null ? null : start.AddTicks(from.Value), ActiveBefore = before is null ? null : start.AddTicks(before.Value) }));

        Assert.Equal(expected, string.Join(' ', ids.Select(id => names[id]).Order()));
    }

    [Fact, Rule("5.6")]
    public async Task ListConversations_narrows_by_all_filters_together()
    {
        var wanted = await WriteAsync(Touch(With(NewConversation(ScopeOf("user_1", "agent_1", "channel_1")), RunStatus.Failed)));
        await CreateInAsync(ScopeOf("user_1", "agent_1", "channel_1"));
        await WriteAsync(Touch(With(NewConversation(ScopeOf("user_2", "agent_1", "channel_1")), RunStatus.Failed)));
        await WriteAsync(Touch(With(NewConversation(ScopeOf("user_1", "agent_2", "channel_1")), RunStatus.Failed)));
        await WriteAsync(Touch(With(NewConversation(ScopeOf("user_1", "agent_1", "channel_2")), RunStatus.Failed)));
        var ended = With(NewConversation(ScopeOf("user_1", "agent_1", "channel_1")), RunStatus.Failed);
        await WriteAsync(Touch(ended with { Conversation = ended.Conversation with { Status = ConversationStatus.Ended } }));

        var listing = AllConversations(new() { UserId = "user_1", Agent = "agent_1", Channel = "channel_1", Status = ConversationStatus.Active, LastRunStatus = RunStatus.Failed });

        Assert.Equal([wanted.Conversation.Id], await IdsAsync(listing));
    }

    [Theory, Rule("5.7")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public async Task ListConversations_returns_each_once_page_by_page(int limit)
    {
        for (var number = 0; number < 7; number++)
            await CreateAtAsync(number / 3);

        Assert.Equal(await IdsAsync(), await PagesAsync(AllConversations() with { Limit = limit }));
    }

    [Fact, Rule("5.7")]
    public async Task ListConversations_returns_each_once_page_by_page_when_filtered()
    {
        for (var number = 0; number < 6; number++)
            await CreateInAsync(ScopeOf($"user_{number % 2}"));
        var listing = AllConversations(new() { UserId = "user_1" });

        Assert.Equal(await IdsAsync(listing), await PagesAsync(listing with { Limit = 2 }));
    }

    [Fact, Rule("5.7")]
    public async Task ListConversations_continues_when_start_of_page_was_deleted()
    {
        for (var number = 0; number < 5; number++)
            await CreateAtAsync(number / 2);
        var before = await IdsAsync();
        var page = await Store.ListConversationsAsync(AllConversations() with { Limit = 2 });
        await Store.DeleteConversationAsync(page[1].Id, Host);

        Assert.Equal(before.Skip(2), await IdsAsync(AllConversations() with { After = After(page) }));
    }

    [Fact, Rule("5.7")]
    public async Task ListConversations_misses_no_unchanged_row_when_others_move_to_the_front()
    {
        for (var number = 0; number < 5; number++)
            await CreateAtAsync(number);
        var before = await IdsAsync();
        var page = await Store.ListConversationsAsync(AllConversations() with { Limit = 2 });
        var moved = (await LoadAsync(before[3]))!;
        await WriteAsync(Touch(moved with { Conversation = moved.Conversation with { LastActivityAt = Time.GetUtcNow().AddDays(1) } }));

        Assert.Equal([before[2], before[4]], await IdsAsync(AllConversations() with { After = After(page) }));
    }

    private static ListPosition After(IReadOnlyList<Conversation> page) => new(page[^1].LastActivityAt, page[^1].Id);

    private static StoredConversation With(StoredConversation conversation, RunStatus status) =>
        conversation with { Conversation = conversation.Conversation with { LastRunStatus = status } };

    private static StoredConversation With(StoredConversation conversation, string? metadata) =>
        conversation with { Conversation = conversation.Conversation with { Metadata = metadata } };

    private static ConversationScope ThreadScope(string thread, string agent) =>
        new(ConversationScope.DefaultProject, agent, ConversationOwner.SharedBy([IdentityFields.TenantId], ConversationIdentity.ForUser("user", "acme"), thread), channel: null);

    private async Task<string> CreateAtAsync(int ticks, string? id = null)
    {
        var conversation = NewConversation();
        conversation = conversation with { Conversation = conversation.Conversation with { Id = id ?? conversation.Conversation.Id, LastActivityAt = Time.GetUtcNow().AddTicks(ticks) } };
        return (await WriteAsync(Touch(conversation))).Conversation.Id;
    }

    private async Task<IReadOnlyList<string>> PagesAsync(ConversationListing listing)
    {
        var ids = new List<string>();
        for (var page = await Store.ListConversationsAsync(listing); page.Count > 0 && ids.Count < 20; page = await Store.ListConversationsAsync(listing with { After = After(page) }))
            ids.AddRange(page.Select(conversation => conversation.Id));
        return ids;
    }
}

using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>What is out of reach gives the same result as what does not exist.</summary>
public abstract class AccessSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    /// <summary>Gets the names of accesses that do not reach a conversation of <c>user_1</c>.</summary>
    public static TheoryData<string> Unreachable => ["other user", "other case", "prefix", "no audience", "other project", "host of other project"];

    /// <summary>Gets the names of accesses that reach a conversation of <c>user_1</c>.</summary>
    public static TheoryData<string> Reachable => ["host", "own audience", "several audiences"];

    [Theory, Rule("8.1")]
    [MemberData(nameof(Unreachable))]
    public async Task Load_returns_nothing_when_out_of_reach(string access)
    {
        var opened = await WriteAsync(OpenRun(await CreateCurrentAsync(), "key", User()));
        var lookup = ById(opened.Conversation.Id) with { Key = new RequestKey("caller", "key"), Window = new WindowSize(9), SummaryBefore = 9 };

        ModelAssert.Equal(await Store.LoadAsync(lookup with { ConversationId = "conv_unknown" }), await Store.LoadAsync(lookup with { Access = AccessBy(access) }));
    }

    [Theory, Rule("8.1")]
    [MemberData(nameof(Unreachable))]
    public async Task ReadMessages_returns_empty_when_out_of_reach(string access)
    {
        var created = await CreateAsync(User());

        Assert.Empty(await Store.ReadMessagesAsync(AllMessages(created.Conversation.Id) with { Access = AccessBy(access) }));
    }

    [Theory, Rule("8.1")]
    [MemberData(nameof(Unreachable))]
    public async Task ReadRuns_returns_empty_when_out_of_reach(string access)
    {
        var opened = await WriteAsync(OpenRun(await CreateAsync()));

        Assert.Empty(await Store.ReadRunsAsync(AllRuns(opened.Conversation.Id) with { Access = AccessBy(access) }));
    }

    [Theory, Rule("8.1")]
    [MemberData(nameof(Unreachable))]
    public async Task ListConversations_returns_empty_when_out_of_reach(string access)
    {
        await CreateAsync();

        Assert.Empty(await Store.ListConversationsAsync(AllConversations() with { Access = AccessBy(access) }));
    }

    [Theory, Rule("8.1")]
    [MemberData(nameof(Unreachable))]
    public async Task DeleteConversation_returns_false_when_out_of_reach(string access)
    {
        var created = await CreateAsync();

        Assert.False(await Store.DeleteConversationAsync(created.Conversation.Id, AccessBy(access)));
    }

    [Fact, Rule("8.1")]
    public async Task DeleteConversation_deletes_nothing_when_out_of_reach()
    {
        var created = await CreateAsync();

        await Store.DeleteConversationAsync(created.Conversation.Id, AccessBy("other user"));

        Assert.NotNull(await LoadAsync(created.Conversation.Id));
    }

    [Theory, Rule("8.1", "2.1")]
    [MemberData(nameof(Unreachable))]
    public async Task TryWrite_returns_false_when_out_of_reach(string access)
    {
        var created = await CreateAsync();

        await AssertRefusedAsync(Batch(Rename(created, "title")) with { Access = AccessBy(access) });
    }

    [Fact, Rule("8.1")]
    public async Task TryWrite_inserts_conversation_whatever_the_access_is()
    {
        var conversation = NewConversation();
        await WriteAsync(Batch(Touch(conversation)) with { Access = AccessBy("other user") });

        Assert.NotNull(await LoadAsync(conversation.Conversation.Id));
    }

    [Theory, Rule("8.1")]
    [MemberData(nameof(Reachable))]
    public async Task Load_returns_conversation_when_in_reach(string access)
    {
        var created = await CreateAsync();

        ModelAssert.Equal(created, (await Store.LoadAsync(ById(created.Conversation.Id) with { Access = AccessBy(access) })).Conversation);
    }

    [Theory, Rule("8.1")]
    [MemberData(nameof(Reachable))]
    public async Task ReadMessages_returns_messages_when_in_reach(string access)
    {
        var created = await CreateAsync(User());

        Assert.Single(await Store.ReadMessagesAsync(AllMessages(created.Conversation.Id) with { Access = AccessBy(access) }));
    }

    [Theory, Rule("8.1")]
    [MemberData(nameof(Reachable))]
    public async Task ReadRuns_returns_runs_when_in_reach(string access)
    {
        var opened = await WriteAsync(OpenRun(await CreateAsync()));

        Assert.Single(await Store.ReadRunsAsync(AllRuns(opened.Conversation.Id) with { Access = AccessBy(access) }));
    }

    [Theory, Rule("8.1")]
    [MemberData(nameof(Reachable))]
    public async Task TryWrite_applies_batch_when_in_reach(string access)
    {
        var created = await CreateAsync();

        Assert.True(await Store.TryWriteAsync(Batch(Touch(created)) with { Access = AccessBy(access) }));
    }

    [Theory, Rule("8.1")]
    [MemberData(nameof(Reachable))]
    public async Task DeleteConversation_returns_true_when_in_reach(string access)
    {
        var created = await CreateAsync();

        Assert.True(await Store.DeleteConversationAsync(created.Conversation.Id, AccessBy(access)));
    }

    [Fact, Rule("8.1")]
    public async Task ListConversations_returns_conversations_of_each_audience()
    {
        var one = await CreateInAsync(ScopeOf("user_1"));
        var two = await CreateInAsync(ScopeOf("user_2"));
        await CreateInAsync(ScopeOf("user_3"));
        await CreateInAsync(ScopeOf("user_1", project: "other"));
        var access = new ConversationAccess(ConversationScope.DefaultProject, [.. AccessOf(ScopeOf("user_1")).Audiences!, .. AccessOf(ScopeOf("user_2")).Audiences!]);

        Assert.Equal([two.Conversation.Id, one.Conversation.Id], await IdsAsync(AllConversations() with { Access = access }));
    }

    [Fact, Rule("8.1")]
    public async Task ListConversations_returns_conversations_of_the_project_to_the_host()
    {
        await CreateInAsync(ScopeOf(project: "other"));
        var created = await CreateAsync();

        Assert.Equal([created.Conversation.Id], await IdsAsync());
    }

    [Fact, Rule("8.1")]
    public async Task Load_returns_conversation_of_a_thread_to_its_audience_alone()
    {
        ConversationScope Thread(string thread) =>
            new(ConversationScope.DefaultProject, "agent", ConversationOwner.SharedBy([IdentityFields.TenantId], ConversationIdentity.ForUser("user", "acme"), thread), channel: null);
        var created = await CreateInAsync(Thread("one"));

        Assert.NotNull((await Store.LoadAsync(ById(created.Conversation.Id) with { Access = AccessOf(Thread("one")) })).Conversation);
        Assert.Null((await Store.LoadAsync(ById(created.Conversation.Id) with { Access = AccessOf(Thread("other")) })).Conversation);
    }

    private static ConversationAccess AccessBy(string name)
    {
        var own = ScopeOf().Owner.Audience;
        return name switch
        {
            "other user" => AccessOf(ScopeOf("user_2")),
            "other case" => new(ConversationScope.DefaultProject, [own.ToUpperInvariant()]),
            "prefix" => new(ConversationScope.DefaultProject, [own[..^1], own + "1", "%"]),
            "no audience" => new(ConversationScope.DefaultProject, []),
            "other project" => new("other", [own]),
            "host of other project" => new("other", null),
            "own audience" => AccessOf(ScopeOf()),
            "several audiences" => new(ConversationScope.DefaultProject, ["another", own, "third"]),
            _ => Host,
        };
    }
}

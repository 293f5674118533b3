using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A scope points to at most one conversation, and its fields are kept.</summary>
public abstract class ScopeSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    /// <summary>Gets session ids of different scopes, some of which differ only in case or in one field.</summary>
    public static TheoryData<string> SessionIds => [.. Scopes.Select(scope => scope.SessionId)];

    private static IReadOnlyList<ConversationScope> Scopes { get; } =
    [
        ScopeOf(),
        ScopeOf("User_1"),
        ScopeOf("user_1 "),
        ScopeOf(agent: "Agent"),
        ScopeOf(channel: "Chat"),
        ScopeOf(project: "other"),
        ScopeOf("用户:;=*#@%"),
        new(ConversationScope.DefaultProject, "agent", ConversationOwner.Of(ConversationIdentity.ForUser("user_1", "acme")), "chat"),
        new(ConversationScope.DefaultProject, "agent", ConversationOwner.SharedBy([], null), channel: null),
        new(ConversationScope.DefaultProject, "agent", ConversationOwner.SharedBy([IdentityFields.TenantId], ConversationIdentity.ForUser("user_1", "acme")), channel: null),
        new(ConversationScope.DefaultProject, "agent", ConversationOwner.SharedBy([IdentityFields.TenantId], ConversationIdentity.ForUser("user_1", "acme"), "thread"), channel: null),
        new(ConversationScope.DefaultProject, "agent", ConversationOwner.SharedBy([IdentityFields.TenantId], ConversationIdentity.ForUser("user_1", "acme"), "Thread"), channel: null),
    ];

    [Fact, Rule("7.1")]
    public async Task Load_returns_null_when_scope_points_to_no_conversation()
    {
        await CreateAsync();

        Assert.Null(await CurrentIdAsync());
    }

    [Fact, Rule("7.1")]
    public async Task TryWrite_points_scope_to_new_conversation()
    {
        var created = await CreateCurrentAsync();

        Assert.Equal(created.Conversation.Id, await CurrentIdAsync());
    }

    [Fact, Rule("7.1")]
    public async Task TryWrite_points_scope_to_existing_conversation()
    {
        var created = await CreateAsync();
        await WriteAsync(PointingBatch(null, Touch(created)));

        Assert.Equal(created.Conversation.Id, await CurrentIdAsync());
    }

    [Fact, Rule("7.1")]
    public async Task TryWrite_points_scope_to_another_conversation_when_expected_is_current()
    {
        var old = await CreateCurrentAsync();
        var next = await WriteAsync(PointingBatch(old.Conversation.Id, Touch(NewConversation()), Rename(old, "ended")));

        Assert.Equal(next.Conversation.Id, await CurrentIdAsync());
    }

    [Fact, Rule("7.1")]
    public async Task TryWrite_leaves_pointer_when_batch_does_not_change_it()
    {
        var current = await CreateCurrentAsync();
        await CreateAsync();
        await WriteAsync(Append(current, User()));

        Assert.Equal(current.Conversation.Id, await CurrentIdAsync());
    }

    [Fact, Rule("7.1")]
    public async Task TryWrite_returns_false_when_no_conversation_is_expected_but_one_is_current()
    {
        await CreateCurrentAsync();

        await AssertRefusedAsync(PointingBatch(null, Touch(NewConversation())));
    }

    [Fact, Rule("7.1")]
    public async Task TryWrite_returns_false_when_conversation_is_expected_but_none_is_current()
    {
        var created = await CreateAsync();

        await AssertRefusedAsync(PointingBatch(created.Conversation.Id, Touch(created)));
    }

    [Fact, Rule("7.1")]
    public async Task TryWrite_returns_false_when_another_conversation_is_current_than_expected()
    {
        var created = await CreateAsync();
        await CreateCurrentAsync();

        await AssertRefusedAsync(PointingBatch(created.Conversation.Id, Touch(created)));
    }

    [Fact, Rule("7.1")]
    public async Task TryWrite_returns_false_when_expected_conversation_differs_in_case()
    {
        var current = await CreateCurrentAsync();

        await AssertRefusedAsync(PointingBatch(current.Conversation.Id.ToUpperInvariant(), Touch(NewConversation())));
    }

    [Fact, Rule("7.2")]
    public async Task DeleteConversation_clears_pointer_to_it()
    {
        var current = await CreateCurrentAsync();
        await CreateAsync();
        await Store.DeleteConversationAsync(current.Conversation.Id, Host);

        Assert.Null(await CurrentIdAsync());
    }

    [Fact, Rule("7.2")]
    public async Task DeleteConversation_leaves_pointer_to_another()
    {
        var current = await CreateCurrentAsync();
        var other = await CreateAsync();
        await Store.DeleteConversationAsync(other.Conversation.Id, Host);

        Assert.Equal(current.Conversation.Id, await CurrentIdAsync());
    }

    [Fact, Rule("7.1", "7.2")]
    public async Task TryWrite_expects_no_conversation_when_current_was_deleted()
    {
        var deleted = await CreateCurrentAsync();
        await Store.DeleteConversationAsync(deleted.Conversation.Id, Host);
        var next = await CreateCurrentAsync();

        Assert.Equal(next.Conversation.Id, await CurrentIdAsync());
    }

    [Theory, Rule("7.3")]
    [MemberData(nameof(SessionIds))]
    public async Task Load_returns_conversation_of_the_scope_only(string sessionId)
    {
        var scope = ConversationScope.Parse(sessionId);
        foreach (var other in Scopes.Where(other => !other.Equals(scope)))
            await CreateCurrentAsync(other);

        Assert.Null(await CurrentIdAsync(scope));
    }

    [Theory, Rule("7.3")]
    [MemberData(nameof(SessionIds))]
    public async Task Load_returns_fields_of_the_scope_as_written(string sessionId)
    {
        var written = await CreateCurrentAsync(ConversationScope.Parse(sessionId));

        ModelAssert.Equal(written, (await Store.LoadAsync(ByScope(ConversationScope.Parse(sessionId)))).Conversation);
    }
}

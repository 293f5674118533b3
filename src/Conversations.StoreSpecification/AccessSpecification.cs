using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>What is out of a caller's reach does not exist.</summary>
public abstract class AccessSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    private static readonly Dictionary<string, ConversationAccess> Outsiders = new(StringComparer.Ordinal)
    {
        ["another user"] = AccessOf(ScopeOf("user_2")),
        ["another spelling"] = AccessOf(ScopeOf("USER_1")),
        ["the owner in another project"] = AccessOf(ScopeOf(project: "other")),
        ["the host of another project"] = new("other", null),
        ["the host of another spelling"] = new("Default", null),
        ["nobody"] = new("default", []),
        ["many others"] = new("default", ["user_2", "user_10", "user_", "*", "%", ""]),
    };

    /// <summary>The names of those who must not reach the conversation of the tests.</summary>
    public static TheoryData<string> Names => [.. Outsiders.Keys];

    [Theory, Rule("16.1", "16.2")]
    [MemberData(nameof(Names))]
    public async Task Outsiders_find_nothing_and_write_nothing(string outsider)
    {
        var access = Outsiders[outsider];
        var begun = await BeginAsync();
        var id = begun.Lease.ConversationId;
        var before = await StateAsync();

        (await Store.GetConversationAsync(id, access)).Should().BeNull();
        (await Store.GetRunAsync(id, begun.Lease.Fence, access)).Should().BeNull();
        (await Store.ListRunsAsync(new RunListing { ConversationId = id, Access = access, Limit = 9 })).Should().BeEmpty();
        (await MessagesAsync(id, access)).Should().BeEmpty();
        (await Store.ReadWindowAsync(new WindowQuery { ConversationId = id, Access = access, Before = 9, Limit = 9 })).Should().BeEmpty();
        (await Store.ListConversationsAsync(new ConversationListing { Access = access, Limit = 9 })).Should().BeEmpty();
        (await Store.BeginTurnAsync(TurnIn(id) with { Access = access })).Should().Be(new TurnNotFound());
        (await Store.UpdateConversationAsync(id, access, new ConversationChange { Title = "x", Status = ConversationStatus.Ended })).Should().BeNull();
        (await Store.DeleteMessageAsync(id, 1, access)).Should().BeFalse();
        (await Store.DeleteConversationAsync(id, access)).Should().BeFalse();

        (await StateAsync()).Should().Equal(before);
        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();
    }

    [Fact, Rule("16.1", "6.1")]
    public async Task Outsiders_do_not_learn_of_a_key()
    {
        var first = await ExchangeAsync(Keyed());

        var outcome = await Store.BeginTurnAsync(Keyed() with
        {
            Scope = null,
            ConversationId = first.Lease.ConversationId,
            Access = AccessOf(ScopeOf("user_2")),
            Fingerprint = "other",
        });

        outcome.Should().Be(new TurnNotFound());
    }

    [Fact, Rule("16.1")]
    public async Task The_owner_reaches_everything_of_the_conversation()
    {
        var begun = await ExchangeAsync();
        var id = begun.Lease.ConversationId;
        var access = AccessOf(ScopeOf());

        (await Store.GetConversationAsync(id, access)).Should().NotBeNull();
        (await Store.GetRunAsync(id, begun.Lease.Fence, access)).Should().NotBeNull();
        (await Store.ListRunsAsync(new RunListing { ConversationId = id, Access = access, Limit = 9 })).Should().ContainSingle();
        (await MessagesAsync(id, access)).Should().HaveCount(2);
        (await Store.ReadWindowAsync(new WindowQuery { ConversationId = id, Access = access, Before = 9, Limit = 9 })).Should().HaveCount(2);
        (await Store.ListConversationsAsync(new ConversationListing { Access = access, Limit = 9 })).Should().ContainSingle();
        (await Store.BeginTurnAsync(TurnIn(id) with { Access = access })).Should().BeOfType<TurnBegun>();
        (await Store.UpdateConversationAsync(id, access, new ConversationChange { Title = "x" })).Should().NotBeNull();
        (await Store.DeleteMessageAsync(id, 1, access)).Should().BeTrue();
        (await Store.DeleteConversationAsync(id, access)).Should().BeTrue();
    }

    [Fact, Rule("16.1", "16.2")]
    public async Task A_caller_reaches_every_audience_named()
    {
        var tenant = ConversationIdentity.ForUser("user_1", "acme");
        var mine = new ConversationScope("default", "agent", ConversationOwner.Of(tenant), "chat");
        var ours = new ConversationScope("default", "agent", ConversationOwner.SharedBy(["tenant_id"], tenant, "order-7"), null);
        var theirs = new ConversationScope("default", "agent", ConversationOwner.SharedBy(["tenant_id"], ConversationIdentity.ForUser("user_1", "other"), "order-7"), null);
        var access = new ConversationAccess("default", [mine.Owner.Audience, ours.Owner.Audience]);
        var reached = new[] { (await CreateAsync(mine)).Id, (await CreateAsync(ours)).Id };
        var other = await CreateAsync(theirs);

        var listed = await Store.ListConversationsAsync(new ConversationListing { Access = access, Limit = 9 });

        listed.Select(conversation => conversation.Id).Should().BeEquivalentTo(reached);
        foreach (var id in reached)
            (await Store.GetConversationAsync(id, access)).Should().NotBeNull();
        (await Store.GetConversationAsync(other.Id, access)).Should().BeNull();
    }

    [Fact, Rule("16.1", "8.3")]
    public async Task A_list_for_some_audiences_pages_as_any_other()
    {
        var access = new ConversationAccess("default", [ScopeOf("user_1").Owner.Audience, ScopeOf("user_3").Owner.Audience]);
        for (var i = 0; i < 12; i++)
            await CreateAsync(ScopeOf($"user_{i % 4}"));
        var seen = new List<Conversation>();

        while (await Store.ListConversationsAsync(new ConversationListing { Access = access, After = seen is [.., var last] ? new ListPosition(last.LastActivityAt, last.Id) : null, Limit = 4 }) is { Count: > 0 } page)
            seen.AddRange(page);

        seen.Select(conversation => conversation.UserId).Should().Equal("user_3", "user_1", "user_3", "user_1", "user_3", "user_1");
    }
}

using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>For a caller, a conversation out of reach does not exist.</summary>
public class AccessRulesTests : RulesTest
{
    private static readonly Dictionary<string, ConversationAccess> Outsiders = new(StringComparer.Ordinal)
    {
        ["another user"] = AccessOf(ScopeOf("user_2")),
        ["another spelling"] = AccessOf(ScopeOf("USER_1")),
        ["the owner in another project"] = AccessOf(ScopeOf(project: "other")),
        ["the host of another project"] = new("other", null),
        ["the host of another spelling"] = new("Default", null),
        ["a caller without audience"] = new("default", []),
        ["many others"] = new("default", ["user_2", "user_10", "user_", "*", "%", ""]),
    };

    /// <summary>The names of the callers that do not reach the conversation.</summary>
    public static TheoryData<string> Names => [.. Outsiders.Keys];

    [Theory, TurnRule("2.8")]
    [MemberData(nameof(Names))]
    public async Task Outsider_finds_nothing_and_writes_nothing(string outsider)
    {
        var access = Outsiders[outsider];
        var begun = await BeginAsync();
        var id = begun.Lease.ConversationId;
        var before = await StateAsync();

        (await Store.GetConversationAsync(id, access)).Should().BeNull();
        (await Store.GetRunAsync(id, begun.Lease.RunNumber, access)).Should().BeNull();
        (await RunsAsync(id, access)).Should().BeEmpty();
        (await MessagesAsync(id, access)).Should().BeEmpty();
        (await Store.ReadWindowAsync(id, access, 9)).Should().BeEmpty();
        (await Store.ListConversationsAsync(new ConversationListing { Access = access, Limit = 9 })).Should().BeEmpty();
        (await Store.BeginTurnAsync(TurnIn(id) with { Access = access })).Should().Be(new TurnNotFound());
        (await Store.UpdateConversationAsync(id, access, new ConversationChange { Title = "x", Status = ConversationStatus.Ended })).Should().BeNull();
        (await Store.DeleteMessageAsync(id, 1, access)).Should().BeFalse();
        (await Store.DeleteConversationAsync(id, access)).Should().BeFalse();

        (await StateAsync()).Should().Equal(before);
        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();
    }

    [Fact, TurnRule("2.8", "3.1")]
    public async Task Begin_by_id_hides_key_from_outsider()
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

    [Fact, TurnRule("2.8")]
    public async Task Owner_reaches_everything_of_conversation()
    {
        var begun = await ExchangeAsync();
        var id = begun.Lease.ConversationId;
        var access = AccessOf(ScopeOf());

        (await Store.GetConversationAsync(id, access)).Should().NotBeNull();
        (await Store.GetRunAsync(id, begun.Lease.RunNumber, access)).Should().NotBeNull();
        (await RunsAsync(id, access)).Should().ContainSingle();
        (await MessagesAsync(id, access)).Should().HaveCount(2);
        (await Store.ReadWindowAsync(id, access, 9)).Should().HaveCount(2);
        (await Store.ListConversationsAsync(new ConversationListing { Access = access, Limit = 9 })).Should().ContainSingle();
        (await Store.BeginTurnAsync(TurnIn(id) with { Access = access })).Should().BeOfType<TurnBegun>();
        (await Store.UpdateConversationAsync(id, access, new ConversationChange { Title = "x" })).Should().NotBeNull();
        (await Store.DeleteMessageAsync(id, 1, access)).Should().BeTrue();
        (await Store.DeleteConversationAsync(id, access)).Should().BeTrue();
    }
}

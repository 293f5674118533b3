using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.CustomStore.Tests;

/// <summary>What each kind of write left is the same after the journal was read again.</summary>
public sealed class ReplayTests : ConversationStoreSpecification<CustomStoreFixture>
{
    [Fact]
    public async Task Reopening_after_every_kind_of_write_changes_nothing()
    {
        await WriteAsync(Store);
        var before = await StateOfAsync(Store);
        var lease = await LeaseAsync(Store);

        await Store.DisposeAsync();
        await using var again = await Fixture.OpenAsync("store1", Time);

        (await StateOfAsync(again)).Should().Equal(before);
        (await LeaseAsync(again)).Should().Be(lease);
    }

    private async Task WriteAsync(IConversationStore store)
    {
        var imported = await CreateAsync(ScopeOf(), User("old"), Assistant("older") with { IsPartial = true }, Error("oldest"));
        await store.DeleteMessageAsync(imported.Id, 2, Host);
        await ExchangeAsync(Keyed());
        await store.UpdateConversationAsync(imported.Id, Host, new ConversationChange { Title = "renamed" });
        var ended = await CreateAsync(ScopeOf("user_2"), User("a"));
        await SetStatusAsync(ended.Id, ConversationStatus.Ended);
        var reopened = await CreateAsync(ScopeOf("user_3"), User("b"));
        await SetStatusAsync(reopened.Id, ConversationStatus.Archived);
        Time.Advance(TimeSpan.FromSeconds(1));
        await SetStatusAsync(reopened.Id, ConversationStatus.Active);
        await store.CreateConversationAsync(Creation(ScopeOf("user_3")) with { Current = CurrentConversationRule.End });
        await store.DeleteConversationAsync((await CreateAsync(ScopeOf("user_4"))).Id, Host);
        await BeginAsync(Turn(ScopeOf("user_5")));
        Time.Advance(LeaseDuration);
        var open = await BeginAsync(Turn(ScopeOf("user_5")));
        Time.Advance(LeaseDuration / 2);
        (await store.RenewLeaseAsync(open.Lease)).Should().BeTrue();
    }

    private async Task<BeginTurnOutcome> LeaseAsync(IConversationStore store) => await store.BeginTurnAsync(Turn(ScopeOf("user_5")));

    private static async Task<IReadOnlyList<object?>> StateOfAsync(IConversationStore store)
    {
        var state = new List<object?>();
        foreach (var conversation in await store.ListConversationsAsync(new ConversationListing { Access = Host, Limit = 100 }))
        {
            state.Add(conversation);
            state.Add((await store.GetCurrentAsync(ConversationScope.Parse(conversation.SessionId)))?.Id);
            var messages = await store.ReadMessagesAsync(new MessageRange { ConversationId = conversation.Id, Access = Host, Limit = 100 });
            state.AddRange(messages);
            foreach (var number in messages.Select(message => message.RunNumber).OfType<long>().Distinct())
                state.Add(await store.GetRunAsync(conversation.Id, number, Host));
        }

        return state;
    }
}

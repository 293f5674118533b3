using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A capability: what was written outlives the store.</summary>
public abstract class PersistenceSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : PersistentStoreFixture, new()
{
    private const string Data = "kept";

    [Fact, Rule("3.2", "2.4", "5.4")]
    public async Task Everything_is_there_when_the_store_is_opened_again()
    {
        TurnFacts before;
        await using (var store = await Fixture.OpenAsync(Data, Time))
            before = await WriteAsync(store);

        await using var again = await Fixture.OpenAsync(Data, Time);

        (await again.GetConversationAsync(before.Conversation.Id, Host)).Should().Be(before.Conversation);
        (await again.GetCurrentAsync(ScopeOf())).Should().Be(before.Conversation);
        (await again.ReadMessagesAsync(new MessageRange { ConversationId = before.Conversation.Id, Access = Host, Limit = 100 })).Should().Equal(before.Messages);
        (await again.GetRunAsync(before.Conversation.Id, before.Run.Number, Host)).Should().Be(before.Run);
    }

    [Fact, Rule("4.2", "6.4", "6.3")]
    public async Task Leases_and_keys_outlive_the_store()
    {
        TurnBegun open;
        await using (var store = await Fixture.OpenAsync(Data, Time))
            open = (TurnBegun)await store.BeginTurnAsync(Keyed());

        await using var again = await Fixture.OpenAsync(Data, Time);

        (await again.BeginTurnAsync(Turn())).Should().Be(new TurnLocked(open.Lease.ConversationId, open.Lease.Fence, LeaseDuration));
        (await again.BeginTurnAsync(Keyed())).Should().BeOfType<TurnRunning>();
        (await again.CommitTurnAsync(Completion(open.Lease, "answer"))).Should().BeTrue();
        (await again.BeginTurnAsync(Keyed())).Should().BeOfType<TurnCompletedBefore>();
    }

    [Fact, Rule("2.2", "2.3", "4.1")]
    public async Task Numbers_are_not_given_again_after_a_deletion()
    {
        TurnBegun first;
        TurnBegun deleted;
        await using (var store = await Fixture.OpenAsync(Data, Time))
        {
            first = (TurnBegun)await store.BeginTurnAsync(Turn());
            await store.CommitTurnAsync(Completion(first.Lease, "answer"));
            await store.DeleteMessageAsync(first.Lease.ConversationId, 2, Host);
            deleted = (TurnBegun)await store.BeginTurnAsync(Turn() with { StartNew = true });
            await store.DeleteConversationAsync(deleted.Lease.ConversationId, Host);
        }

        await using var again = await Fixture.OpenAsync(Data, Time);
        var next = (TurnBegun)await again.BeginTurnAsync(TurnIn(first.Lease.ConversationId));

        next.InputPosition.Should().Be(3);
        next.Lease.Fence.Should().BeGreaterThan(deleted.Lease.Fence);
        (await again.GetConversationAsync(deleted.Lease.ConversationId, Host)).Should().BeNull();
    }

    private async Task<TurnFacts> WriteAsync(IConversationStore store)
    {
        var begun = (TurnBegun)await store.BeginTurnAsync(Keyed() with { Title = "title \0 \uFFFF" });
        Time.Advance(TimeSpan.FromSeconds(1));
        await store.CommitTurnAsync(Completion(begun.Lease, "answer", "another") with
        {
            Model = "model",
            Usage = new TokenUsage { InputTokens = 3, OutputTokens = 2, CachedInputTokens = 1 },
        });
        var id = begun.Lease.ConversationId;
        return new TurnFacts(
            (await store.GetConversationAsync(id, Host))!,
            await store.ReadMessagesAsync(new MessageRange { ConversationId = id, Access = Host, Limit = 100 }),
            (await store.GetRunAsync(id, begun.Lease.Fence, Host))!);
    }

    private sealed record TurnFacts(Conversation Conversation, IReadOnlyList<ConversationMessage> Messages, ConversationRun Run);
}

using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Nothing is cut off: large commits, large pages, many conversations, leases of any duration.</summary>
public abstract class LimitSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    private const int Many = 1_200;

    [Fact, Rule("2.1", "8.1", "7.1")]
    public async Task A_commit_of_many_messages_is_written_and_read_whole()
    {
        var begun = await BeginAsync();
        await CommitAsync(begun.Lease, Enumerable.Range(2, Many - 1).Select(number => $"{number}"));
        var id = begun.Lease.ConversationId;

        var forwards = await Store.ReadMessagesAsync(new MessageRange { ConversationId = id, Access = Host, Limit = Many });
        var backwards = await Store.ReadMessagesAsync(new MessageRange { ConversationId = id, Access = Host, Limit = Many, NewestFirst = true });
        var window = await Store.ReadWindowAsync(new WindowQuery { ConversationId = id, Access = Host, Before = Many + 1, Limit = Many });

        forwards.Select(message => message.Position).Should().Equal(Enumerable.Range(1, Many).Select(position => (long)position));
        backwards.Should().Equal(forwards.Reverse());
        window.Should().Equal(forwards);
        (await GetAsync(id)).MessageCount.Should().Be(Many);
    }

    [Fact, Rule("8.2", "8.3")]
    public async Task A_list_of_many_conversations_is_read_whole()
    {
        for (var i = 0; i < Many; i++)
            await CreateAsync(ScopeOf($"user_{i}"));

        var listed = await Store.ListConversationsAsync(new ConversationListing { Access = Host, Limit = Many + 1 });

        listed.Select(conversation => conversation.Id).Should().OnlyHaveUniqueItems().And.HaveCount(Many);
    }

    [Fact, Rule("4.2", "14.2")]
    public async Task A_renewal_with_another_duration_runs_for_that()
    {
        var begun = await BeginAsync();
        var longer = begun.Lease with { Duration = LeaseDuration * 10 };

        (await Store.RenewLeaseAsync(longer)).Should().BeTrue();

        (await Store.BeginTurnAsync(Turn())).Should().Be(new TurnLocked(longer.ConversationId, longer.Fence, longer.Duration));
        Time.Advance(LeaseDuration * 9);
        (await Store.BeginTurnAsync(Turn())).Should().BeOfType<TurnLocked>();
    }
}

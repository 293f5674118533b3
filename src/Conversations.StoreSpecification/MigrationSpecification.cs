using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A capability: data of older versions are brought up to date.</summary>
public abstract class MigrationSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : MigratingStoreFixture, new()
{
    private const int Stores = 4;

    [Fact, Rule("17.2")]
    public async Task Data_of_each_older_version_come_back_as_they_were()
    {
        Fixture.OlderVersions.Should().NotBeEmpty("a store without any lacks this specification, and says so");
        foreach (var version in Fixture.OlderVersions)
        {
            var name = $"older{version}";
            var written = await Fixture.CreateOlderAsync(name, version);
            written.Should().Contain(older => older.Messages.Count > 0 && older.Runs.Count > 0);

            // Opened twice: the second time they are data like any other.
            for (var opening = 0; opening < 2; opening++)
            {
                await using var store = await Fixture.OpenAsync(name, Time);
                await FindAsync(store, written);
            }

            (await Fixture.GetVersionAsync(name)).Should().BeGreaterThan(version);
        }
    }

    [Fact, Rule("17.2", "2.2", "2.3")]
    public async Task Data_of_each_older_version_can_be_written_on()
    {
        foreach (var version in Fixture.OlderVersions)
        {
            var name = $"older{version}";
            var written = await Fixture.CreateOlderAsync(name, version);
            await using var store = await Fixture.OpenAsync(name, Time);
            var fence = written.SelectMany(older => older.Runs).Max(run => run.Number);

            foreach (var (conversation, messages, _) in written.Where(older => older.Conversation.IsActive))
            {
                var scope = ConversationScope.Parse(conversation.SessionId);
                var outcome = await store.BeginTurnAsync(TurnIn(conversation.Id, scope) with { Access = Host });
                var begun = outcome.Should().BeOfType<TurnBegun>().Subject;
                begun.Lease.Fence.Should().BeGreaterThan(fence);
                begun.InputPosition.Should().Be(conversation.LastPosition + 1);
                (await store.CommitTurnAsync(Completion(begun.Lease, "answer"))).Should().BeTrue();
                var after = await store.GetConversationAsync(conversation.Id, Host);
                after!.MessageCount.Should().Be(messages.Count + 2);
                fence = begun.Lease.Fence;
            }
        }
    }

    [Fact, Rule("17.2", "3.1")]
    public async Task Data_of_each_older_version_are_brought_up_to_date_once_by_many_at_once()
    {
        foreach (var version in Fixture.OlderVersions)
        {
            var name = $"older{version}";
            var written = await Fixture.CreateOlderAsync(name, version);

            await RaceAsync(Stores, async _ =>
            {
                await using var store = await Fixture.OpenAsync(name, Time);
                await FindAsync(store, written);
                return true;
            });
        }
    }

    private static async Task FindAsync(IConversationStore store, IReadOnlyList<OlderConversation> written)
    {
        var found = await store.ListConversationsAsync(new ConversationListing { Access = Host, Limit = written.Count + 1 });
        found.Should().BeEquivalentTo(written.Select(older => older.Conversation));
        foreach (var (conversation, messages, runs) in written)
        {
            var range = new MessageRange { ConversationId = conversation.Id, Access = Host, Limit = messages.Count + 1 };
            (await store.ReadMessagesAsync(range)).Select(Essence).Should().Equal(messages.Select(Essence));
            foreach (var run in runs)
                (await store.GetRunAsync(conversation.Id, run.Number, Host)).Should().Be(run);
        }
    }

    private static (long, MessageRole, string, DateTimeOffset?, long?) Essence(ConversationMessage message) =>
        (message.Position, message.Role, MessageContent.Write(message).Text, message.CreatedAt, message.RunNumber);
}

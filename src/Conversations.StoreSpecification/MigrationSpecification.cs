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

            foreach (var (conversation, messages, runs) in written.Where(older => older.Conversation.IsActive))
            {
                var (begun, left) = await BeginAfterAsync(store, TurnIn(conversation.Id, ConversationScope.Parse(conversation.SessionId)) with { Access = Host }, runs);
                begun.Lease.Fence.Should().BeGreaterThan(fence);
                begun.InputPosition.Should().Be(conversation.LastPosition + left + 1);
                (await store.CommitTurnAsync(Completion(begun.Lease, "answer"))).Should().BeTrue();
                var after = await store.GetConversationAsync(conversation.Id, Host);
                after!.MessageCount.Should().Be(messages.Count + left + 2);
                fence = begun.Lease.Fence;
            }
        }
    }

    [Fact, Rule("17.2", "6.2")]
    public async Task Keys_of_each_older_version_are_known()
    {
        foreach (var version in Fixture.OlderVersions)
        {
            var name = $"older{version}";
            var written = await Fixture.CreateOlderAsync(name, version);
            await using var store = await Fixture.OpenAsync(name, Time);

            foreach (var (conversation, _, runs) in written)
            {
                var turn = TurnIn(conversation.Id, ConversationScope.Parse(conversation.SessionId)) with { Access = Host, Fingerprint = "of another request" };
                foreach (var run in runs.Where(run => run.IdempotencyKey is not null))
                {
                    var outcome = await store.BeginTurnAsync(turn with { Caller = run.Caller ?? "", IdempotencyKey = run.IdempotencyKey });
                    outcome.Should().BeOfType<TurnMismatch>();
                }
            }
        }
    }

    [Fact, Rule("17.2")]
    public async Task Data_of_each_older_version_are_brought_up_to_date_once_by_many_at_once()
    {
        foreach (var version in Fixture.OlderVersions)
        {
            var name = $"older{version}";
            var written = await Fixture.CreateOlderAsync(name, version);

            var begun = await RaceAsync(Stores, async runner =>
            {
                await using var store = await Fixture.OpenAsync(name, Time);
                await FindEachAsync(store, written);
                var turn = await BeginAsync(store, Turn(ScopeOf($"opener_{runner}")));
                (await store.CommitTurnAsync(Completion(turn.Lease, "answer"))).Should().BeTrue();
                return turn.Lease;
            });

            // What one of them wrote is not lost to another that brings them up to date again.
            await using var after = await Fixture.OpenAsync(name, Time);
            await FindEachAsync(after, written);
            var all = await after.ListConversationsAsync(new ConversationListing { Access = Host, Limit = int.MaxValue });
            all.Select(conversation => conversation.Id).Should().BeEquivalentTo(written.Select(older => older.Conversation.Id).Concat(begun.Select(lease => lease.ConversationId)));
            all.IntersectBy(begun.Select(lease => lease.ConversationId), conversation => conversation.Id, StringComparer.Ordinal).Should().OnlyContain(conversation => conversation.MessageCount == 2);
            begun.Select(lease => lease.Fence).Should().OnlyHaveUniqueItems();
        }
    }

    /// <summary>Begins a turn where an older version may have left one open, and a stream of it.</summary>
    /// <returns>The turn, and how many messages came of that stream.</returns>
    private async Task<(TurnBegun Begun, int Left)> BeginAfterAsync(IConversationStore store, BeginTurnCommand turn, IReadOnlyList<ConversationRun> older)
    {
        var open = older.Where(run => run.Status == RunStatus.Running).ToList();
        var outcome = await store.BeginTurnAsync(turn);
        if (outcome is TurnLocked locked)
        {
            open.Select(run => run.Number).Should().Contain(locked.HolderRunNumber, "nobody else has begun a turn");
            Time.Advance(locked.RetryAfter);
            outcome = await store.BeginTurnAsync(turn);
        }

        var left = 0;
        foreach (var run in open)
        {
            var interrupted = await store.GetRunAsync(run.ConversationId, run.Number, Host);
            (interrupted?.Status).Should().Be(RunStatus.Interrupted, "another has begun");
            left += interrupted!.OutputCount;
        }

        return (outcome.Should().BeOfType<TurnBegun>().Subject, left);
    }

    private static async Task FindAsync(IConversationStore store, IReadOnlyList<OlderConversation> written)
    {
        var found = await store.ListConversationsAsync(new ConversationListing { Access = Host, Limit = written.Count + 1 });
        found.Should().BeEquivalentTo(written.Select(older => older.Conversation));
        await FindEachAsync(store, written);
    }

    private static async Task FindEachAsync(IConversationStore store, IReadOnlyList<OlderConversation> written)
    {
        foreach (var (conversation, messages, runs) in written)
        {
            (await store.GetConversationAsync(conversation.Id, Host)).Should().Be(conversation);
            var range = new MessageRange { ConversationId = conversation.Id, Access = Host, Limit = messages.Count + 1 };
            (await store.ReadMessagesAsync(range)).Select(Essence).Should().Equal(messages.Select(Essence));
            foreach (var run in runs)
                (await store.GetRunAsync(conversation.Id, run.Number, Host)).Should().Be(run);
        }
    }

    private static (long, MessageRole, string, DateTimeOffset?, long?) Essence(ConversationMessage message) =>
        (message.Position, message.Role, MessageContent.Write(message).Text, message.CreatedAt, message.RunNumber);
}

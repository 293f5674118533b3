using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Optional: data of older versions are migrated.</summary>
public abstract class MigrationSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : MigratingStoreFixture, new()
{
    private const int Stores = 4;

    [Fact, Rule("12.4")]
    public async Task Fixture_creates_data_with_messages_runs_and_keys()
    {
        Assert.NotEmpty(Fixture.OlderVersions);
        foreach (var version in Fixture.OlderVersions)
            Assert.Contains(await Fixture.CreateOlderAsync($"older{version}", version), older => older.Messages.Count > 0 && older.Runs.Any(run => run.Run.IdempotencyKey is not null));
    }

    [Fact, Rule("12.4")]
    public async Task Store_shows_data_of_each_older_version_when_they_are_opened_once_or_twice()
    {
        foreach (var version in Fixture.OlderVersions)
        {
            var written = await Fixture.CreateOlderAsync($"older{version}", version);
            for (var opening = 0; opening < 2; opening++)
            {
                await using var store = await Fixture.OpenAsync($"older{version}", Time);
                await AssertShownAsync(written, store);
            }
        }
    }

    [Fact, Rule("12.4")]
    public async Task Store_marks_migrated_data_with_its_version()
    {
        foreach (var version in Fixture.OlderVersions)
        {
            await Fixture.CreateOlderAsync($"older{version}", version);
            await using (var store = await Fixture.OpenAsync($"older{version}", Time))
                await store.ListConversationsAsync(AllConversations());

            Assert.True(await Fixture.GetVersionAsync($"older{version}") > version, $"The data of version {version} were not marked with a later version.");
        }
    }

    [Fact, Rule("12.4", "2.3", "4.2")]
    public async Task TryWrite_appends_to_each_conversation_of_an_older_version()
    {
        foreach (var version in Fixture.OlderVersions)
        {
            var written = await Fixture.CreateOlderAsync($"older{version}", version);
            await using var store = await Fixture.OpenAsync($"older{version}", Time);
            foreach (var (conversation, messages, _) in written)
            {
                await WriteAsync(store, Batch(Append(conversation, User("new"))));

                Assert.Equal(messages.Count + 1, (await store.ReadMessagesAsync(AllMessages(conversation.Conversation.Id))).Count);
            }
        }
    }

    [Fact, Rule("12.4", "6.2")]
    public async Task Load_finds_runs_of_an_older_version_by_key()
    {
        foreach (var version in Fixture.OlderVersions)
        {
            var written = await Fixture.CreateOlderAsync($"older{version}", version);
            await using var store = await Fixture.OpenAsync($"older{version}", Time);
            foreach (var run in written.SelectMany(older => older.Runs).Where(run => run.Run.IdempotencyKey is not null))
            {
                var lookup = ById(run.Run.ConversationId) with { Key = new RequestKey(run.Run.Caller ?? "", run.Run.IdempotencyKey!) };

                ModelAssert.Equal(run, (await store.LoadAsync(lookup)).KeyedRun);
            }
        }
    }

    [Fact, Rule("12.4")]
    public async Task Store_migrates_once_when_many_stores_open_the_data_at_the_same_time()
    {
        foreach (var version in Fixture.OlderVersions)
        {
            var name = $"older{version}";
            var written = await Fixture.CreateOlderAsync(name, version);

            await RaceAsync(Stores, async _ =>
            {
                await using var store = await Fixture.OpenAsync(name, Time);
                return await WriteAsync(store, Batch(Append(NewConversation(), User("new"))));
            });

            await using var after = await Fixture.OpenAsync(name, Time);
            Assert.Equal(written.Count + Stores, (await after.ListConversationsAsync(AllConversations())).Count);
            await AssertShownAsync(written, after);
        }
    }

    private static async Task AssertShownAsync(IReadOnlyList<OlderConversation> written, IConversationStore store)
    {
        foreach (var (conversation, messages, runs) in written)
        {
            var id = conversation.Conversation.Id;
            var shown = new { (await store.LoadAsync(ById(id))).Conversation, Messages = await store.ReadMessagesAsync(AllMessages(id)), Runs = await store.ReadRunsAsync(AllRuns(id)) };
            ModelAssert.Equal(new { Conversation = conversation, Messages = messages, Runs = runs }, shown, "A conversation of an older version and what the store shows of it");
        }
    }
}

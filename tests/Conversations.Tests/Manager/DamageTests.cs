using Conversations.Storage;

namespace Conversations.Tests.Manager;

public sealed class DamageTestsInMemory : DamageTests<InMemory>;

public sealed class DamageTestsOnSqlite : DamageTests<Sqlite>;

/// <summary>The check tells where data are damaged, and goes on behind it. What it finds in files is tested with the SQLite store.</summary>
public abstract class DamageTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task FindDamage_of_a_store_that_is_whole_finds_nothing()
    {
        await Alice.RunTurnAsync(Bot, "hello", Say("hi"), Cancellation);

        (await FindAsync(Store)).Should().BeEmpty();
    }

    [Fact]
    public async Task FindDamage_tells_the_position_of_each_damaged_message()
    {
        var asked = await TalkAsync();
        await using var store = new Damaged(Store) { OnMessage = message => message.Position is 3 or 41 && message.ConversationId == asked[0] ? message with { Parts = [MessageContent.Damaged] } : message };

        (await FindAsync(store)).Should().Equal(new DamagedData(asked[0], 3), new DamagedData(asked[0], 41));
    }

    [Fact]
    public async Task FindDamage_tells_a_conversation_that_cannot_be_read_and_goes_on_behind_it()
    {
        var asked = await TalkAsync();
        await using var loading = new Damaged(Store) { Unreadable = asked[1] };
        await using var runs = new Damaged(Store) { UnreadableRuns = asked[1] };

        (await FindAsync(loading)).Should().Equal(new DamagedData(asked[1], position: null));
        (await FindAsync(runs)).Should().Equal(new DamagedData(asked[1], position: null));
    }

    [Fact]
    public async Task FindDamage_tells_a_conversation_that_lacks_a_message()
    {
        var asked = await TalkAsync();
        await using var store = new Damaged(Store) { OnMessage = message => message.ConversationId == asked[1] && message.Position == 2 ? null : message };

        (await FindAsync(store)).Should().Equal(new DamagedData(asked[1], position: null));
    }

    [Fact]
    public async Task FindDamage_takes_a_conversation_that_grows_meanwhile_for_whole()
    {
        var asked = await TalkAsync();
        await using var store = new Damaged(Store) { OnRuns = () => Bob.RunTurnAsync(Bot, "more", Say("yes"), Cancellation) };

        (await FindAsync(store)).Should().BeEmpty();
        (await Manager.GetAsync(asked[1], Cancellation))!.MessageCount.Should().BeGreaterThan(2);
    }

    [Fact]
    public async Task FindDamage_throws_if_the_conversations_cannot_be_listed()
    {
        await Store.DisposeAsync();

        await FluentActions.Awaiting(() => FindAsync(Store)).Should().ThrowAsync<ObjectDisposedException>();
    }

    private static async Task<List<DamagedData>> FindAsync(IConversationStore store) =>
        await new ConversationMaintenance(store, Options()).FindDamageAsync(Cancellation).ToListAsync(Cancellation);

    /// <summary>Writes a long conversation, and a short one that is listed first.</summary>
    private async Task<string[]> TalkAsync()
    {
        var ids = new string[2];
        for (var i = 0; i < 25; i++)
            ids[0] = (await Alice.RunTurnAsync(Bot, "hello", Say("hi"), Cancellation)).ConversationId!;
        ids[1] = (await Bob.RunTurnAsync(Bot, "hello", Say("hi"), Cancellation)).ConversationId!;
        return ids;
    }

    private sealed class Damaged(IConversationStore inner) : DelegatingConversationStore(inner)
    {
        public Func<StoredMessage, StoredMessage?> OnMessage { get; init; } = message => message;

        public Func<Task> OnRuns { get; init; } = () => Task.CompletedTask;

        public string? Unreadable { get; init; }

        public string? UnreadableRuns { get; init; }

        public override ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default)
        {
            Check(Unreadable, lookup.ConversationId);
            return base.LoadAsync(lookup, cancellationToken);
        }

        public override async ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default) =>
            [.. (await base.ReadMessagesAsync(range, cancellationToken)).Select(OnMessage).OfType<StoredMessage>()];

        public override async ValueTask<IReadOnlyList<StoredRun>> ReadRunsAsync(RunRange range, CancellationToken cancellationToken = default)
        {
            Check(UnreadableRuns, range.ConversationId);
            await OnRuns();
            return await base.ReadRunsAsync(range, cancellationToken);
        }

        private static void Check(string? unreadable, string? id)
        {
            if (unreadable is not null && unreadable == id)
                throw new ConversationStoreException(ConversationErrorCodes.StoreCorrupt, "damaged");
        }
    }
}

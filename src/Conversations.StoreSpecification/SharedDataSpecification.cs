using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Optional: several stores, in one process or several, use the same data at the same time.</summary>
public abstract class SharedDataSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : PersistentStoreFixture, new()
{
    private const int Stores = 4;

    /// <summary>Gets a second store on the data of <see cref="ConversationStoreSpecification{TFixture}.Store"/>.</summary>
    private IConversationStore Other { get; set; } = null!;

    /// <inheritdoc/>
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Other = await Fixture.OpenAsync(Fixture.LastName, Time);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await Other.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact, Rule("12.3", "2.1")]
    public async Task TryWrite_returns_false_when_another_store_has_written()
    {
        var read = await CreateAsync();
        await WriteAsync(Other, Batch(Rename(read, "other")));

        await AssertRefusedAsync(Batch(Rename(read, "this")));
    }

    [Fact, Rule("12.3", "2.2")]
    public async Task TryWrite_returns_false_when_another_store_has_inserted_the_id()
    {
        var conversation = NewConversation();
        await WriteAsync(Other, Batch(Touch(conversation)));

        await AssertRefusedAsync(Batch(Rename(conversation, "this")));
    }

    [Fact, Rule("12.3", "4.2")]
    public async Task TryWrite_returns_false_when_another_store_has_used_and_deleted_the_position()
    {
        var created = await CreateAsync(User());
        var appended = await WriteAsync(Other, Batch(Append(created, User())));
        var deleted = await WriteAsync(Other, Batch(Touch(appended) with { DeletedMessages = [2] }));

        await AssertRefusedAsync(Batch(Touch(deleted) with { Messages = Append(created, User()).Messages }));
    }

    [Fact, Rule("12.3", "6.1")]
    public async Task TryWrite_returns_false_when_another_store_has_used_the_key()
    {
        await WriteAsync(Other, Batch(OpenRun(NewConversation(), "key")));

        await AssertRefusedAsync(Batch(OpenRun(NewConversation(), "key")));
    }

    [Fact, Rule("12.3", "7.1")]
    public async Task TryWrite_returns_false_when_another_store_has_changed_the_pointer()
    {
        await WriteAsync(Other, PointingBatch(null, Touch(NewConversation())));

        await AssertRefusedAsync(PointingBatch(null, Touch(NewConversation())));
    }

    [Fact, Rule("12.3", "3.1")]
    public async Task Every_read_shows_each_write_of_another_store()
    {
        foreach (var write in Writes())
        {
            await SnapshotAsync(Other);

            await write();

            ModelAssert.Equal(await SnapshotAsync(Store), await SnapshotAsync(Other), "The contents that two stores show of the same data");
        }
    }

    [Fact, Rule("12.3")]
    public async Task Load_returns_null_when_another_store_has_deleted_the_conversation()
    {
        var created = await CreateCurrentAsync(null, User());
        await Other.DeleteConversationAsync(created.Conversation.Id, Host);

        Assert.Null((await Store.LoadAsync(ByScope())).Conversation);
    }

    [Fact, Rule("12.3", "2.4")]
    public async Task TryWrite_applies_one_batch_when_stores_write_on_one_version_at_the_same_time()
    {
        var read = await CreateAsync();

        var written = await RaceInStoresAsync(Fixture.LastName, store => store.TryWriteAsync(Batch(Append(read, User()))).AsTask());

        Assert.Equal(1, written.Count(isWritten => isWritten));
        Assert.Single(await MessagesAsync(read.Conversation.Id));
    }

    [Fact, Rule("12.3", "7.1", "2.4")]
    public async Task TryWrite_sets_pointer_once_when_stores_are_opened_on_new_data_at_the_same_time()
    {
        var written = await RaceInStoresAsync("created", store => store.TryWriteAsync(PointingBatch(null, Touch(NewConversation()))).AsTask());

        Assert.Equal(1, written.Count(isWritten => isWritten));
    }

    [Fact, Rule("12.3", "6.1", "2.4")]
    public async Task TryWrite_gives_key_to_one_run_when_stores_write_it_at_the_same_time()
    {
        var written = await RaceInStoresAsync(Fixture.LastName, store => store.TryWriteAsync(Batch(OpenRun(NewConversation(), "key"))).AsTask());

        Assert.Equal(1, written.Count(isWritten => isWritten));
        Assert.Single(await IdsAsync());
    }

    private IEnumerable<Func<Task>> Writes()
    {
        StoredConversation conversation = null!;
        yield return async () => conversation = await CreateCurrentAsync(null, User("1"), User("2"), User("3"));
        yield return async () => conversation = await WriteAsync(OpenRun(conversation, "key", User("4")));
        yield return async () => conversation = await WriteAsync(CloseRun(conversation, Assistant("5")));
        yield return async () => conversation = await WriteAsync(Rename(conversation, "title"));
        yield return async () => conversation = await WriteAsync(Touch(conversation) with { DeletedMessages = [2] });
        yield return async () => conversation = await WriteAsync(Touch(conversation) with { Recounts = [new TokenRecount(1, new TokenAmount(3, "counter"))] });
        yield return async () => conversation = await WriteAsync(Touch(conversation) with { Superseded = [new SupersededChange(5, 5, null, 2)] });
        yield return async () => conversation = await WriteAsync(Touch(conversation) with
        {
            Summary = new ConversationSummary { ConversationId = conversation.Conversation.Id, Through = 1, MessageCount = 1, Text = "summary", CreatedAt = Time.GetUtcNow() },
        });
        yield return async () => conversation = await WriteAsync(Touch(conversation) with { DropSummariesFrom = 1 });
        yield return () => WriteAsync(PointingBatch(conversation.Conversation.Id, Touch(NewConversation())));
        yield return () => Store.DeleteConversationAsync(conversation.Conversation.Id, Host).AsTask();
    }

    private async Task<IReadOnlyList<bool>> RaceInStoresAsync(string name, Func<IConversationStore, Task<bool>> write) =>
        await RaceAsync(Stores, async _ =>
        {
            await using var store = await Fixture.OpenAsync(name, Time);
            return await write(store);
        });
}

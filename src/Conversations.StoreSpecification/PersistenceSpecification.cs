using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Optional: what was written outlives the store and the process.</summary>
public abstract class PersistenceSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : PersistentStoreFixture, new()
{
    [Fact, Rule("2.5")]
    public async Task Store_shows_the_same_contents_when_it_is_opened_again()
    {
        await WriteEverythingAsync();
        var before = await SnapshotAsync(Store);
        await Store.DisposeAsync();

        await using var again = await Fixture.OpenAsync(Fixture.LastName, Time);

        ModelAssert.Equal(before, await SnapshotAsync(again), "The contents of the store before it was closed and after it was opened again");
    }

    [Fact, Rule("2.5")]
    public async Task Store_shows_the_same_contents_when_the_process_dies()
    {
        await WriteEverythingAsync();
        await Fixture.CopyAsync(Fixture.LastName, "copy");

        await using var copy = await Fixture.OpenAsync("copy", Time);

        ModelAssert.Equal(await SnapshotAsync(Store), await SnapshotAsync(copy), "The contents of the store and what remains when the process dies");
    }

    [Theory, Rule("2.5")]
    [InlineData(WriteDurability.Process)]
    [InlineData(WriteDurability.Disk)]
    public async Task TryWrite_survives_death_of_the_process_when_it_returns(WriteDurability durability)
    {
        var conversation = NewConversation();
        await WriteAsync(Batch(Append(conversation, User("text"))) with { Durability = durability });
        await Fixture.CopyAsync(Fixture.LastName, "copy");

        await using var copy = await Fixture.OpenAsync("copy", Time);

        Assert.Single(await copy.ReadMessagesAsync(AllMessages(conversation.Conversation.Id)));
    }

    [Fact, Rule("2.5", "11.1")]
    public async Task DeleteConversation_survives_death_of_the_process_when_it_returns()
    {
        var created = await CreateCurrentAsync(null, User());
        await Store.DeleteConversationAsync(created.Conversation.Id, Host);
        await Fixture.CopyAsync(Fixture.LastName, "copy");

        await using var copy = await Fixture.OpenAsync("copy", Time);

        Assert.Null((await copy.LoadAsync(ByScope())).Conversation);
    }

    [Fact, Rule("2.1", "2.5")]
    public async Task TryWrite_returns_false_when_version_was_outdated_before_the_store_was_opened_again()
    {
        var read = await CreateAsync();
        await WriteAsync(Touch(read));
        await Store.DisposeAsync();

        await using var again = await Fixture.OpenAsync(Fixture.LastName, Time);

        Assert.False(await again.TryWriteAsync(Batch(Rename(read, "title"))));
    }

    [Fact, Rule("2.5", "4.2")]
    public async Task TryWrite_returns_false_when_position_was_used_before_the_store_was_opened_again()
    {
        var created = await CreateNumberedAsync(2);
        var deleted = await WriteAsync(Touch(created) with { DeletedMessages = [2] });
        await Store.DisposeAsync();

        await using var again = await Fixture.OpenAsync(Fixture.LastName, Time);

        var reused = Append(created, User()).Messages[0] with { Position = 2 };
        Assert.False(await again.TryWriteAsync(Batch(Touch(deleted) with { Messages = [reused] })));
    }

    [Fact, Rule("2.5", "6.1")]
    public async Task TryWrite_returns_false_when_key_was_used_before_the_store_was_opened_again()
    {
        await WriteAsync(CloseRun(await WriteAsync(OpenRun(await CreateAsync(), "key"))));
        await Store.DisposeAsync();

        await using var again = await Fixture.OpenAsync(Fixture.LastName, Time);

        Assert.False(await again.TryWriteAsync(Batch(OpenRun(NewConversation(), "key"))));
    }

    [Fact, Rule("2.5", "7.1")]
    public async Task TryWrite_returns_false_when_pointer_was_changed_before_the_store_was_opened_again()
    {
        await CreateCurrentAsync();
        await Store.DisposeAsync();

        await using var again = await Fixture.OpenAsync(Fixture.LastName, Time);

        Assert.False(await again.TryWriteAsync(PointingBatch(null, Touch(NewConversation()))));
    }

    [Fact, Rule("12.3")]
    public async Task Second_store_shares_the_data_or_is_refused_when_the_first_is_open()
    {
        var created = await CreateAsync(User());

        var (shown, refusal) = await LoadInSecondStoreAsync(created.Conversation.Id);

        if (refusal is null)
            ModelAssert.Equal(created, shown);
        else
            Assert.Equal(ConversationErrorCodes.StoreUnavailable, refusal.Code);
    }

    [Fact, Rule("12.3")]
    public async Task TryWrite_applies_batch_when_a_second_store_was_opened_or_refused()
    {
        var created = await CreateAsync(User());
        await LoadInSecondStoreAsync(created.Conversation.Id);

        Assert.True(await Store.TryWriteAsync(Batch(Append(created, User()))));
    }

    [Theory, Rule("12.2")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dispose_leaves_no_file_and_no_connection_open(bool isAsync)
    {
        await WriteEverythingAsync();
        await SnapshotAsync(Store);

        if (isAsync)
            await Store.DisposeAsync();
        else
            Store.Dispose();

        Assert.False(await Fixture.IsOpenAsync(Fixture.LastName), "The store was disposed, and its data are still open.");
    }

    private async Task<(StoredConversation? Shown, ConversationStoreException? Refusal)> LoadInSecondStoreAsync(string conversationId)
    {
        try
        {
            await using var second = await Fixture.OpenAsync(Fixture.LastName, Time);
            return ((await second.LoadAsync(ById(conversationId))).Conversation, null);
        }
        catch (ConversationStoreException refusal)
        {
            return (null, refusal);
        }
    }

    /// <summary>Writes something of every kind, some of it twice.</summary>
    private async Task WriteEverythingAsync()
    {
        var conversation = await CreateCurrentAsync(null, User("1"), Assistant("2") with { Tokens = new TokenAmount(3, "counter"), Metadata = """{"a":1}""" }, Error("3"));
        conversation = await WriteAsync(CloseRun(await WriteAsync(OpenRun(conversation, "key", User("4"))), Assistant("5")));
        var summary = new ConversationSummary { ConversationId = conversation.Conversation.Id, Through = 1, MessageCount = 1, Text = "summary", CreatedAt = Time.GetUtcNow() };
        conversation = await WriteAsync(Rename(conversation, "title \0 \uFFFF") with
        {
            DeletedMessages = [3],
            Recounts = [new TokenRecount(1, new TokenAmount(9, "counter"))],
            Superseded = [new SupersededChange(5, 5, null, 2)],
            Summary = summary,
        });
        var opened = await WriteAsync(OpenRun(conversation, "another key", User("6")));
        if (Store.GetFeature<IConversationStreamStore>() is { } streams)
        {
            var segments = new SegmentBatch { Access = Host, ConversationId = opened.Conversation.Id, RunNumber = opened.LastRun, Token = opened.OpenRun!.Token, Segments = [new(1, 0, "a"), new(2, 1, "b")] };
            Assert.True(await streams.AppendSegmentsAsync(segments));
        }

        Time.Advance(TimeSpan.FromTicks(1));
        var ended = await CreateInAsync(ScopeOf("user_2"), User());
        await WriteAsync(Touch(ended with { Conversation = ended.Conversation with { Status = ConversationStatus.Ended, EndedAt = Time.GetUtcNow() } }));
        var deleted = await CreateCurrentAsync(ScopeOf("user_3"), User());
        await Store.DeleteConversationAsync(deleted.Conversation.Id, Host);
        await WriteAsync(Batch(Rename(NewConversation(ScopeOf("user_4")), "one"), Rename(NewConversation(ScopeOf("user_4")), "two")) with { Durability = WriteDurability.Disk });
    }
}

using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A batch is applied whole if its conditions hold; otherwise, or if it fails, nothing changes.</summary>
public abstract class ConditionalWriteSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("2.2")]
    public async Task TryWrite_inserts_conversation_when_version_is_0()
    {
        var conversation = NewConversation();

        await WriteAsync(Touch(conversation));

        ModelAssert.Equal(conversation.Conversation, (await LoadAsync(conversation.Conversation.Id))?.Conversation);
    }

    [Fact, Rule("2.3")]
    public async Task TryWrite_sets_version_1_when_conversation_is_inserted()
    {
        var created = await CreateAsync();

        Assert.Equal(1, (await LoadAsync(created.Conversation.Id))?.Version);
    }

    [Fact, Rule("2.3")]
    public async Task TryWrite_adds_1_to_version_at_each_write()
    {
        var conversation = await CreateAsync();
        conversation = await WriteAsync(Rename(conversation, "title"));
        conversation = await WriteAsync(Append(conversation, User()));

        await WriteAsync(Touch(conversation));

        Assert.Equal(4, (await LoadAsync(conversation.Conversation.Id))?.Version);
    }

    [Fact, Rule("2.3")]
    public async Task TryWrite_leaves_version_of_other_conversations()
    {
        var other = await CreateAsync();
        var conversation = await CreateAsync();

        await WriteAsync(Touch(conversation));

        Assert.Equal(1, (await LoadAsync(other.Conversation.Id))?.Version);
    }

    [Fact, Rule("2.1")]
    public async Task TryWrite_returns_false_when_open_run_has_another_token()
    {
        var opened = await WriteAsync(OpenRun(await CreateAsync()));

        await AssertRefusedAsync(Batch(Rename(opened, "title") with { ExpectedToken = opened.OpenRun!.Token + 1 }));
    }

    [Fact, Rule("2.1")]
    public async Task TryWrite_returns_false_when_token_is_expected_and_no_run_is_open()
    {
        var created = await CreateAsync();

        await AssertRefusedAsync(Batch(Rename(created, "title") with { ExpectedToken = 1 }));
    }

    [Fact, Rule("2.1")]
    public async Task TryWrite_applies_batch_when_open_run_has_the_expected_token()
    {
        var opened = await WriteAsync(OpenRun(await CreateAsync()));

        await WriteAsync(Rename(opened, "title") with { ExpectedToken = opened.OpenRun!.Token });

        Assert.Equal("title", (await LoadAsync(opened.Conversation.Id))?.Conversation.Title);
    }

    [Fact, Rule("2.1")]
    public async Task TryWrite_returns_false_when_version_is_outdated()
    {
        var read = await CreateAsync();
        await WriteAsync(Rename(read, "first"));

        await AssertRefusedAsync(Batch(Rename(read, "second")));
    }

    [Fact, Rule("2.1")]
    public async Task TryWrite_returns_false_when_version_was_never_reached()
    {
        var read = await CreateAsync();

        await AssertRefusedAsync(Batch(Rename(read with { Version = 2 }, "title")));
    }

    [Fact, Rule("2.1")]
    public async Task TryWrite_returns_false_when_conversation_does_not_exist()
    {
        await CreateAsync();

        await AssertRefusedAsync(Batch(Touch(NewConversation() with { Version = 1 })));
    }

    [Fact, Rule("2.1")]
    public async Task TryWrite_returns_false_when_conversation_was_deleted()
    {
        var deleted = await CreateAsync();
        await CreateAsync();
        await Store.DeleteConversationAsync(deleted.Conversation.Id, Host);

        await AssertRefusedAsync(Batch(Rename(deleted, "title")));
    }

    [Fact, Rule("2.1")]
    public async Task TryWrite_returns_false_when_conversations_belong_to_different_scopes()
    {
        var one = await CreateInAsync(ScopeOf("user_1"));
        var other = await CreateInAsync(ScopeOf("user_2"));

        await AssertRefusedAsync(Batch(Rename(one, "title"), Rename(other, "title")));
    }

    [Fact, Rule("2.1")]
    public async Task TryWrite_returns_false_when_conversation_belongs_to_another_scope_than_the_new_one()
    {
        var other = await CreateInAsync(ScopeOf("user_2"));

        await AssertRefusedAsync(Batch(Touch(NewConversation(ScopeOf("user_1"))), Rename(other, "title")));
    }

    [Fact, Rule("2.1")]
    public async Task TryWrite_returns_false_when_conversation_belongs_to_another_scope_than_the_pointer()
    {
        var other = await CreateInAsync(ScopeOf("user_2"));
        var batch = Batch(Rename(other, "title")) with { Scope = ScopeOf("user_1"), PointerChange = new PointerChange(null, other.Conversation.Id) };

        await AssertRefusedAsync(batch);
    }

    [Theory, Rule("2.2")]
    [InlineData("user_1", ConversationScope.DefaultProject)]
    [InlineData("user_2", ConversationScope.DefaultProject)]
    [InlineData("user_1", "other")]
    public async Task TryWrite_returns_false_when_new_id_exists(string user, string project)
    {
        var existing = await CreateAsync(User());
        var second = NewConversation(ScopeOf(user, project: project));

        await AssertRefusedAsync(Batch(Append(second with { Conversation = second.Conversation with { Id = existing.Conversation.Id, Title = "second" } }, User("second"))));
    }

    [Theory, Rule("2.1", "2.4")]
    [InlineData(0)]
    [InlineData(1)]
    public async Task TryWrite_changes_no_conversation_when_one_version_is_outdated(int outdated)
    {
        StoredConversation[] read = [await CreateAsync(), await CreateAsync()];
        await WriteAsync(Touch(read[outdated]));

        await AssertRefusedAsync(Batch(Append(read[0], User()), Append(read[1], User())));
    }

    [Theory, Rule("2.2", "2.4")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TryWrite_inserts_no_conversation_when_one_id_exists(bool existsFirst)
    {
        var existing = await CreateAsync();
        var added = Append(NewConversation(), User());
        var again = Touch(existing with { Version = 0 });

        await AssertRefusedAsync(existsFirst ? Batch(again, added) : Batch(added, again));
    }

    [Fact, Rule("2.4")]
    public async Task TryWrite_applies_both_conversations_when_conditions_hold()
    {
        var existing = await CreateAsync();
        var added = NewConversation();

        await WriteAsync(Batch(Rename(existing, "existing"), Rename(added, "added")));

        Assert.Equal(["added", "existing"], (await Store.ListConversationsAsync(AllConversations())).Select(conversation => conversation.Title));
    }

    [Fact, Rule("2.1", "2.4")]
    public async Task TryWrite_changes_nothing_when_pointer_is_unexpected()
    {
        var current = await CreateCurrentAsync();

        await AssertRefusedAsync(PointingBatch(null, Append(NewConversation(), User()), Rename(current, "title")));
    }

    [Fact, Rule("2.4")]
    public async Task TryWrite_inserts_all_messages_of_a_long_conversation()
    {
        var created = await CreateNumberedAsync(LongConversation);

        Assert.Equal(Enumerable.Range(1, LongConversation).Select(number => $"{number}"), await TextsAsync(created.Conversation.Id));
    }

    [Fact, Rule("2.4")]
    public async Task TryWrite_inserts_nothing_of_a_long_conversation_when_pointer_is_unexpected()
    {
        await CreateCurrentAsync();
        var write = Append(NewConversation(), [.. Enumerable.Range(1, LongConversation).Select(number => User($"{number}"))]);

        await AssertRefusedAsync(PointingBatch(null, write));
        Assert.Null(await LoadAsync(write.Conversation.Conversation.Id));
        await WriteAsync(write);
        Assert.Equal(LongConversation, (await MessagesAsync(write.Conversation.Conversation.Id)).Count);
    }

    [Fact, Rule("2.4", "6.1")]
    public async Task TryWrite_changes_nothing_when_key_is_used()
    {
        var one = await WriteAsync(OpenRun(await CreateAsync(), "key"));
        var other = await CreateAsync();

        await AssertRefusedAsync(Batch(Rename(one, "title"), OpenRun(other, "key", User())));
    }

    [Fact, Rule("2.4", "4.2")]
    public async Task TryWrite_changes_nothing_when_position_was_used()
    {
        var one = await CreateAsync(User());
        var other = await CreateAsync();
        var taken = Append(one, User()).Messages[0] with { Position = 1 };

        await AssertRefusedAsync(Batch(Rename(other, "title"), Rename(one, "title") with { Messages = [taken] }));
    }

    [Fact, Rule("2.4", "2.6")]
    public async Task TryWrite_writes_nothing_when_it_fails_in_the_middle()
    {
        var one = await CreateAsync(User());
        var other = await CreateAsync(User());
        var messages = Append(one, User("a"), User("b")).Messages;
        var failing = new FaultyList<StoredMessage>(() => throw new InvalidOperationException("failed"), [.. messages]);
        var before = await SnapshotAsync(Store);

        await Assert.ThrowsAnyAsync<Exception>(async () => await Store.TryWriteAsync(Batch(Append(other, User()), Rename(one, "title") with { Messages = failing })));

        ModelAssert.Equal(before, await SnapshotAsync(Store), "The contents of the store before and after a batch that failed");
    }

    [Fact, Rule("2.6")]
    public async Task TryWrite_applies_batch_when_an_earlier_one_failed()
    {
        var conversation = await CreateAsync();
        var write = Append(conversation, User("a"), User("b"));
        var failing = new FaultyList<StoredMessage>(() => throw new InvalidOperationException("failed"), [.. write.Messages]);
        await Assert.ThrowsAnyAsync<Exception>(async () => await Store.TryWriteAsync(Batch(write with { Messages = failing })));

        await WriteAsync(write);

        Assert.Equal(["a", "b"], await TextsAsync(conversation.Conversation.Id));
    }
}

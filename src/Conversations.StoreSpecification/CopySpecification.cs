using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Collections that go in or come out are copies.</summary>
public abstract class CopySpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("1.1")]
    public async Task TryWrite_keeps_messages_when_list_changes_after_call()
    {
        var write = Append(NewConversation(), User("stored"));
        var messages = write.Messages.ToList();
        await WriteAsync(write with { Messages = messages });

        messages[0] = User("changed");
        messages.Add(User("added"));

        Assert.Equal(["stored"], await TextsAsync(write.Conversation.Conversation.Id));
    }

    [Fact, Rule("1.1")]
    public async Task TryWrite_keeps_runs_when_list_changes_after_call()
    {
        var created = await CreateAsync();
        var runs = new List<StoredRun> { ClosedRun(created.Conversation.Id, 1) };
        await WriteAsync(Touch(created) with { Runs = runs });

        runs[0] = ClosedRun(created.Conversation.Id, 2);
        runs.Add(ClosedRun(created.Conversation.Id, 3));

        Assert.Equal([1], await RunNumbersAsync(AllRuns(created.Conversation.Id)));
    }

    [Fact, Rule("1.1")]
    public async Task TryWrite_writes_lists_as_they_were_passed_when_they_change_before_it_completes()
    {
        await using var other = await Fixture.CreateAsync(Time);
        var creation = Batch(Append(NewConversation(), User("1"), User("2"), User("3")));
        await WriteAsync(other, creation);
        var created = await WriteAsync(Store, creation);
        var write = Append(created, User("4")) with
        {
            DeletedMessages = [1],
            Recounts = [new TokenRecount(2, new TokenAmount(5, "counter"))],
            Superseded = [new SupersededChange(2, 2, null, 7)],
            Runs = [ClosedRun(created.Conversation.Id, 1)],
        };
        await WriteAsync(other, Batch(write));
        using var change = new ListChange();
        var changing = write with
        {
            DeletedMessages = change.Of(write.DeletedMessages, [3]),
            Recounts = change.Of(write.Recounts, [new TokenRecount(3, new TokenAmount(5, "counter"))]),
            Superseded = change.Of(write.Superseded, [new SupersededChange(3, 3, null, 7)]),
            Runs = change.Of(write.Runs, [ClosedRun(created.Conversation.Id, 2)]),
            Messages = change.Of(write.Messages, Append(created, User("changed")).Messages),
        };

        var writing = Store.TryWriteAsync(Batch(write) with { Conversations = change.Of([changing], [Rename(created, "changed")]) });
        change.Apply();

        Assert.True(await writing);
        ModelAssert.Equal(await SnapshotAsync(other), await SnapshotAsync(Store), "What the lists contained when they were passed, and what is stored");
    }

    [Fact, Rule("1.1")]
    public async Task ReadMessages_returns_stored_messages_when_earlier_result_was_changed()
    {
        var created = await CreateAsync(User("1"), User("2"));

        Spoil(await MessagesAsync(created.Conversation.Id));

        Assert.Equal(["1", "2"], await TextsAsync(created.Conversation.Id));
    }

    [Fact, Rule("1.1")]
    public async Task Load_returns_stored_window_when_earlier_result_was_changed()
    {
        var created = await CreateAsync(User("1"), User("2"));
        var lookup = ById(created.Conversation.Id) with { Window = new WindowSize(9) };

        Spoil((await Store.LoadAsync(lookup)).Window);

        Assert.Equal(["1", "2"], await WindowAsync(created.Conversation.Id, new WindowSize(9)));
    }

    [Fact, Rule("1.1")]
    public async Task ReadRuns_returns_stored_runs_when_earlier_result_was_changed()
    {
        var created = await CreateAsync();
        await WriteAsync(Touch(created) with { Runs = [ClosedRun(created.Conversation.Id, 1)] });

        Spoil(await RunsAsync(created.Conversation.Id));

        Assert.Equal([1], await RunNumbersAsync(AllRuns(created.Conversation.Id)));
    }

    [Fact, Rule("1.1")]
    public async Task ListConversations_returns_stored_conversations_when_earlier_result_was_changed()
    {
        var created = await CreateAsync();

        Spoil(await Store.ListConversationsAsync(AllConversations()));

        Assert.Equal([created.Conversation.Id], await IdsAsync());
    }

    [Fact, Rule("1.1")]
    public async Task Results_do_not_change_when_store_changes()
    {
        var created = await CreateAsync(User("1"));
        var messages = await MessagesAsync(created.Conversation.Id);
        var window = (await Store.LoadAsync(ById(created.Conversation.Id) with { Window = new WindowSize(9) })).Window;

        await WriteAsync(Append(created, User("2")) with { DeletedMessages = [1] });

        Assert.Equal(["1"], messages.Concat(window).Select(message => message.Text).Distinct());
    }

    private static void Spoil<T>(IReadOnlyList<T> list)
    {
        if (list is not IList<T> { IsReadOnly: false } writable)
            return;

        writable[0] = default!;
        if (writable is List<T> growing)
            growing.Clear();
    }
}

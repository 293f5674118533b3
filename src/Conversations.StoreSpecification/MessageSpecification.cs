using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Positions, deletions, token counts and superseding of messages.</summary>
public abstract class MessageSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("4.1")]
    public async Task ReadMessages_returns_order_of_positions_when_times_are_reversed()
    {
        var created = await CreateAsync(
            User("1") with { CreatedAt = Time.GetUtcNow() },
            User("2") with { CreatedAt = Time.GetUtcNow().AddDays(-1) },
            User("3") with { CreatedAt = Time.GetUtcNow().AddDays(-2) });

        Assert.Equal(["1", "2", "3"], await TextsAsync(created.Conversation.Id));
    }

    [Fact, Rule("4.1")]
    public async Task ReadMessages_returns_order_of_positions_when_batch_lists_messages_in_another_order()
    {
        var write = Append(NewConversation(), User("1"), User("2"), User("3"));
        await WriteAsync(write with { Messages = [.. write.Messages.Reverse()] });

        Assert.Equal(["1", "2", "3"], await TextsAsync(write.Conversation.Conversation.Id));
    }

    [Fact, Rule("4.1")]
    public async Task ReadMessages_returns_order_of_positions_when_there_are_many()
    {
        var created = await CreateNumberedAsync(12);

        Assert.Equal(Enumerable.Range(1, 12).Select(number => $"{number}"), await TextsAsync(created.Conversation.Id));
    }

    [Fact, Rule("4.1")]
    public async Task ReadMessages_returns_positions_as_written_when_some_were_skipped()
    {
        var created = await CreateAsync(User());
        var later = created with { Conversation = created.Conversation with { LastPosition = 5 } };
        await WriteAsync(Append(later, User()));

        Assert.Equal([1, 6], (await MessagesAsync(created.Conversation.Id)).Select(message => message.Position));
    }

    [Fact, Rule("4.1")]
    public async Task ReadMessages_returns_messages_of_the_conversation_only()
    {
        var one = await CreateAsync(User("one"));
        await CreateAsync(User("other"));

        Assert.Equal(["one"], await TextsAsync(one.Conversation.Id));
    }

    [Fact, Rule("4.2")]
    public async Task TryWrite_returns_false_when_position_is_taken()
    {
        var created = await CreateNumberedAsync(2);
        var taken = Append(created, User("new")).Messages[0] with { Position = 2 };

        await AssertRefusedAsync(Batch(Touch(created) with { Messages = [taken] }));
    }

    [Theory, Rule("4.2")]
    [InlineData(1)]
    [InlineData(2)]
    public async Task TryWrite_returns_false_when_position_was_used_by_a_deleted_message(int position)
    {
        var created = await CreateNumberedAsync(2);
        var deleted = await WriteAsync(Touch(created) with { DeletedMessages = [position] });
        var reused = Append(created, User("new")).Messages[0] with { Position = position };

        await AssertRefusedAsync(Batch(Touch(deleted) with { Messages = [reused] }));
    }

    [Fact, Rule("4.2")]
    public async Task TryWrite_returns_false_when_position_was_skipped()
    {
        var created = await CreateAsync(User());
        var later = created with { Conversation = created.Conversation with { LastPosition = 5 } };
        var written = await WriteAsync(Append(later, User()));
        var skipped = Append(written, User("new")).Messages[0] with { Position = 3 };

        await AssertRefusedAsync(Batch(Touch(written) with { Messages = [skipped] }));
    }

    [Fact, Rule("4.2")]
    public async Task TryWrite_returns_false_when_position_is_of_a_message_that_the_batch_deletes()
    {
        var created = await CreateNumberedAsync(2);
        var reused = Append(created, User("new")).Messages[0] with { Position = 2 };

        await AssertRefusedAsync(Batch(Touch(created) with { DeletedMessages = [2], Messages = [reused] }));
    }

    [Fact, Rule("4.1", "4.2")]
    public async Task TryWrite_returns_false_when_batch_uses_position_twice()
    {
        var created = await CreateAsync();
        var write = Append(created, User("a"), User("b"));

        await AssertRefusedAsync(Batch(write with { Messages = [write.Messages[0], write.Messages[1] with { Position = 1 }] }));
    }

    [Fact, Rule("4.2")]
    public async Task TryWrite_deletes_messages_by_position()
    {
        var created = await CreateNumberedAsync(4);
        await WriteAsync(Touch(created) with { DeletedMessages = [4, 2] });

        Assert.Equal(["1", "3"], await TextsAsync(created.Conversation.Id));
    }

    [Fact, Rule("4.2")]
    public async Task TryWrite_skips_deletions_of_positions_without_message()
    {
        var created = await CreateNumberedAsync(2);
        var deleted = await WriteAsync(Touch(created) with { DeletedMessages = [1] });
        await WriteAsync(Touch(deleted) with { DeletedMessages = [1, 9] });

        Assert.Equal(["2"], await TextsAsync(created.Conversation.Id));
    }

    [Fact, Rule("4.2")]
    public async Task TryWrite_replaces_token_counts_by_position()
    {
        var created = await CreateAsync(User() with { Tokens = new TokenAmount(1, "old") }, User() with { Tokens = new TokenAmount(2, "old") }, User());
        await WriteAsync(Touch(created) with { Recounts = [new(3, new TokenAmount(30, "new")), new(1, new TokenAmount(10, "new"))] });

        Assert.Equal(
            [new TokenAmount(10, "new"), new TokenAmount(2, "old"), new TokenAmount(30, "new")],
            (await MessagesAsync(created.Conversation.Id)).Select(message => message.Tokens!.Value));
    }

    [Fact, Rule("4.2")]
    public async Task TryWrite_skips_token_counts_of_positions_without_message()
    {
        var created = await CreateNumberedAsync(2);
        var deleted = await WriteAsync(Touch(created) with { DeletedMessages = [1] });
        await WriteAsync(Touch(deleted) with { Recounts = [new(1, new TokenAmount(1, "new")), new(9, new TokenAmount(1, "new"))] });

        Assert.Null(Assert.Single(await MessagesAsync(created.Conversation.Id)).Tokens);
    }

    [Fact, Rule("4.4")]
    public async Task TryWrite_supersedes_current_messages_between_positions_inclusive()
    {
        var created = await CreateNumberedAsync(4);
        await WriteAsync(Touch(created) with { Superseded = [new SupersededChange(2, 3, null, 7)] });

        Assert.Equal([null, 7, 7, null], await SupersededByAsync(created));
    }

    [Fact, Rule("4.4")]
    public async Task TryWrite_supersedes_up_to_the_last_message_when_range_is_unlimited()
    {
        var created = await CreateNumberedAsync(3);
        await WriteAsync(Touch(created) with { Superseded = [new SupersededChange(2, long.MaxValue, null, 7)] });

        Assert.Equal([null, 7, 7], await SupersededByAsync(created));
    }

    [Fact, Rule("4.4")]
    public async Task TryWrite_leaves_messages_that_another_run_superseded()
    {
        var created = await CreateNumberedAsync(3);
        var first = await WriteAsync(Touch(created) with { Superseded = [new SupersededChange(2, 2, null, 7)] });
        await WriteAsync(Touch(first) with { Superseded = [new SupersededChange(1, 3, null, 8)] });

        Assert.Equal([8, 7, 8], await SupersededByAsync(created));
    }

    [Fact, Rule("4.4")]
    public async Task TryWrite_restores_messages_with_the_expected_value_only()
    {
        var created = await CreateNumberedAsync(3);
        var superseded = await WriteAsync(Touch(created) with { Superseded = [new SupersededChange(1, 2, null, 7), new SupersededChange(3, 3, null, 8)] });
        await WriteAsync(Touch(superseded) with { Superseded = [new SupersededChange(1, 3, 7, null)] });

        Assert.Equal([null, null, 8], await SupersededByAsync(created));
    }

    [Fact, Rule("4.4")]
    public async Task TryWrite_applies_changes_of_superseded_messages_in_order()
    {
        var created = await CreateNumberedAsync(2);
        await WriteAsync(Touch(created) with { Superseded = [new SupersededChange(1, 2, null, 7), new SupersededChange(2, 2, 7, 8), new SupersededChange(2, 2, 8, null)] });

        Assert.Equal([7, null], await SupersededByAsync(created));
    }

    [Fact, Rule("4.4")]
    public async Task TryWrite_does_not_supersede_messages_of_the_same_batch()
    {
        var created = await CreateNumberedAsync(1);
        await WriteAsync(Append(created, Assistant()) with { Superseded = [new SupersededChange(1, long.MaxValue, null, 7)] });

        Assert.Equal([7, null], await SupersededByAsync(created));
    }

    [Fact, Rule("4.4", "9.2")]
    public async Task TryWrite_inserts_messages_that_are_superseded()
    {
        var created = await CreateAsync(User(), Assistant() with { SupersededBy = 7 });

        Assert.Equal([null, 7], await SupersededByAsync(created));
    }

    [Fact, Rule("4.4")]
    public async Task ReadMessages_returns_superseded_messages_unchanged()
    {
        var created = await CreateAsync(User("text") with { Tokens = new TokenAmount(3, "counter"), IsPartial = true, RunNumber = 4 });
        var before = Assert.Single(await MessagesAsync(created.Conversation.Id));
        await WriteAsync(Touch(created) with { Superseded = [new SupersededChange(1, 1, null, 7)] });

        ModelAssert.Equal(before with { SupersededBy = 7 }, Assert.Single(await MessagesAsync(created.Conversation.Id)));
    }

    [Fact, Rule("4.4")]
    public async Task ReadRuns_returns_run_unchanged_when_its_messages_are_superseded()
    {
        var opened = await WriteAsync(OpenRun(await CreateAsync(), "key", User()));
        var closed = await WriteAsync(CloseRun(opened, Assistant()));
        var before = await RunsAsync(opened.Conversation.Id);
        await WriteAsync(Touch(closed) with { Superseded = [new SupersededChange(1, 2, null, 7)] });

        ModelAssert.Equal(before, await RunsAsync(opened.Conversation.Id));
    }

    private async Task<IEnumerable<long?>> SupersededByAsync(StoredConversation conversation) =>
        (await MessagesAsync(conversation.Conversation.Id)).Select(message => message.SupersededBy);
}

using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Idempotency keys are unique per scope and caller, and runs are found by them.</summary>
public abstract class IdempotencyKeySpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("6.2")]
    public async Task Load_returns_open_run_with_the_key()
    {
        var opened = await WriteAsync(OpenRun(await CreateAsync(), "key", User()));

        ModelAssert.Equal(new StoredRun { Run = opened.OpenRun!.Run, Fingerprint = "digest of key" }, await KeyedRunAsync("key"));
    }

    [Fact, Rule("6.2")]
    public async Task Load_returns_closed_run_with_the_key()
    {
        var write = CloseRun(await WriteAsync(OpenRun(await CreateAsync(), "key", User())), Assistant());
        await WriteAsync(write);

        ModelAssert.Equal(write.Runs[0], await KeyedRunAsync("key"));
    }

    [Fact, Rule("6.2")]
    public async Task Load_returns_conversation_of_the_keyed_run_when_another_is_current()
    {
        var old = await WriteAsync(OpenRun(await CreateAsync(), "key"));
        var current = await CreateCurrentAsync();

        var state = await Store.LoadAsync(ByScope() with { Key = new RequestKey("caller", "key") });

        ModelAssert.Equal(new[] { current, old }, new[] { state.Conversation, state.KeyedConversation });
    }

    [Fact, Rule("6.2")]
    public async Task Load_returns_keyed_run_when_scope_points_to_no_conversation()
    {
        await WriteAsync(OpenRun(await CreateAsync(), "key"));

        Assert.NotNull(await KeyedRunAsync("key"));
    }

    [Fact, Rule("6.2")]
    public async Task Load_returns_keyed_run_of_the_scope_when_conversation_is_given_by_id()
    {
        var keyed = await WriteAsync(OpenRun(await CreateAsync(), "key"));
        var other = await CreateAsync();

        var state = await Store.LoadAsync(ById(other.Conversation.Id) with { Key = new RequestKey("caller", "key") });

        Assert.Equal((other.Conversation.Id, keyed.Conversation.Id), (state.Conversation?.Conversation.Id, state.KeyedConversation?.Conversation.Id));
    }

    [Fact, Rule("6.2")]
    public async Task Load_returns_no_keyed_run_when_no_key_is_requested()
    {
        var opened = await WriteAsync(OpenRun(await CreateAsync(), "key"));

        var state = await Store.LoadAsync(ById(opened.Conversation.Id));

        Assert.Equal((null, null), (state.KeyedRun, state.KeyedConversation));
    }

    [Fact, Rule("6.2")]
    public async Task Load_returns_no_keyed_run_when_conversation_by_id_does_not_exist()
    {
        await WriteAsync(OpenRun(await CreateAsync(), "key"));

        Assert.Null((await Store.LoadAsync(ById("conv_unknown") with { Key = new RequestKey("caller", "key") })).KeyedRun);
    }

    [Theory, Rule("6.2")]
    [InlineData("user_1", "caller", "KEY")]
    [InlineData("user_1", "caller", "key ")]
    [InlineData("user_1", "Caller", "key")]
    [InlineData("user_1", "", "key")]
    [InlineData("user_2", "caller", "key")]
    public async Task Load_returns_no_keyed_run_of_another_key_caller_or_scope(string user, string caller, string key)
    {
        await WriteAsync(OpenRun(await CreateAsync(), "key"));
        await CreateInAsync(ScopeOf("user_2"));

        Assert.Null(await KeyedRunAsync(key, ScopeOf(user), caller));
    }

    [Fact, Rule("6.2")]
    public async Task Load_returns_keyed_run_of_a_caller_without_identity()
    {
        var created = await CreateAsync();
        var run = ClosedRun(created.Conversation.Id, 1, "key");
        await WriteAsync(Touch(created) with { Runs = [run with { Run = run.Run with { Caller = null } }] });

        Assert.NotNull(await KeyedRunAsync("key", caller: ""));
    }

    [Theory, Rule("6.1")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TryWrite_returns_false_when_run_of_the_conversation_has_the_key(bool isOpen)
    {
        var first = await WriteAsync(OpenRun(await CreateAsync(), "key"));
        if (!isOpen)
            first = await WriteAsync(CloseRun(first));

        await AssertRefusedAsync(Batch(Touch(first with { LastRun = 2 }) with { Runs = [ClosedRun(first.Conversation.Id, 2, "key")] }));
    }

    [Theory, Rule("6.1")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TryWrite_returns_false_when_run_of_another_conversation_of_the_scope_has_the_key(bool isOpen)
    {
        var first = await WriteAsync(OpenRun(await CreateAsync(), "key"));
        if (!isOpen)
            await WriteAsync(CloseRun(first));
        var second = await CreateAsync();

        await AssertRefusedAsync(Batch(OpenRun(second, "key")));
    }

    [Fact, Rule("6.1")]
    public async Task TryWrite_inserts_no_conversation_when_its_key_is_used()
    {
        await WriteAsync(OpenRun(await CreateAsync(), "key"));

        await AssertRefusedAsync(Batch(OpenRun(NewConversation(), "key", User())));
    }

    [Theory, Rule("6.1")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TryWrite_returns_false_when_batch_gives_key_to_two_runs(bool isAnotherKeyUsed)
    {
        var conversation = await CreateAsync();
        if (isAnotherKeyUsed)
            conversation = await WriteAsync(CloseRun(await WriteAsync(OpenRun(conversation, "another"))));
        var write = OpenRun(conversation with { LastRun = 5 }, "key");

        await AssertRefusedAsync(Batch(write with { Runs = [ClosedRun(conversation.Conversation.Id, 5, "key")] }));
    }

    [Fact, Rule("6.1")]
    public async Task TryWrite_returns_false_when_batch_gives_key_to_runs_of_two_conversations()
    {
        var one = await CreateAsync();
        var other = await CreateAsync();

        await AssertRefusedAsync(Batch(OpenRun(one, "key"), OpenRun(other, "key")));
    }

    [Fact, Rule("6.1")]
    public async Task TryWrite_applies_batch_when_key_moves_to_another_run()
    {
        var closed = await WriteAsync(CloseRun(await WriteAsync(OpenRun(await CreateAsync(), "key"))));
        await WriteAsync(OpenRun(closed, "key") with { Runs = [ClosedRun(closed.Conversation.Id, 1)] });

        Assert.Equal(2, (await KeyedRunAsync("key"))?.Run.Number);
    }

    [Fact, Rule("6.1")]
    public async Task TryWrite_applies_batch_when_key_moves_from_the_open_run()
    {
        var opened = await WriteAsync(OpenRun(await CreateAsync(), "key"));
        await WriteAsync(OpenRun(opened, "key") with { Runs = [ClosedRun(opened.Conversation.Id, 1)] });

        Assert.Equal(2, (await KeyedRunAsync("key"))?.Run.Number);
    }

    [Theory, Rule("6.1")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TryWrite_applies_batch_when_key_moves_to_another_conversation(bool isGiverFirst)
    {
        var giver = await WriteAsync(CloseRun(await WriteAsync(OpenRun(await CreateAsync(), "key"))));
        var taker = await CreateAsync();
        var give = Touch(giver) with { Runs = [ClosedRun(giver.Conversation.Id, 1)] };
        var take = OpenRun(taker, "key");
        await WriteAsync(isGiverFirst ? Batch(give, take) : Batch(take, give));

        Assert.Equal(taker.Conversation.Id, (await KeyedRunAsync("key"))?.Run.ConversationId);
    }

    [Fact, Rule("6.1")]
    public async Task TryWrite_applies_batch_when_two_runs_exchange_keys()
    {
        var created = await CreateAsync();
        var id = created.Conversation.Id;
        var first = await WriteAsync(Touch(created) with { Runs = [ClosedRun(id, 1, "a"), ClosedRun(id, 2, "b")] });
        await WriteAsync(Touch(first) with { Runs = [ClosedRun(id, 1, "b"), ClosedRun(id, 2, "a")] });

        Assert.Equal((2L, 1L), ((await KeyedRunAsync("a"))?.Run.Number, (await KeyedRunAsync("b"))?.Run.Number));
    }

    [Fact, Rule("6.1")]
    public async Task TryWrite_frees_key_when_run_no_longer_has_it()
    {
        var closed = await WriteAsync(CloseRun(await WriteAsync(OpenRun(await CreateAsync(), "key"))));
        await WriteAsync(Touch(closed) with { Runs = [ClosedRun(closed.Conversation.Id, 1)] });

        Assert.Null(await KeyedRunAsync("key"));
    }

    [Fact, Rule("6.1")]
    public async Task TryWrite_leaves_key_when_conversation_is_written_without_its_run()
    {
        var closed = await WriteAsync(CloseRun(await WriteAsync(OpenRun(await CreateAsync(), "key"))));
        await WriteAsync(OpenRun(closed, "another"));

        Assert.Equal(1, (await KeyedRunAsync("key"))?.Run.Number);
    }

    [Fact, Rule("6.1")]
    public async Task TryWrite_leaves_key_when_batch_is_refused()
    {
        var closed = await WriteAsync(CloseRun(await WriteAsync(OpenRun(await CreateAsync(), "key"))));
        var free = Touch(closed) with { Runs = [ClosedRun(closed.Conversation.Id, 1)] };
        await Store.TryWriteAsync(Batch(free, Touch(await CreateAsync() with { Version = 9 })));

        Assert.Equal(1, (await KeyedRunAsync("key"))?.Run.Number);
    }

    [Theory, Rule("6.1", "6.2")]
    [InlineData("user_2", "caller")]
    [InlineData("user_1", "Caller")]
    public async Task TryWrite_applies_batch_when_key_is_used_by_another_caller_or_in_another_scope(string user, string caller)
    {
        await WriteAsync(OpenRun(await CreateAsync(), "key"));
        var other = await CreateInAsync(ScopeOf(user));
        var run = ClosedRun(other.Conversation.Id, 1, "key");
        await WriteAsync(Touch(other) with { Runs = [run with { Run = run.Run with { Caller = caller } }] });

        Assert.Equal(other.Conversation.Id, (await KeyedRunAsync("key", ScopeOf(user), caller))?.Run.ConversationId);
    }

    [Theory, Rule("6.3")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task DeleteConversation_frees_keys_of_its_runs(bool isOpen)
    {
        var deleted = await WriteAsync(OpenRun(await CreateAsync(), "key"));
        if (!isOpen)
            await WriteAsync(CloseRun(deleted));
        await Store.DeleteConversationAsync(deleted.Conversation.Id, Host);
        var next = await WriteAsync(OpenRun(await CreateAsync(), "key"));

        Assert.Equal(next.Conversation.Id, (await KeyedRunAsync("key"))?.Run.ConversationId);
    }

    [Fact, Rule("6.3")]
    public async Task Load_returns_no_keyed_run_when_its_conversation_was_deleted()
    {
        var deleted = await WriteAsync(OpenRun(await CreateAsync(), "key"));
        await CreateAsync();
        await Store.DeleteConversationAsync(deleted.Conversation.Id, Host);

        Assert.Null(await KeyedRunAsync("key"));
    }
}

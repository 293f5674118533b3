using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Cancellation before a write, while it waits, and while it runs.</summary>
/// <remarks>A list whose last item is not available yet holds a write in the middle. If a store reads the lists before it waits for others, no write waits, and these tests find nothing.</remarks>
public abstract class CancellationSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    // A call that does not wait returns at once, even on a busy machine.
    private static readonly TimeSpan LongestReturn = TimeSpan.FromSeconds(5);

    /// <summary>Gets the names of the members of a store.</summary>
    public static TheoryData<string> Members => [.. StoreCalls.Members];

    [Theory, Rule("10.1")]
    [MemberData(nameof(Members))]
    public async Task Every_member_throws_when_token_is_canceled_before_the_call(string member)
    {
        var calls = new StoreCalls(Store, await WriteAsync(OpenRun(await CreateAsync(), "key", User())));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calls.CallAsync(member, new CancellationToken(canceled: true)));
    }

    [Theory, Rule("10.1")]
    [MemberData(nameof(Members))]
    public async Task Every_member_changes_nothing_when_token_is_canceled_before_the_call(string member)
    {
        var calls = new StoreCalls(Store, await WriteAsync(OpenRun(await CreateAsync(), "key", User())));
        var before = await SnapshotAsync(Store);

        await Record.ExceptionAsync(() => calls.CallAsync(member, new CancellationToken(canceled: true)));

        ModelAssert.Equal(before, await SnapshotAsync(Store), "The contents of the store before and after a canceled call");
    }

    [Theory, Rule("10.1")]
    [MemberData(nameof(Members))]
    public async Task Every_member_is_usable_when_an_earlier_call_was_canceled(string member)
    {
        var calls = new StoreCalls(Store, await WriteAsync(OpenRun(await CreateAsync(), "key", User())));
        await Record.ExceptionAsync(() => calls.CallAsync(member, new CancellationToken(canceled: true)));

        var exception = await Record.ExceptionAsync(() => calls.CallAsync(member, CancellationToken.None));

        Assert.Null(exception);
    }

    [Fact, Rule("10.1")]
    public async Task TryWrite_keeps_batch_when_token_is_canceled_after_the_call()
    {
        using var cancellation = new CancellationTokenSource();
        var conversation = NewConversation();
        await Store.TryWriteAsync(Batch(Append(conversation, User("text"))), cancellation.Token);

        await cancellation.CancelAsync();

        Assert.Equal(["text"], await TextsAsync(conversation.Conversation.Id));
    }

    [Fact, Rule("10.1", "2.4")]
    public async Task TryWrite_applies_all_or_nothing_when_token_is_canceled_during_the_write()
    {
        using var cancellation = new CancellationTokenSource();
        var created = await CreateAsync();
        var write = Append(created, User("a"), User("b"));
        var canceling = new FaultyList<StoredMessage>(cancellation.Cancel, [.. write.Messages]);

        var isWritten = await TryAsync(() => Store.TryWriteAsync(Batch(write with { Messages = canceling }), cancellation.Token));

        Assert.Equal(isWritten ? ["a", "b"] : [], await TextsAsync(created.Conversation.Id));
    }

    [Fact, Rule("10.1", "2.4")]
    public async Task TryWrite_applies_all_or_nothing_when_token_is_canceled_while_it_waits()
    {
        var (first, second) = (await CreateAsync(), await CreateAsync());
        using var cancellation = new CancellationTokenSource();

        var isWritten = await BehindHeldWriteAsync(
            first,
            () => TryAsync(() => Store.TryWriteAsync(Batch(Append(second, User("a"), User("b"))), cancellation.Token)),
            async _ => await TimeLimit.LookAsync(cancellation.CancelAsync(), LongestReturn));

        Assert.Equal(isWritten ? ["a", "b"] : [], await TextsAsync(second.Conversation.Id));
    }

    [Fact, Rule("10.1")]
    public async Task DeleteConversation_deletes_all_or_nothing_when_token_is_canceled_while_it_waits()
    {
        var (first, second) = (await CreateAsync(), await CreateAsync());
        using var cancellation = new CancellationTokenSource();

        var isDeleted = await BehindHeldWriteAsync(
            first,
            () => TryAsync(() => Store.DeleteConversationAsync(second.Conversation.Id, Host, cancellation.Token)),
            async _ => await TimeLimit.LookAsync(cancellation.CancelAsync(), LongestReturn));

        Assert.Equal(isDeleted, await LoadAsync(second.Conversation.Id) is null);
    }

    [Fact, Rule("10.1")]
    public async Task TryWrite_does_not_block_its_caller_while_another_write_runs()
    {
        var (first, second) = (await CreateAsync(), await CreateAsync());
        var hasReturned = false;

        await BehindHeldWriteAsync(
            first,
            () => Store.TryWriteAsync(Batch(Append(second, User()))).AsTask(),
            async call => hasReturned = await TimeLimit.LookAsync(call.Returned, LongestReturn));

        Assert.True(hasReturned, "The call blocked its thread until another write had ended.");
    }

    [Fact, Rule("10.1")]
    public void Every_member_with_a_token_is_called() =>
        Assert.Equal(
            typeof(IConversationStore).GetMethods()
                .Where(method => Array.Exists(method.GetParameters(), parameter => parameter.ParameterType == typeof(CancellationToken)))
                .Select(method => method.Name)
                .Order(StringComparer.Ordinal),
            StoreCalls.Members.Order(StringComparer.Ordinal));

    private static async Task<bool> TryAsync(Func<ValueTask<bool>> write)
    {
        try
        {
            return await write();
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Calls the store while another write is held in the middle, and returns the result of the call.</summary>
    private async Task<bool> BehindHeldWriteAsync(StoredConversation held, Func<Task<bool>> call, Func<WaitingCall<bool>, Task> meanwhile)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var released = new ManualResetEventSlim();
        var write = Append(held, User("held"));
        var holding = new FaultyList<StoredMessage>(
            () =>
            {
                reached.TrySetResult();
                released.Wait(CancellationToken.None);
            },
            [.. write.Messages]);
        var first = new WaitingCall<bool>(() => Store.TryWriteAsync(Batch(write with { Messages = holding })).AsTask());
        try
        {
            await TimeLimit.OfAsync(reached.Task);
            var second = new WaitingCall<bool>(call);
            await second.LookBrieflyAsync();
            await meanwhile(second);
            released.Set();
            await first.Result;
            return await second.Result;
        }
        finally
        {
            released.Set();
            await TimeLimit.LookAsync(first.Result, LongestReturn);
        }
    }
}

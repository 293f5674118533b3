using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Optional: writes that wait because another program holds the lock of the database. The fixture overrides <see cref="PersistentStoreFixture.HoldWritesAsync"/>.</summary>
public abstract class LockedDataSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : PersistentStoreFixture, new()
{
    // A call that does not wait returns at once, even on a busy machine.
    private static readonly TimeSpan LongestReturn = TimeSpan.FromSeconds(5);

    private StoredConversation _written = null!;
    private StoredConversation _deleted = null!;

    /// <inheritdoc/>
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _written = await CreateAsync(User("1"));
        _deleted = await CreateAsync(User("1"));
    }

    [Fact, Rule("10.1")]
    public async Task Writes_return_their_tasks_while_the_data_are_locked()
    {
        var (calls, haveReturned) = await WhileLockedAsync(async () =>
        {
            WaitingCall<bool>[] waiting = [TryWrite(), Delete()];
            return (waiting, await Task.WhenAll(waiting.Select(call => TimeLimit.LookAsync(call.Returned, LongestReturn))));
        });

        Assert.True(Array.TrueForAll(haveReturned, hasReturned => hasReturned), "A call blocked its thread while another program held the lock.");
        await Task.WhenAll(calls.Select(call => call.Result));
    }

    [Fact, Rule("10.1")]
    public async Task Writes_are_applied_when_the_lock_is_released()
    {
        var (calls, haveWaited) = await WhileLockedAsync(async () =>
        {
            WaitingCall<bool>[] waiting = [TryWrite(), Delete()];
            foreach (var call in waiting)
                await call.LookBrieflyAsync();
            return (waiting, Array.TrueForAll(waiting, call => !call.Result.IsCompleted));
        });

        Assert.True(haveWaited, "A write did not wait: the fixture does not hold the lock that a write needs, or the store gave up at once.");
        foreach (var call in calls)
            Assert.True(await call.Result, "A write waited, and was not applied.");
        Assert.Equal(["1", "2"], await TextsAsync(_written.Conversation.Id));
        Assert.Null(await LoadAsync(_deleted.Conversation.Id));
    }

    [Fact, Rule("10.1")]
    public async Task Writes_end_when_they_are_canceled_while_the_data_are_locked()
    {
        using var cancellation = new CancellationTokenSource();

        var (calls, haveEnded) = await WhileLockedAsync(async () =>
        {
            WaitingCall<bool>[] waiting = [TryWrite(cancellation.Token), Delete(cancellation.Token)];
            foreach (var call in waiting)
                await call.LookBrieflyAsync();
            await cancellation.CancelAsync();
            return (waiting, await Task.WhenAll(waiting.Select(call => TimeLimit.LookAsync(call.Result, LongestReturn))));
        });

        Assert.True(Array.TrueForAll(haveEnded, hasEnded => hasEnded), "A call was canceled, and waited until the lock was released.");
        foreach (var call in calls)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Result);
        await AssertNothingWrittenAsync();
    }

    [Fact, Rule("10.1")]
    public async Task Writes_end_when_they_are_canceled_behind_one_that_waits_for_the_lock()
    {
        var other = await CreateAsync();
        using var cancellation = new CancellationTokenSource();

        var (ahead, calls, haveEnded) = await WhileLockedAsync(async () =>
        {
            var first = new WaitingCall<bool>(() => Store.TryWriteAsync(Batch(Touch(other))).AsTask());
            await first.LookBrieflyAsync();
            WaitingCall<bool>[] waiting = [TryWrite(cancellation.Token), Delete(cancellation.Token)];
            foreach (var call in waiting)
                await call.LookBrieflyAsync();
            await cancellation.CancelAsync();
            return (first, waiting, await Task.WhenAll(waiting.Select(call => TimeLimit.LookAsync(call.Result, LongestReturn))));
        });

        Assert.True(Array.TrueForAll(haveEnded, hasEnded => hasEnded), "A call was canceled, and waited until the lock was released.");
        Assert.True(await ahead.Result, "The write that was not canceled was not applied.");
        foreach (var call in calls)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Result);
        await AssertNothingWrittenAsync();
    }

    private async Task<T> WhileLockedAsync<T>(Func<Task<T>> action)
    {
        await using var hold = await Fixture.HoldWritesAsync(Fixture.LastName);
        return await action();
    }

    private WaitingCall<bool> TryWrite(CancellationToken cancellationToken = default) =>
        new(() => Store.TryWriteAsync(Batch(Append(_written, User("2"))), cancellationToken).AsTask());

    private WaitingCall<bool> Delete(CancellationToken cancellationToken = default) =>
        new(() => Store.DeleteConversationAsync(_deleted.Conversation.Id, Host, cancellationToken).AsTask());

    private async Task AssertNothingWrittenAsync()
    {
        Assert.Equal(["1"], await TextsAsync(_written.Conversation.Id));
        Assert.Equal(["1"], await TextsAsync(_deleted.Conversation.Id));
    }
}

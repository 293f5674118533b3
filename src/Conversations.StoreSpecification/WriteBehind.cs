using Conversations.Storage;
using FluentAssertions;

namespace Conversations.StoreSpecification;

/// <summary>A write that comes behind another, which is held up in the middle.</summary>
/// <remarks>
/// <para>That a write waits cannot be seen. One that waits for nobody, and whose answer is on its way, looks the same for as long as
/// the answer takes. So a test looks twice: briefly, which costs a store that waits next to nothing, and again, on another store and
/// for longer than any answer takes, only if the first look made it seem wrong.</para>
/// <para>Where none waits for the other, there is nothing to find.</para>
/// </remarks>
internal sealed class WriteBehind
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(2);

    // A store may let who cancels wait, even for the write that is held up.
    private static readonly TimeSpan ForACancellation = TimeSpan.FromMilliseconds(250);

    private readonly bool _isSecondLook;

    private WriteBehind(bool isSecondLook) => _isSecondLook = isSecondLook;

    /// <summary>Looks once, or twice if it seems wrong.</summary>
    /// <param name="isWrong">Makes a store, does the write, and tells whether what came of it is wrong.</param>
    /// <param name="because">Why it would be.</param>
    public static async Task CheckAsync(Func<WriteBehind, Task<bool>> isWrong, string because)
    {
        if (await isWrong(new WriteBehind(isSecondLook: false)))
            (await isWrong(new WriteBehind(isSecondLook: true))).Should().BeFalse(because);
    }

    /// <summary>Does a write behind a renewal, and cancels it there.</summary>
    /// <param name="clock">The clock of the store.</param>
    /// <param name="store">The store.</param>
    /// <param name="open">The lease of an open turn.</param>
    /// <param name="write">The write.</param>
    /// <returns>Whether it was cancelled, and whether it seemed to wait until then.</returns>
    public async Task<(bool WasCancelled, bool Waited)> CancelAsync(HeldClock clock, IConversationStore store, TurnLease open, Func<CancellationToken, Task> write)
    {
        using var cancellation = new CancellationTokenSource();
        var (renewed, wasDone, waited) = await DoAsync(
            clock,
            () => store.RenewLeaseAsync(open).AsTask(),
            () => DidAsync(write(cancellation.Token)),
            () => TimeLimit.LookAsync(cancellation.CancelAsync(), ForACancellation));

        if (!wasDone)
            renewed.Should().BeTrue("who was cancelled did nothing to the lease");
        return (!wasDone, waited);
    }

    /// <summary>Does a write behind another.</summary>
    /// <param name="clock">The clock of the store.</param>
    /// <param name="other">The other, which reads the clock.</param>
    /// <param name="write">The write.</param>
    /// <param name="meanwhile">What happens while it seems to wait.</param>
    /// <returns>What came of both, and whether the write seemed to wait.</returns>
    public async Task<(TOther Other, T Result, bool Waited)> DoAsync<TOther, T>(HeldClock clock, Func<Task<TOther>> other, Func<Task<T>> write, Func<Task> meanwhile)
    {
        clock.Arm();
        try
        {
            var first = new WaitingCall<TOther>(other);
            await clock.ReachAsync(first.Result);
            var second = new WaitingCall<T>(write);
            var isBack = _isSecondLook ? await second.LookAsync(Long) : await second.LookBrieflyAsync();
            await meanwhile();

            clock.Release();

            return (await first.Result, await second.Result, !isBack);
        }
        finally
        {
            clock.Release();
        }
    }

    private static async Task<bool> DidAsync(Task call)
    {
        try
        {
            await call;
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

using Conversations.Storage;
using FluentAssertions;

namespace Conversations.StoreSpecification;

/// <summary>A write that is cancelled while it waits for another.</summary>
internal static class CancelledWait
{
    /// <summary>Holds up a renewal in the middle, lets a write come behind it, and cancels that.</summary>
    /// <param name="clock">The clock of the store.</param>
    /// <param name="store">The store.</param>
    /// <param name="open">The lease of an open turn.</param>
    /// <param name="write">The write.</param>
    /// <returns>Whether the write was cancelled; one that waited must have been.</returns>
    public static async Task<bool> TryAsync(HeldClock clock, IConversationStore store, TurnLease open, Func<CancellationToken, Task> write)
    {
        using var cancellation = new CancellationTokenSource();
        clock.Arm();
        try
        {
            var first = new WaitingCall<bool>(() => store.RenewLeaseAsync(open).AsTask());
            await Task.WhenAny(clock.Reached, first.Result);
            var second = new WaitingCall<bool>(() => DidAsync(write(cancellation.Token)));
            second.RunAsFarAsItGoes();
            var isWaiting = !second.Result.IsCompleted;
            await cancellation.CancelAsync();

            clock.Release();

            (await first.Result).Should().BeTrue();
            var wasCancelled = !await second.Result;
            (isWaiting && !wasCancelled).Should().BeFalse("it had not begun");
            return wasCancelled;
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

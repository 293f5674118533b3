namespace Conversations;

/// <summary>Delays a decision that the store refused to write, and stops it after <see cref="Limit"/>.</summary>
/// <remarks>
/// A refusal usually means that another write to the conversation succeeded. The first retries are immediate. Then the delay doubles, up to <see cref="LongestDelay"/>,
/// and is random, so that one process of many that collide on a conversation writes while the others wait
/// (exponential backoff with jitter; M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
/// </remarks>
internal struct ConflictBackoff(TimeProvider timeProvider)
{
    /// <summary>The number of retries without a delay.</summary>
    internal const int ImmediateRetries = 3;

    // Milliseconds. A shorter delay with jitter could be less than 1 ms, for which Task.Delay does not wait.
    private const int FirstDelay = 2;
    private const int Doublings = 5;

    /// <summary>The longest delay before jitter.</summary>
    internal static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(FirstDelay << Doublings);

    /// <summary>The time after the first refusal at which the store is reported as unavailable.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private long _firstRefusal;
    private int _refusals;

    /// <summary>Gets whether a write was refused.</summary>
    public readonly bool HasRefusals => _refusals > 0;

    /// <summary>Waits before the next try.</summary>
    /// <exception cref="ConversationStoreException">The store has refused writes for <see cref="Limit"/> (<c>STORE_UNAVAILABLE</c>).</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        if (++_refusals == 1)
            _firstRefusal = timeProvider.GetTimestamp();
        else if (timeProvider.GetElapsedTime(_firstRefusal) >= Limit)
            throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "Others changed the conversation each time before the write. Try again.");

        if (_refusals <= ImmediateRetries)
            return Task.CompletedTask;

        var delay = FirstDelay << Math.Min(_refusals - ImmediateRetries - 1, Doublings);
        return Task.Delay(Jitter.Of(TimeSpan.FromMilliseconds(delay)), timeProvider, cancellationToken);
    }
}

using Conversations.Storage;

namespace Conversations;

/// <summary>What is known of a conversation while its turn is open. If no other write changes the conversation, the turn commits without loading it again [9.1].</summary>
/// <remarks>Thread-safe. The version that is known may lag behind the version that is stored, which costs a load; it must never be ahead of it, or a write that is outdated would be applied.</remarks>
internal sealed class HeldTurn
{
    private readonly TimeProvider _timeProvider;
    private Basis? _basis;

    /// <summary>Initializes what is known when a turn has begun.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="access">What the caller can reach.</param>
    /// <param name="conversation">The conversation as the begin wrote it.</param>
    /// <param name="now">The time that the store's clock showed when the begin was decided.</param>
    /// <param name="timeProvider">The clock that measures how much time has elapsed since.</param>
    /// <param name="decidedAt">The timestamp before the begin was decided; null for now.</param>
    public HeldTurn(TurnLease lease, ConversationAccess access, StoredConversation conversation, DateTimeOffset now, TimeProvider timeProvider, long? decidedAt = null)
    {
        Lease = lease;
        Access = access;
        StartedAt = now;
        DecidedAt = decidedAt ?? timeProvider.GetTimestamp();
        _timeProvider = timeProvider;
        _basis = new Basis(conversation, now, DecidedAt);
    }

    public TurnLease Lease { get; }

    public ConversationAccess Access { get; }

    /// <summary>Gets when the run began. Together with the number it identifies the run.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>Gets the timestamp before the begin was decided. The lease counts from then.</summary>
    public long DecidedAt { get; }

    /// <summary>Gets the failure of a commit whose outcome is unknown; null if there is none.</summary>
    public ConversationStoreException? Unknown { get; private set; }

    /// <summary>Gets the last known conversation, with the time that the store's clock shows now; null if it must be loaded.</summary>
    public (StoredConversation Conversation, DateTimeOffset Now)? Known =>
        Volatile.Read(ref _basis) is { } basis ? (basis.Conversation, basis.Now + _timeProvider.GetElapsedTime(basis.Timestamp)) : null;

    /// <summary>What is known now, for <see cref="AppendedSegments"/>.</summary>
    public object? Snapshot => Volatile.Read(ref _basis);

    /// <summary>Records that the turn itself has written to the conversation.</summary>
    /// <param name="conversation">The conversation as it was written.</param>
    /// <param name="now">The time that the store's clock showed when the write was decided.</param>
    /// <param name="decidedAt">The timestamp before that.</param>
    public void Wrote(StoredConversation conversation, DateTimeOffset now, long decidedAt) => Volatile.Write(ref _basis, new Basis(conversation, now, decidedAt));

    /// <summary>Records that the turn itself has appended segments, which changes only the version.</summary>
    /// <param name="before">The <see cref="Snapshot"/> that was taken before. If something else became known meanwhile, that may include the segments, and is left as it is.</param>
    public void AppendedSegments(object? before)
    {
        if (before is Basis basis)
            Interlocked.CompareExchange(ref _basis, basis with { Conversation = basis.Conversation with { Version = basis.Conversation.Version + 1 } }, basis);
    }

    /// <summary>Records that a commit was sent whose outcome is unknown.</summary>
    public void SentCommit(ConversationStoreException unknown)
    {
        Unknown ??= unknown;
        Volatile.Write(ref _basis, null);
    }

    private sealed record Basis(StoredConversation Conversation, DateTimeOffset Now, long Timestamp);
}

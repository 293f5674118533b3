namespace Conversations.Storage;

/// <summary>A store that forwards every call to another store. Derive from it to add to a store, such as metrics or encryption, and override what you need.</summary>
/// <remarks>Optional features are forwarded through overridable members too, so that no feature bypasses what a derived class does.
/// Thread-safe if what the derived class adds is.</remarks>
public abstract class DelegatingConversationStore : IConversationStore, IConversationStreamStore, IConversationUsageStore, IConversationDataStore, IConversationFeedbackStore
{
    /// <summary>Initializes a store over another one, which it owns: it is disposed together with it.</summary>
    /// <param name="inner">The other store.</param>
    protected DelegatingConversationStore(IConversationStore inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        Inner = inner;
    }

    /// <summary>Gets the store to which calls are forwarded.</summary>
    protected IConversationStore Inner { get; }

    /// <inheritdoc/>
    public virtual ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default) =>
        Inner.LoadAsync(lookup, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default) =>
        Inner.TryWriteAsync(batch, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default) =>
        Inner.ReadMessagesAsync(range, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<StoredRun>> ReadRunsAsync(RunRange range, CancellationToken cancellationToken = default) =>
        Inner.ReadRunsAsync(range, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing listing, CancellationToken cancellationToken = default) =>
        Inner.ListConversationsAsync(listing, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        Inner.DeleteConversationAsync(conversationId, access, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask PingAsync(CancellationToken cancellationToken = default) => Inner.PingAsync(cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<bool> AppendSegmentsAsync(SegmentBatch batch, CancellationToken cancellationToken = default) =>
        Feature<IConversationStreamStore>().AppendSegmentsAsync(batch, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<StreamSegment>> ReadSegmentsAsync(SegmentRange range, CancellationToken cancellationToken = default) =>
        Feature<IConversationStreamStore>().ReadSegmentsAsync(range, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<UsageSum>> SumUsageAsync(ConversationAccess access, UsageQuery query, CancellationToken cancellationToken = default) =>
        Feature<IConversationUsageStore>().SumUsageAsync(access, query, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<byte[]?> ReadDataAsync(DataLookup lookup, CancellationToken cancellationToken = default) =>
        Feature<IConversationDataStore>().ReadDataAsync(lookup, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<MessageFeedback>> ReadFeedbackAsync(FeedbackRange range, CancellationToken cancellationToken = default) =>
        Feature<IConversationFeedbackStore>().ReadFeedbackAsync(range, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Returns this store if it implements the feature and the inner store has it. A feature that this class does not know is available only if a derived class implements it.</remarks>
    public virtual T? GetFeature<T>()
        where T : class => this is T feature && (Inner.GetFeature<T>() is not null || !IsForwarded(typeof(T))) ? feature : null;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DisposeAsyncCore().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes what the derived class added, and the inner store, asynchronously.</summary>
    /// <returns>A task that completes when both are disposed.</returns>
    protected virtual ValueTask DisposeAsyncCore() => Inner.DisposeAsync();

    /// <summary>Disposes what the derived class added, and the inner store.</summary>
    /// <param name="disposing"><see langword="true"/> if called by <see cref="Dispose()"/>; otherwise nothing is done.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            Inner.Dispose();
    }

    private static bool IsForwarded(Type feature) =>
        feature == typeof(IConversationStreamStore) || feature == typeof(IConversationUsageStore) || feature == typeof(IConversationDataStore) || feature == typeof(IConversationFeedbackStore);

    private T Feature<T>()
        where T : class => Inner.GetFeature<T>() ?? throw new NotSupportedException($"The inner store has no {typeof(T).Name}.");
}

namespace Conversations.Storage;

/// <summary>A store that passes everything on to another: derive from it to add to a store, such as a cache, metrics or encryption, and override what you need.</summary>
/// <remarks>Made to be derived from. What is overridden keeps every rule of the contract, which the specification kit proves. Safe from any thread if what is added is.</remarks>
public abstract class DelegatingConversationStore : IConversationStore
{
    /// <summary>Makes a store over another one, which it owns: it is disposed with it.</summary>
    /// <param name="inner">The other store.</param>
    protected DelegatingConversationStore(IConversationStore inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        Inner = inner;
    }

    /// <summary>The store beneath.</summary>
    protected IConversationStore Inner { get; }

    /// <inheritdoc/>
    public virtual ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        Inner.BeginTurnAsync(command, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        Inner.CommitTurnAsync(command, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<bool> RenewLeaseAsync(TurnLease lease, CancellationToken cancellationToken = default) =>
        Inner.RenewLeaseAsync(lease, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
        Inner.ReadWindowAsync(query, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
        Inner.ReadMessagesAsync(query, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<Conversation?> GetConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        Inner.GetConversationAsync(conversationId, access, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<Conversation?> GetCurrentAsync(ConversationScope scope, CancellationToken cancellationToken = default) =>
        Inner.GetCurrentAsync(scope, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
        Inner.ListConversationsAsync(query, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<ConversationRun?> GetRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        Inner.GetRunAsync(conversationId, number, access, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<ConversationRun>> ListRunsAsync(RunListing query, CancellationToken cancellationToken = default) =>
        Inner.ListRunsAsync(query, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default) =>
        Inner.CreateConversationAsync(command, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default) =>
        Inner.UpdateConversationAsync(conversationId, access, change, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        Inner.DeleteConversationAsync(conversationId, access, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default) =>
        Inner.DeleteMessageAsync(conversationId, position, access, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>What is added here comes first; otherwise the store beneath is asked. What such a feature does is not passed through the members above.</remarks>
    public virtual T? GetFeature<T>()
        where T : class => this as T ?? Inner.GetFeature<T>();

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

    /// <summary>Disposes what was added and the store beneath, asynchronously.</summary>
    /// <returns>A task that ends when both are disposed.</returns>
    protected virtual ValueTask DisposeAsyncCore() => Inner.DisposeAsync();

    /// <summary>Disposes what was added and the store beneath.</summary>
    /// <param name="disposing">Whether it was called by <see cref="Dispose()"/>; nothing is done otherwise.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            Inner.Dispose();
    }
}

using Conversations.Storage;

namespace Conversations.Tests.Manager;

/// <summary>Counts the writes of turns and streams, and fails those of streams when a test says so.</summary>
internal sealed class StreamWatch(IConversationStore inner) : DelegatingConversationStore(inner), IConversationStreamStore
{
    private int _writes;

    public int Writes => _writes;

    /// <summary>Called before segments are saved; to fail, throw.</summary>
    public Func<Task>? OnAppend { get; set; }

    public bool RefusesRenewals { get; set; }

    private IConversationStreamStore Streams => Inner.GetFeature<IConversationStreamStore>()!;

    public override ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _writes);
        return base.BeginTurnAsync(command, cancellationToken);
    }

    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _writes);
        return base.CommitTurnAsync(command, cancellationToken);
    }

    public override ValueTask<bool> RenewLeaseAsync(TurnLease lease, CancellationToken cancellationToken = default) =>
        RefusesRenewals ? throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "Away.") : base.RenewLeaseAsync(lease, cancellationToken);

    public async ValueTask<bool> AppendSegmentsAsync(AppendSegmentsCommand command, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _writes);
        if (OnAppend is not null)
            await OnAppend();
        return await Streams.AppendSegmentsAsync(command, cancellationToken);
    }

    public ValueTask<StreamRead?> ReadStreamAsync(StreamQuery query, CancellationToken cancellationToken = default) => Streams.ReadStreamAsync(query, cancellationToken);

    public ValueTask<bool> InterruptRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        Streams.InterruptRunAsync(conversationId, number, access, cancellationToken);
}

using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A right store of streams with places to put something wrong: each override rewrites what goes in or what comes out.</summary>
public abstract class StreamRewritingStore(TimeProvider clock) : LeaseWatchingStore(clock), IConversationStreamStore
{
    /// <summary>The right one beneath.</summary>
    protected IConversationStreamStore Streams => Inner.GetFeature<IConversationStreamStore>()!;

    public virtual ValueTask<bool> AppendSegmentsAsync(AppendSegmentsCommand command, CancellationToken cancellationToken = default) =>
        Streams.AppendSegmentsAsync(Appended(command), cancellationToken);

    public virtual async ValueTask<StreamRead?> ReadStreamAsync(StreamQuery query, CancellationToken cancellationToken = default) =>
        await Streams.ReadStreamAsync(query, cancellationToken) is { } read ? Shown(read) : null;

    public virtual ValueTask<bool> InterruptRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        Streams.InterruptRunAsync(conversationId, number, access, cancellationToken);

    /// <summary>What is appended, as it is passed on.</summary>
    protected virtual AppendSegmentsCommand Appended(AppendSegmentsCommand command) =>
        command with { Segments = [.. command.Segments.Select(segment => segment with { Fragment = Kept(segment.Fragment) })] };

    /// <summary>A fragment as it is passed on.</summary>
    protected virtual ConversationMessage Kept(ConversationMessage fragment) => fragment;

    /// <summary>What is read, as it is given back.</summary>
    protected virtual StreamRead Shown(StreamRead read) => read;

    /// <summary>Reads all of a stream.</summary>
    protected ValueTask<StreamRead?> AllAsync(TurnLease lease) =>
        Streams.ReadStreamAsync(new StreamQuery { ConversationId = lease.ConversationId, RunNumber = lease.Fence, Access = Host, From = -1, Limit = int.MaxValue });

    /// <summary>Whether the holder of a conversation's lease let it expire.</summary>
    protected bool IsExpired(string conversationId) => OpenLeaseOf(conversationId) is { } open && open.Expires <= Now;
}

using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("gives a stream to anyone", "16.1")]
public sealed class ShowsStreamsToAnyone(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override ValueTask<StreamRead?> ReadStreamAsync(StreamQuery query, CancellationToken cancellationToken = default) =>
        base.ReadStreamAsync(query with { Access = Host }, cancellationToken);
}

[Breaks("lets anyone interrupt a run", "16.1")]
public sealed class LetsAnyoneInterrupt(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override ValueTask<bool> InterruptRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        base.InterruptRunAsync(conversationId, number, Host, cancellationToken);
}

[Breaks("knows the first audience of a caller who reads a stream, and no other", "16.1", "16.2")]
public sealed class ReadsStreamsForTheFirstAudience(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override ValueTask<StreamRead?> ReadStreamAsync(StreamQuery query, CancellationToken cancellationToken = default) =>
        base.ReadStreamAsync(query.Access.Audiences is [var first, ..] ? query with { Access = query.Access with { Audiences = [first] } } : query, cancellationToken);
}

[Breaks("saves a segment, and then looks at the token", "12.1", "3.1")]
public sealed class CancelsAfterASegment(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override async ValueTask<bool> AppendSegmentsAsync(AppendSegmentsCommand command, CancellationToken cancellationToken = default)
    {
        var appended = await base.AppendSegmentsAsync(command, CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        return appended;
    }
}

[Breaks("interrupts a run although the token is cancelled", "12.1")]
public sealed class InterruptsDespiteCancellation(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override ValueTask<bool> InterruptRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
        base.InterruptRunAsync(conversationId, number, access, CancellationToken.None);
}

[Breaks("finds no stream after it was disposed, instead of throwing", "15.1")]
public sealed class FindsNoStreamAfterDisposal(TimeProvider clock) : StreamRewritingStore(clock)
{
    public override async ValueTask<StreamRead?> ReadStreamAsync(StreamQuery query, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.ReadStreamAsync(query, cancellationToken);
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }
}

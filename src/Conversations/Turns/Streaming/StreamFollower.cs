using System.Runtime.CompilerServices;
using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Follows the output of a run from any process: what is saved, what arrives, and how the run ends.</summary>
internal sealed class StreamFollower(IConversationStore store, ConversationEngine engine, IConversationStreamStore streams, RunSignals signals, TimeProvider timeProvider, ILogger logger)
{
    private const int SegmentsAtATime = 64;

    // Another process sends no signal when it has saved output, so the follower polls about as often as there can be new output.
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);

    // The holder may only be late, and it can still commit until a takeover, so a follower polls slowly.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>Follows a run.</summary>
    /// <exception cref="ConversationNotFoundException">The run does not exist or is out of reach.</exception>
    public async IAsyncEnumerable<StreamUpdate> FollowAsync(
        string runId, string conversationId, long number, ConversationAccess access, long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var signal = signals.Listen(runId);
        var query = new SegmentRange { ConversationId = conversationId, RunNumber = number, Access = access, From = from, Limit = SegmentsAtATime };
        long? silentSince = null;
        while (true)
        {
            var next = signal.Next;
            var (run, isLeaseExpired, pieces) = await ReadAsync(runId, query, cancellationToken).ConfigureAwait(false);
            var isNew = false;
            foreach (var piece in pieces)
            {
                if (StreamUpdate.From(piece.Fragment, piece.Offset, query.From) is not { } update || update.NextOffset <= query.From)
                    continue;

                isNew = true;
                query = query with { From = update.NextOffset };
                yield return update;
            }

            if (isNew)
            {
                silentSince = null;
                continue;
            }

            if (run.Outcome != RunStatus.Running)
            {
                yield return new StreamUpdate { Offset = pieces is [.., var last] ? last.End : 0, EndedAs = run.Outcome };
                yield break;
            }

            silentSince = isLeaseExpired ? silentSince ?? timeProvider.GetTimestamp() : null;
            var isDead = silentSince is { } since && timeProvider.GetElapsedTime(since) >= Grace;
            if (isDead && await engine.InterruptAsync(conversationId, number, access, cancellationToken).ConfigureAwait(false))
                Log.RunInterrupted(logger, runId);
            else
                await WaitAsync(next, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads a run, whether its lease has expired while it is open, and the next pieces of its output.</summary>
    private async Task<(ConversationRun Run, bool IsLeaseExpired, IReadOnlyList<StreamPiece> Pieces)> ReadAsync(string runId, SegmentRange range, CancellationToken cancellationToken)
    {
        var state = await store.LoadAsync(new ConversationLookup { Access = range.Access, ConversationId = range.ConversationId }, cancellationToken).ConfigureAwait(false);
        if (state.Conversation?.OpenRun is { } open && open.Run.Number == range.RunNumber)
            return (open.Run, !TurnLease.IsHeld(open, state.Now), await ReadSegmentsAsync(range, cancellationToken).ConfigureAwait(false));

        var run = await store.FindRunAsync(range.ConversationId, range.RunNumber, range.Access, cancellationToken).ConfigureAwait(false) ?? throw new ConversationNotFoundException(runId);

        // A run that has ended is read from its messages, if they were kept: the last of its output was saved only with them.
        var pieces = run.Run.OutputCount > 0 ? await ReadOutputAsync(run.Run, range.Access, cancellationToken).ConfigureAwait(false)
            : run.SegmentsExpireAt > state.Now ? await ReadSegmentsAsync(range, cancellationToken).ConfigureAwait(false)
            : [];
        return (run.Run, false, pieces);
    }

    private async Task<IReadOnlyList<StreamPiece>> ReadSegmentsAsync(SegmentRange range, CancellationToken cancellationToken) =>
        StreamPiece.Read(await streams.ReadSegmentsAsync(range, cancellationToken).ConfigureAwait(false), range.ConversationId, range.RunNumber);

    private async Task<IReadOnlyList<StreamPiece>> ReadOutputAsync(ConversationRun run, ConversationAccess access, CancellationToken cancellationToken)
    {
        // Deleted messages are skipped.
        var range = new MessageRange
        {
            ConversationId = run.ConversationId,
            Access = access,
            After = run.OutputPosition - 1,
            Before = run.OutputPosition + run.OutputCount,
            Limit = run.OutputCount,
        };
        var messages = await store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false);
        var pieces = new List<StreamPiece>(messages.Count);
        foreach (var message in messages)
            pieces.Add(new StreamPiece(pieces is [.., var last] ? last.End : 0, message));
        return pieces;
    }

    private async Task WaitAsync(Task next, CancellationToken cancellationToken)
    {
        try
        {
            await next.WaitAsync(Jitter.Of(Poll), timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The poll interval has passed.
        }
    }
}

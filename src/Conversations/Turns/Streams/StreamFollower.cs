using System.Runtime.CompilerServices;
using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Follows what a run adds, from any process: what is saved already, what comes, and how it ends.</summary>
internal sealed class StreamFollower(IConversationStore store, IConversationStreamStore streams, RunSignals signals, TimeProvider timeProvider, ILogger logger)
{
    private const int SegmentsAtATime = 64;

    // Another process does not tell when it has saved something, so the follower looks again: about as often as there can be something new.
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);

    // Its holder may only be late, and as long as nobody takes the conversation it can still commit: a follower is in no hurry.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>Follows a run.</summary>
    /// <exception cref="ConversationNotFoundException">It does not exist or is not reached.</exception>
    public async IAsyncEnumerable<StreamUpdate> FollowAsync(
        string runId, string conversationId, long number, ConversationAccess access, long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var signal = signals.Listen(runId);
        var query = new StreamQuery { ConversationId = conversationId, RunNumber = number, Access = access, From = from, Limit = SegmentsAtATime };
        long? silentSince = null;
        while (true)
        {
            var next = signal.Next;
            var read = await streams.ReadStreamAsync(query, cancellationToken).ConfigureAwait(false) ?? throw new ConversationNotFoundException(runId);

            // What has ended is read from its messages, if they were kept: the last of it was never saved apart from them.
            if (read.Run.Outcome != RunStatus.Running && await ReadOutputAsync(read.Run, access, cancellationToken).ConfigureAwait(false) is { } output)
                read = read with { Segments = output };

            var isNew = false;
            foreach (var segment in read.Segments)
            {
                if (StreamUpdate.From(Stored(segment.Fragment, read.Run), segment.Offset, query.From) is not { } update || update.NextOffset <= query.From)
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

            if (read.Run.Outcome != RunStatus.Running)
            {
                yield return new StreamUpdate { Offset = read.Segments is [.., var last] ? last.End : 0, EndedAs = read.Run.Outcome };
                yield break;
            }

            silentSince = read.IsLeaseExpired ? silentSince ?? timeProvider.GetTimestamp() : null;
            var isDead = silentSince is { } since && timeProvider.GetElapsedTime(since) >= Grace;
            if (isDead && await streams.InterruptRunAsync(conversationId, number, access, cancellationToken).ConfigureAwait(false))
                Log.RunInterrupted(logger, runId);
            else
                await WaitAsync(next, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<List<StreamSegment>?> ReadOutputAsync(ConversationRun run, ConversationAccess access, CancellationToken cancellationToken)
    {
        if (run.OutputCount == 0)
            return null;

        // Of those that were deleted nothing is given.
        var range = new MessageRange { ConversationId = run.ConversationId, Access = access, After = run.OutputPosition - 1, Limit = run.OutputCount };
        var messages = await store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false);
        var offset = 0L;
        var segments = new List<StreamSegment>(messages.Count);
        foreach (var message in messages.Where(message => message.Position < run.OutputPosition + run.OutputCount))
        {
            segments.Add(new StreamSegment(segments.Count + 1, offset, message));
            offset = segments[^1].End;
        }

        return segments;
    }

    private static ConversationMessage Stored(ConversationMessage fragment, ConversationRun run) =>
        fragment with { ConversationId = run.ConversationId, RunNumber = run.Number };

    private async Task WaitAsync(Task next, CancellationToken cancellationToken)
    {
        try
        {
            await next.WaitAsync(Poll * (0.5 + Random.Shared.NextDouble()), timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // It is time to look.
        }
    }
}

using System.Collections.Concurrent;
using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Summarises what no longer goes to the model, after a commit, outside the lock, one batch after the other. Of one conversation at a time within the process; between processes the store lets one stand.</summary>
internal sealed class SummaryKeeper(IConversationStore store, ILogger logger)
{
    private const int LongestBatch = 200;

    private readonly IConversationSummaryStore? _summaries = store.GetFeature<IConversationSummaryStore>();
    private readonly ConcurrentDictionary<string, Task> _underWay = new(StringComparer.Ordinal);

    /// <summary>Begins to summarise if there is enough to do.</summary>
    /// <param name="plan">The turn that was committed.</param>
    /// <param name="conversationId">Its conversation.</param>
    /// <param name="after">Where the last summary ends.</param>
    /// <param name="before">Where the next turn's window begins.</param>
    public void Begin(TurnPlan plan, string conversationId, long after, long before)
    {
        if (before - after - 1 < plan.Settings.SummaryThreshold)
            return;

        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_underWay.TryAdd(conversationId, end.Task))
            _ = Task.Run(() => RunAsync(plan, conversationId, before, end));
    }

    /// <summary>Waits until nothing is under way.</summary>
    public async Task WhenIdleAsync(CancellationToken cancellationToken)
    {
        while (_underWay.Values.FirstOrDefault() is { } end)
            await end.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task RunAsync(TurnPlan plan, string conversationId, long before, TaskCompletionSource end)
    {
        try
        {
            while (await SummarizeNextAsync(plan, conversationId, before).ConfigureAwait(false))
            {
                // What is left over is for the next batch.
            }
        }
        catch (Exception exception)
        {
            // Whatever a host's summarizer throws, or the store: the turn is committed, and a later one begins this anew.
            Log.SummaryFailed(logger, conversationId, exception.GetType().FullName!);
        }
        finally
        {
            _underWay.TryRemove(conversationId, out _);
            end.SetResult();
        }
    }

    /// <summary>Makes one summary more.</summary>
    /// <returns>Whether there may be more to do.</returns>
    private async Task<bool> SummarizeNextAsync(TurnPlan plan, string conversationId, long before)
    {
        var last = await _summaries!.GetSummaryAsync(conversationId, plan.Access, long.MaxValue, CancellationToken.None).ConfigureAwait(false);
        var range = new MessageRange { ConversationId = conversationId, Access = plan.Access, After = last?.Through ?? 0, Limit = LongestBatch + 1 };
        var read = await store.ReadMessagesAsync(range, CancellationToken.None).ConfigureAwait(false);
        var backlog = read.Where(message => message.Position < before).ToList();
        if (backlog.Count < plan.Settings.SummaryThreshold)
            return false;

        var batch = SummaryBatch.Of(backlog, plan.Limits, isAll: read.Count <= LongestBatch || read[^1].Position >= before, before);
        if (batch.Messages.Count == 0)
            return false;

        var text = await plan.Settings.Summarizer!.SummarizeAsync(batch.Request(plan, conversationId, last), CancellationToken.None).ConfigureAwait(false);
        if (string.IsNullOrWhiteSpace(text))
        {
            Log.SummaryRefused(logger, conversationId);
            return false;
        }

        text = WellFormed.Content(text, nameof(text));
        var saved = await _summaries.SaveSummaryAsync(
            new SaveSummaryCommand
            {
                ConversationId = conversationId,
                Access = plan.Access,
                Base = last?.Through ?? 0,
                Through = batch.Through,
                MessageCount = backlog.Count(message => message.Position <= batch.Through),
                Text = text,
                Tokens = PromptCost.Count(plan.Limits.Counter, HistoryRead.MessageOf(text)),
            },
            CancellationToken.None).ConfigureAwait(false);
        Log.SummaryEnded(logger, conversationId, batch.Through, saved);
        return saved;
    }
}

using System.Diagnostics;
using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Summarizes the messages that prompts no longer show, after a commit and outside the lease, in batches. One conversation is summarized once at a time within the process; between processes, the store saves one summary.</summary>
internal sealed class SummaryScheduler(IConversationStore store, ConversationEngine engine, TimeProvider timeProvider, ILogger logger)
{
    private const int LongestBatch = 200;

    // A refused attempt costs as much as a summary, so after several refusals the work waits for the next turn.
    private const int MostRefusals = 3;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, SummaryWork> _underWay = new(StringComparer.Ordinal);

    /// <summary>Begins to summarize if there is enough to do. Work that is already running for the conversation is extended to the same position.</summary>
    /// <param name="plan">The turn that has ended.</param>
    /// <param name="conversationId">Its conversation.</param>
    /// <param name="window">Its window.</param>
    /// <param name="input">The input, as stored.</param>
    /// <param name="added">The output, as stored.</param>
    public void Begin(TurnPlan plan, string conversationId, HistoryWindow window, IReadOnlyList<ConversationMessage> input, IReadOnlyList<ConversationMessage> added)
    {
        try
        {
            var (after, before) = window.UnseenNext(input, added);
            if (before - after - 1 >= plan.Settings.SummaryThreshold)
                Begin(plan, conversationId, before);
        }
        catch (Exception exception)
        {
            // The host's counter can throw anything, and the prompt can be too large. The turn has ended, and its result must be returned.
            Log.SummaryFailed(logger, conversationId, TurnOutcomes.ErrorType(exception)!);
        }
    }

    private void Begin(TurnPlan plan, string conversationId, long before)
    {
        SummaryWork work;
        lock (_gate)
        {
            if (_underWay.TryGetValue(conversationId, out var underWay))
            {
                underWay.Extend(plan, before);
                return;
            }

            _underWay[conversationId] = work = new SummaryWork(plan, before);
        }

        _ = Task.Run(() => RunAsync(conversationId, work));
    }

    /// <summary>Waits until no work is running.</summary>
    public async Task WhenIdleAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            SummaryWork? next;
            lock (_gate)
                next = _underWay.Values.FirstOrDefault();
            if (next is null)
                return;

            await next.End.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RunAsync(string conversationId, SummaryWork work)
    {
        try
        {
            long before;
            do
            {
                TurnPlan plan;
                lock (_gate)
                    (plan, before) = (work.Plan, work.Before);
                var refusals = 0;
                while (refusals < MostRefusals && await SummarizeNextAsync(plan, conversationId, before).ConfigureAwait(false) is { } saved)
                    refusals = saved ? 0 : refusals + 1;
            }
            while (!TryRemove(conversationId, work, before));
        }
        catch (Exception exception)
        {
            // The host's summarizer or the store can throw anything. The turn is committed, and a later turn starts the work again.
            Log.SummaryFailed(logger, conversationId, TurnOutcomes.ErrorType(exception)!);
            TryRemove(conversationId, work, long.MaxValue);
        }
        finally
        {
            work.Finish();
        }
    }

    /// <summary>Ends the work, unless turns were committed meanwhile that it does not cover yet.</summary>
    private bool TryRemove(string conversationId, SummaryWork work, long before)
    {
        lock (_gate)
            return work.Before <= before && _underWay.Remove(conversationId);
    }

    /// <summary>Creates one more summary. The rest is for the next one.</summary>
    /// <returns><see langword="true"/> if it was saved; <see langword="false"/> if its messages have changed meanwhile; <see langword="null"/> if there is nothing to summarize.</returns>
    private async Task<bool?> SummarizeNextAsync(TurnPlan plan, string conversationId, long before)
    {
        var lookup = new ConversationLookup { Access = plan.Access, ConversationId = conversationId, SummaryBefore = long.MaxValue };
        var state = await store.LoadAsync(lookup, CancellationToken.None).ConfigureAwait(false);
        if (state.Conversation is null || await ReadBatchAsync(plan, conversationId, state.Summary?.Through ?? 0, before).ConfigureAwait(false) is not { } batch)
            return null;

        // The current span belongs to the turn that started the work, which has ended.
        var span = Recording.Start(logger, TelemetryNames.SummarySpan, plan.Trace?.Activity?.Context ?? default);
        span?.SetTag(TelemetryNames.Agent, plan.Settings.Agent).SetTag(TelemetryNames.ConversationId, conversationId).SetTag(TelemetryNames.SummaryThrough, batch.Through);
        try
        {
            return await SummarizeAsync(plan, state, batch, span).ConfigureAwait(false);
        }
        catch (Exception exception) when (span is not null)
        {
            span.SetTag(TelemetryNames.SummaryOutcome, TurnOutcomes.Failed).SetTag(TelemetryNames.ErrorType, TurnOutcomes.ErrorType(exception)).SetStatus(ActivityStatusCode.Error);
            throw;
        }
        finally
        {
            Recording.End(logger, span);
        }
    }

    private async Task<bool?> SummarizeAsync(TurnPlan plan, ConversationState state, SummaryBatch batch, Activity? span)
    {
        var conversationId = state.Conversation!.Conversation.Id;
        var text = await AskAsync(plan, batch.Request(plan, conversationId, state.Summary)).ConfigureAwait(false);
        if (string.IsNullOrWhiteSpace(text))
        {
            Log.SummaryRefused(logger, conversationId);
            span?.SetTag(TelemetryNames.SummaryOutcome, "blank");
            return null;
        }

        text = WellFormed.Content(text, nameof(text));
        var limits = plan.Settings.Limits;
        var tokens = PromptCost.Count(limits.Counter, HistoryRead.MessageOf(text));
        if (tokens.Count > limits.Tokens / 2)
        {
            Log.SummaryTooLarge(logger, conversationId, tokens.Count, limits.Tokens!.Value);
            span?.SetTag(TelemetryNames.SummaryOutcome, "too_large");
            return null;
        }

        // The store refuses the summary if messages were deleted, superseded or restored meanwhile, or another summary was saved.
        var saved = await engine.SaveSummaryAsync(batch.Command(plan, state, text, tokens), CancellationToken.None).ConfigureAwait(false);
        Log.SummaryEnded(logger, conversationId, batch.Through, saved);
        span?.SetTag(TelemetryNames.SummaryOutcome, saved ? "saved" : "outdated");
        return saved;
    }

    /// <summary>Reads the messages to summarize next, in growing chunks until an exchange ends.</summary>
    private async Task<SummaryBatch?> ReadBatchAsync(TurnPlan plan, string conversationId, long after, long before)
    {
        for (var limit = Math.Max(LongestBatch, plan.Settings.SummaryThreshold); ; limit *= 2)
        {
            var range = new MessageRange { ConversationId = conversationId, Access = plan.Access, After = after, Limit = limit + 1 };
            var read = await store.ReadMessagesAsync(range, CancellationToken.None).ConfigureAwait(false);
            var backlog = read.Where(message => message.Position < before).ToList();
            var isAll = read.Count <= limit || read[^1].Position >= before;
            if (isAll && backlog.Count(SummaryBatch.IsShown) < plan.Settings.SummaryThreshold)
                return null;

            if (SummaryBatch.Of(backlog, plan.Settings.Limits, LongestBatch, isAll ? before - 1 : null) is { } batch)
                return batch;
            if (isAll)
                return null;
        }
    }

    /// <summary>Calls the host's summarizer with a time limit. A summarizer that ignores its token is abandoned.</summary>
    private async Task<string?> AskAsync(TurnPlan plan, SummaryRequest request)
    {
        using var timeout = new CancellationTokenSource(plan.Settings.SummaryTimeout, timeProvider);
        return await plan.Settings.Summarizer!.SummarizeAsync(request, timeout.Token).WaitAsync(timeout.Token).ConfigureAwait(false);
    }
}

using System.Diagnostics;
using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Summarises what no longer goes to the model, after a commit, outside the lock, one batch after the other. Of one conversation at a time within the process; between processes the store lets one stand.</summary>
internal sealed class SummaryScheduler(IConversationStore store, TimeProvider timeProvider, ILogger logger)
{
    private const int LongestBatch = 200;

    // A refusal costs what a summary costs, so one that is refused again and again waits for the next turn.
    private const int MostRefusals = 3;

    private readonly IConversationSummaryStore? _summaries = store.GetFeature<IConversationSummaryStore>();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SummaryWork> _underWay = new(StringComparer.Ordinal);

    /// <summary>Begins to summarise if there is enough to do; what is under way for the conversation goes on to the same point.</summary>
    /// <param name="plan">The turn that was ended.</param>
    /// <param name="conversationId">Its conversation.</param>
    /// <param name="window">Its window.</param>
    /// <param name="input">What was asked, as stored.</param>
    /// <param name="added">What was added, as stored.</param>
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
            // Whatever a host's counter throws, or a prompt that is too large: the turn has ended, and that must be told.
            Log.SummaryFailed(logger, conversationId, exception.GetType().FullName!);
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

    /// <summary>Waits until nothing is under way.</summary>
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
            // Whatever a host's summarizer throws, or the store: the turn is committed, and a later one begins this anew.
            Log.SummaryFailed(logger, conversationId, exception.GetType().FullName!);
            TryRemove(conversationId, work, long.MaxValue);
        }
        finally
        {
            work.Finish();
        }
    }

    /// <summary>Ends the work, unless turns were committed meanwhile that it has not got to.</summary>
    private bool TryRemove(string conversationId, SummaryWork work, long before)
    {
        lock (_gate)
            return work.Before <= before && _underWay.Remove(conversationId);
    }

    /// <summary>Makes one summary more. What is left over is for the next.</summary>
    /// <returns>Whether it was saved: not if what it was made from has changed meanwhile. <see langword="null"/> if there is none to be made.</returns>
    private async Task<bool?> SummarizeNextAsync(TurnPlan plan, string conversationId, long before)
    {
        var last = await _summaries!.GetSummaryAsync(conversationId, plan.Access, long.MaxValue, CancellationToken.None).ConfigureAwait(false);
        if (await ReadBatchAsync(plan, conversationId, last?.Through ?? 0, before).ConfigureAwait(false) is not { } batch)
            return null;

        // It belongs to the turn that began it, which has ended.
        var span = Recording.Start(logger, TelemetryNames.SummarySpan, plan.Trace?.Activity?.Context ?? default);
        span?.SetTag(TelemetryNames.Agent, plan.Settings.Agent).SetTag(TelemetryNames.ConversationId, conversationId).SetTag(TelemetryNames.SummaryThrough, batch.Through);
        try
        {
            return await SummarizeAsync(plan, conversationId, last, batch, span).ConfigureAwait(false);
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

    private async Task<bool?> SummarizeAsync(TurnPlan plan, string conversationId, ConversationSummary? last, SummaryBatch batch, Activity? span)
    {
        var text = await AskAsync(plan, batch.Request(plan, conversationId, last)).ConfigureAwait(false);
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

        // The store sees what was deleted, superseded, restored or summarised meanwhile.
        var saved = await _summaries!.SaveSummaryAsync(batch.Command(plan, conversationId, last, text, tokens), CancellationToken.None).ConfigureAwait(false);
        Log.SummaryEnded(logger, conversationId, batch.Through, saved);
        span?.SetTag(TelemetryNames.SummaryOutcome, saved ? "saved" : "outdated");
        return saved;
    }

    /// <summary>Reads what is to be summarised next: more and more, until an exchange ends.</summary>
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

    /// <summary>Asks the host, for so long. One that does not listen to its token is left behind.</summary>
    private async Task<string?> AskAsync(TurnPlan plan, SummaryRequest request)
    {
        using var timeout = new CancellationTokenSource(plan.Settings.SummaryTimeout, timeProvider);
        return await plan.Settings.Summarizer!.SummarizeAsync(request, timeout.Token).WaitAsync(timeout.Token).ConfigureAwait(false);
    }
}

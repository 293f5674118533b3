using System.Diagnostics;
using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Summarizes the messages that prompts no longer show, after a commit and outside the lease, in batches. One conversation is summarized once at a time within the process, and few conversations at once; between processes, the store saves one summary.</summary>
internal sealed class SummaryScheduler(IConversationStore store, ConversationEngine engine, TimeProvider timeProvider, ILogger logger, int maxAtOnce)
{
    private const int LongestBatch = 200;

    // A refused attempt costs as much as a summary, so after several refusals the work waits for the next turn.
    private const int MostRefusals = 3;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, SummaryWork> _underWay = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _slots = new(maxAtOnce, maxAtOnce);

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
            if (_closing.IsCancellationRequested)
                return;
            if (_underWay.TryGetValue(conversationId, out var underWay))
            {
                underWay.Extend(plan, before);
                return;
            }

            _underWay[conversationId] = work = new SummaryWork(plan, before);
        }

        // Without the execution context of the caller: its span, culture and other ambient values are not those of the summary. RunAsync throws nothing.
        ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Scheduler.RunAsync(work.ConversationId, work.Work), (Scheduler: this, ConversationId: conversationId, Work: work), preferLocal: false);
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

    /// <summary>Waits until no work is running, and cancels what is still running then. No work begins any more.</summary>
    public async Task CloseAsync(Deadline patience)
    {
        if (!await patience.WaitAsync(WhenIdleAsync(CancellationToken.None), CancellationToken.None).ConfigureAwait(false))
            Log.SummariesCancelled(logger);
        await _closing.CancelAsync().ConfigureAwait(false);
    }

    private async Task RunAsync(string conversationId, SummaryWork work)
    {
        var hasSlot = false;
        try
        {
            await _slots.WaitAsync(_closing.Token).ConfigureAwait(false);
            hasSlot = true;
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
            if (hasSlot)
                _slots.Release();
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
        var state = await store.LoadAsync(lookup, _closing.Token).ConfigureAwait(false);
        if (state.Conversation is null || await ReadBatchAsync(plan, conversationId, state.Summary?.Through ?? 0, before).ConfigureAwait(false) is not { } batch)
            return null;

        // The current span belongs to the turn that started the work, which has ended.
        var span = Recording.Start(logger, TelemetryNames.SummarySpan, plan.Trace?.Activity?.Context ?? default);
        span?.SetTag(TelemetryNames.Operation, TelemetryNames.SummaryOperation).SetTag(TelemetryNames.Agent, plan.Settings.Agent).SetTag(TelemetryNames.ConversationId, conversationId).SetTag(TelemetryNames.SummaryThrough, batch.Through);
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
        var answer = await AskAsync(plan, batch.Request(plan, conversationId, state.Summary)).ConfigureAwait(false);
        UsageTrace.Measure(logger, plan.Settings, TelemetryNames.SummaryOperation, answer.Model, answer.Usage);
        if (span is not null)
            UsageTrace.Describe(span, answer.Model, answer.Usage);

        var run = batch.Command(plan, state, answer);
        TokenAmount? tokens;
        string? refusal;
        try
        {
            (tokens, refusal) = Check(plan.Settings, conversationId, answer.Text);
        }
        catch
        {
            // The text exceeds a limit, or the host's counter failed. The answer was paid for all the same.
            await engine.SaveSummaryAsync(run, _closing.Token).ConfigureAwait(false);
            throw;
        }

        // The summary is refused, too, if messages were deleted, superseded or restored meanwhile, or another summary was saved.
        var saved = await engine.SaveSummaryAsync(refusal is null ? run with { Text = answer.Text, Tokens = tokens } : run, _closing.Token).ConfigureAwait(false);
        if (refusal is null)
            Log.SummaryEnded(logger, conversationId, batch.Through, saved);
        span?.SetTag(TelemetryNames.SummaryOutcome, refusal ?? (saved ? "saved" : "outdated"));
        return refusal is null ? saved : null;
    }

    /// <summary>Counts the tokens of a summary.</summary>
    /// <returns>The tokens, and why the summary is refused; null if it is not.</returns>
    private (TokenAmount? Tokens, string? Refusal) Check(TurnSettings settings, string conversationId, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            Log.SummaryRefused(logger, conversationId);
            return (null, "blank");
        }

        var message = settings.Sizes.Checked(HistoryRead.MessageOf(text));
        var tokens = PromptCost.Count(settings.Limits.Counter, message);
        if (tokens.Count <= settings.Limits.Tokens / 2 || settings.Limits.Tokens is null)
            return (tokens, null);

        Log.SummaryTooLarge(logger, conversationId, tokens.Count, settings.Limits.Tokens.Value);
        return (tokens, "too_large");
    }

    /// <summary>Reads the messages to summarize next, in growing chunks until an exchange ends.</summary>
    private async Task<SummaryBatch?> ReadBatchAsync(TurnPlan plan, string conversationId, long after, long before)
    {
        for (var limit = Math.Max(LongestBatch, plan.Settings.SummaryThreshold); ; limit *= 2)
        {
            var range = new MessageRange { ConversationId = conversationId, Access = plan.Access, After = after, Limit = limit + 1 };
            var read = await store.ReadMessagesAsync(range, _closing.Token).ConfigureAwait(false);
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
    private async Task<SummaryResult> AskAsync(TurnPlan plan, SummaryRequest request)
    {
        using var timeout = new CancellationTokenSource(plan.Settings.SummaryTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _closing.Token);
        var summary = plan.Settings.Summarizer!.SummarizeAsync(request, either.Token);

        // A summarizer that was abandoned can fail later, when no code waits for it.
        _ = summary.ContinueWith(static failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return await summary.WaitAsync(either.Token).ConfigureAwait(false) ?? "";
    }
}

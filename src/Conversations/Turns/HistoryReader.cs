using Conversations.Storage;

namespace Conversations;

/// <summary>Reads as much of a history as a prompt may hold, and a message more, which tells whether the oldest one that fits is whole.</summary>
internal sealed class HistoryReader(IConversationStore store)
{
    // Where messages have no counts yet, the token limit cannot end the reading in the store: it is ended here, after at most as many.
    private const int LongestChunk = 256;

    private readonly IConversationSummaryStore? _summaries = store.GetFeature<IConversationSummaryStore>();

    /// <summary>Whether the store keeps summaries.</summary>
    public bool HasSummaries => _summaries is not null;

    /// <summary>Makes the window of a turn that has begun.</summary>
    public async Task<HistoryWindow> ReadAsync(TurnPlan plan, IReadOnlyList<ConversationMessage> input, TurnBegun begun, CancellationToken cancellationToken)
    {
        if (begun.InputPosition == 1 && begun.LastPosition == input.Count)
            return new HistoryWindow(plan.Limits, plan.Settings.SystemPrompt, HistoryRead.Nothing, input);
        if (!begun.IsOnSavedInput || plan.Again is not null)
            return await ReadAsync(plan, input, begun.Lease.ConversationId, begun.InputPosition, cancellationToken).ConfigureAwait(false);

        // Saved input is asked anew, after what was said since. What its earlier run left half done is left out: this run does it again.
        var saved = (From: begun.InputPosition, To: begun.InputPosition + input.Count - 1);
        var read = await ReadAsync(plan, input, begun.Lease.ConversationId, begun.LastPosition + 1, input.Count, cancellationToken).ConfigureAwait(false);
        var halfDone = read.Messages.Where(message => message.Position > saved.To && message.IsPartial).ToList();
        read = read with
        {
            Messages = [.. read.Messages.Where(message => message.Position < saved.From || message.Position > saved.To).Except(halfDone)],
            Input = saved,
            Omissions = [.. halfDone.Select(message => new WindowOmission(WindowOmissionReason.Partial, message.Position, message.Position))],
        };
        return new HistoryWindow(plan.Limits, plan.Settings.SystemPrompt, read, input);
    }

    /// <summary>Makes the window of a turn whose input would stand at a position.</summary>
    public async Task<HistoryWindow> ReadAsync(
        TurnPlan plan, IReadOnlyList<ConversationMessage> input, string conversationId, long before, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(plan, input, conversationId, before, extra: 0, cancellationToken).ConfigureAwait(false);
        return new HistoryWindow(plan.Limits, plan.Settings.SystemPrompt, read, input);
    }

    private async Task<HistoryRead> ReadAsync(
        TurnPlan plan, IReadOnlyList<ConversationMessage> input, string conversationId, long before, int extra, CancellationToken cancellationToken)
    {
        var summary = plan.Settings.Summarizer is null || _summaries is null
            ? null
            : await _summaries.GetSummaryAsync(conversationId, plan.Access, before, cancellationToken).ConfigureAwait(false);
        var limits = plan.Limits;
        var budget = limits.Tokens is { } limit
            ? Math.Max(0, limit - HistoryWindow.OwnTokens(plan.Settings.SystemPrompt, input))
            : (long?)null;
        var count = Math.Max(limits.Messages - input.Count, 0) + 1 + extra;

        // Results are of no use without their calls, so those are read whatever the limits; they stand directly before the results.
        var needed = input[0].Kind == MessageKind.ToolResult ? OpenCalls.Reach : 0;
        var messages = new List<ConversationMessage>();
        var recounts = new List<MessageRecount>();
        var after = summary?.Through ?? 0;
        while (true)
        {
            var isNeeded = messages.Count < needed;
            var chunk = Math.Min(isNeeded ? Math.Max(needed, count) : count - messages.Count, LongestChunk);
            var query = new WindowQuery
            {
                ConversationId = conversationId,
                Access = plan.Access,
                After = after,
                Before = messages.Count > 0 ? messages[0].Position : before,
                Limit = chunk,
                TokenLimit = isNeeded || budget is not { } left ? null : new TokenAmount((int)Math.Min(left, int.MaxValue), limits.Counter.Name),
            };
            var read = await store.ReadWindowAsync(query, cancellationToken).ConfigureAwait(false);
            var counted = read.Select(message => PromptCost.Counted(limits.Counter, message)).ToList();
            recounts.AddRange(counted.Where((message, i) => !ReferenceEquals(message, read[i])).Select(message => new MessageRecount(message.Position, message.Tokens!.Value)));
            messages.InsertRange(0, counted);
            budget -= counted.Sum(message => (long)message.Tokens!.Value.Count);

            var isEnd = read.Count < chunk;
            if (!isEnd && messages.Count < count && !(budget < 0))
                continue;

            // Where the tokens may have ended the reading, a position that is left over says that there is more.
            var mayBeMore = !isEnd || (query.TokenLimit is not null && (messages.Count > 0 ? messages[0].Position : before) > after + 1);
            return new HistoryRead(messages, after, before) { IsCut = mayBeMore, IsCutByTokens = mayBeMore && isEnd, Summary = summary, Recounts = recounts };
        }
    }
}

using Conversations.Storage;

namespace Conversations;

/// <summary>Reads as much of a history as a prompt may hold, and a message more, which tells whether the oldest one that fits is whole.</summary>
internal sealed class HistoryReader(IConversationStore store)
{
    // Where messages have no counts yet, the token limit cannot end the reading in the store: it is ended here, after at most as many.
    private const int LongestChunk = 256;

    private readonly IConversationSummaryStore? _summaries = store.GetFeature<IConversationSummaryStore>();

    /// <summary>Makes the window of a turn that has begun.</summary>
    /// <param name="plan">The turn.</param>
    /// <param name="input">What is asked, as stored.</param>
    /// <param name="begun">Where it stands.</param>
    /// <param name="before">Where the answer begins that saved input had, which a turn that answers again does not see.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<HistoryWindow> ReadAsync(TurnPlan plan, IReadOnlyList<ConversationMessage> input, TurnBegun begun, long before, CancellationToken cancellationToken)
    {
        if (begun.InputPosition == 1 && begun.LastPosition == input.Count)
            return new HistoryWindow(plan.Limits, plan.Settings.SystemPrompt, HistoryRead.Nothing, input);

        // Saved results are asked where they stand: what others said since cannot come between a call and its result.
        if (!begun.IsOnSavedInput || input[0].Kind == MessageKind.ToolResult)
            return await ReadAsync(plan, input, begun.Lease.ConversationId, begun.InputPosition, cancellationToken).ConfigureAwait(false);

        // Other saved input is asked anew, after what was said since. What its earlier runs left half done is left out: this run does it again.
        var saved = (From: begun.InputPosition, To: begun.InputPosition + input.Count - 1);
        var read = await ReadAsync(plan, input, begun.Lease.ConversationId, before, input.Count, cancellationToken).ConfigureAwait(false);
        var halfDone = await FindHalfDoneAsync(plan, begun, read.Messages, cancellationToken).ConfigureAwait(false);
        read = read with
        {
            Messages = [.. read.Messages.Where(message => message.Position < saved.From || message.Position > saved.To).Except(halfDone)],
            Input = saved,
            Excluded = [.. halfDone.Select(message => new ExcludedRange(ExclusionReason.Partial, message.Position, message.Position))],
        };
        return new HistoryWindow(plan.Limits, plan.Settings.SystemPrompt, read, input);
    }

    /// <summary>Makes the window of a turn whose input would stand at a position.</summary>
    public async ValueTask<HistoryWindow> ReadAsync(
        TurnPlan plan, IReadOnlyList<ConversationMessage> input, string conversationId, long before, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(plan, input, conversationId, before, extra: 0, cancellationToken).ConfigureAwait(false);
        return new HistoryWindow(plan.Limits, plan.Settings.SystemPrompt, read, input);
    }

    private async ValueTask<HistoryRead> ReadAsync(
        TurnPlan plan, IReadOnlyList<ConversationMessage> input, string conversationId, long before, int extra, CancellationToken cancellationToken)
    {
        // Results are of no use without their calls, so those are read whatever the limits and whatever a summary covers.
        var messages = input[0].Kind == MessageKind.ToolResult
            ? await TurnReader.ReadLastExchangeAsync(store, plan.Access, conversationId, before, cancellationToken).ConfigureAwait(false)
            : [];
        var needed = OpenCalls.Length(messages);
        messages.RemoveRange(0, messages.Count - needed);
        var summary = plan.Settings.Summarizer is null || _summaries is null
            ? null
            : await _summaries.GetSummaryAsync(conversationId, plan.Access, needed > 0 ? messages[0].Position : before, cancellationToken).ConfigureAwait(false);

        var recounts = new List<MessageRecount>();
        Count(messages, plan.Limits.Counter, recounts);
        var budget = plan.Limits.Tokens - HistoryWindow.OwnTokens(plan.Settings.SystemPrompt, input) - Cost(messages);
        var count = Math.Clamp((long)plan.Limits.Messages - input.Count + 1 + extra, 1, int.MaxValue);
        var after = summary?.Through ?? 0;
        var oldest = needed > 0 ? messages[0].Position : before;
        while (true)
        {
            var chunk = (int)Math.Clamp(count - messages.Count, 1, LongestChunk);
            var query = new WindowQuery
            {
                ConversationId = conversationId,
                Access = plan.Access,
                After = after,
                Before = oldest,
                Limit = chunk,
                TokenLimit = budget is { } left ? new TokenAmount((int)Math.Clamp(left, 0, int.MaxValue), plan.Limits.Counter.Name) : null,
            };
            // What a store gives is the caller's [1.1].
            var read = await store.ReadWindowAsync(query, cancellationToken).ConfigureAwait(false);
            var list = read as List<ConversationMessage> ?? [.. read];
            var length = list.Count;
            oldest = length > 0 ? list[0].Position : oldest;

            // The store passes over what was written as an error. What is one now was damaged since, and is no more for the model than those.
            var damaged = list.RemoveAll(static message => message.Kind == MessageKind.Error);
            Count(list, plan.Limits.Counter, recounts);
            budget -= Cost(list);
            if (messages.Count > 0)
                messages.InsertRange(0, list);
            else
                messages = list;

            // Where the tokens of damaged messages may have ended the reading in the store, there is room for older ones.
            var isEnd = length < chunk && (damaged == 0 || query.TokenLimit is null);
            if (!isEnd && messages.Count < count && !(budget < 0))
                continue;

            // Where the tokens may have ended the reading, a position that is left over says that there is more.
            var mayBeMore = !isEnd || (query.TokenLimit is not null && oldest > after + 1);
            return new HistoryRead(messages, after, before) { IsCut = mayBeMore, IsCutByTokens = mayBeMore && isEnd, Summary = summary, Recounts = recounts };
        }
    }

    /// <summary>Finds what earlier runs on the same saved input left half done.</summary>
    private async Task<List<ConversationMessage>> FindHalfDoneAsync(
        TurnPlan plan, TurnBegun begun, IReadOnlyList<ConversationMessage> messages, CancellationToken cancellationToken)
    {
        var partial = messages.Where(message => message is { IsPartial: true, RunNumber: not null } && message.Position > begun.InputPosition).ToList();
        var runs = new HashSet<long?>();
        foreach (var number in partial.Select(message => message.RunNumber!.Value).Distinct())
        {
            if (await store.GetRunAsync(begun.Lease.ConversationId, number, plan.Access, cancellationToken).ConfigureAwait(false) is { } run && run.InputPosition == begun.InputPosition)
                runs.Add(number);
        }

        return partial.FindAll(message => runs.Contains(message.RunNumber));
    }

    /// <summary>Counts the messages that were not counted by this counter, and notes what came of it.</summary>
    private static void Count(List<ConversationMessage> messages, ITokenCounter counter, List<MessageRecount> recounts)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            var counted = PromptCost.Counted(counter, messages[i]);
            if (ReferenceEquals(counted, messages[i]))
                continue;

            messages[i] = counted;
            recounts.Add(new MessageRecount(counted.Position, counted.Tokens!.Value));
        }
    }

    private static long Cost(List<ConversationMessage> messages)
    {
        var tokens = 0L;
        foreach (var message in messages)
            tokens += message.Tokens!.Value.Count;
        return tokens;
    }
}

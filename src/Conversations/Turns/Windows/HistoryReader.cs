using Conversations.Storage;

namespace Conversations;

/// <summary>Reads as much of a history as the prompt can contain, and one message more, which shows whether the oldest exchange that fits is complete.</summary>
internal sealed class HistoryReader(IConversationStore store)
{
    // The store cannot apply a token limit to messages that have no counts. They are read in chunks of at most this many, and counted here.
    private const int LongestChunk = 256;

    /// <summary>Gets the size of the first read of a turn, so that it can be loaded together with the state; null if it is not known before the turn begins.</summary>
    public static WindowSize? FirstRead(TurnPlan plan)
    {
        if (plan.Again is not null || plan.Input[0].Kind == MessageKind.ToolResult)
            return null;

        var budget = plan.Limits.Tokens - HistoryWindow.OwnTokens(plan.Limits, plan.Settings.SystemPrompt, plan.Input);
        return new WindowSize(ChunkOf(CountOf(plan, plan.Input, extra: 0)), TokensOf(plan, budget));
    }

    /// <summary>Reads the window of a turn that has begun.</summary>
    /// <param name="plan">The turn.</param>
    /// <param name="input">The input, as stored.</param>
    /// <param name="begun">The outcome of the beginning.</param>
    /// <param name="before">The position at which the earlier answer to existing input begins. A turn that answers again does not see it.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<HistoryWindow> ReadAsync(TurnPlan plan, IReadOnlyList<ConversationMessage> input, TurnBegun begun, long before, CancellationToken cancellationToken)
    {
        if (begun.InputPosition == 1 && begun.LastPosition == input.Count)
            return new HistoryWindow(plan.Limits, plan.Settings.SystemPrompt, HistoryRead.Nothing, input);

        // Existing tool results keep their position in the prompt: messages of others cannot come between a call and its result.
        if (!begun.IsOnExistingInput || input[0].Kind == MessageKind.ToolResult)
        {
            var asked = await ReadAsync(plan, input, begun.Lease.ConversationId, begun.InputPosition, extra: 0, cancellationToken, begun).ConfigureAwait(false);
            return new HistoryWindow(plan.Limits, plan.Settings.SystemPrompt, asked, input);
        }

        return await ReadAroundAsync(plan, input, begun, before, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the window of a turn whose input would be at the given position.</summary>
    public async ValueTask<HistoryWindow> ReadAsync(
        TurnPlan plan, IReadOnlyList<ConversationMessage> input, string conversationId, long before, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(plan, input, conversationId, before, extra: 0, cancellationToken).ConfigureAwait(false);
        return new HistoryWindow(plan.Limits, plan.Settings.SystemPrompt, read, input);
    }

    /// <summary>Reads the window of a turn on existing input, which is sent at the end of the prompt, after newer messages. The partial output of its earlier runs is excluded, because this run replaces it.</summary>
    private async ValueTask<HistoryWindow> ReadAroundAsync(TurnPlan plan, IReadOnlyList<ConversationMessage> input, TurnBegun begun, long before, CancellationToken cancellationToken)
    {
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

    private async ValueTask<HistoryRead> ReadAsync(
        TurnPlan plan, IReadOnlyList<ConversationMessage> input, string conversationId, long before, int extra, CancellationToken cancellationToken, TurnBegun? begun = null)
    {
        // Results are useless without their calls, so the calls are read regardless of limits and summaries.
        var messages = input[0].Kind == MessageKind.ToolResult
            ? await FactsReader.ReadLastExchangeAsync(store, plan.Access, conversationId, before, cancellationToken).ConfigureAwait(false)
            : [];
        var needed = OpenCalls.Length(messages);
        messages.RemoveRange(0, messages.Count - needed);
        var loaded = needed == 0 ? begun?.Window : null;
        var summary = plan.Settings.Summarizer is null ? null
            : loaded is not null ? begun!.State.Summary
            : await FindSummaryAsync(conversationId, plan.Access, needed > 0 ? messages[0].Position : before, cancellationToken).ConfigureAwait(false);

        List<TokenRecount>? recounts = null;
        Count(messages, plan.Limits.Counter, ref recounts);
        var budget = plan.Limits.Tokens - HistoryWindow.OwnTokens(plan.Limits, plan.Settings.SystemPrompt, input) - Cost(messages);
        var count = CountOf(plan, input, extra);
        var after = summary?.Through ?? 0;
        var oldest = needed > 0 ? messages[0].Position : before;
        while (true)
        {
            var chunk = ChunkOf(count - messages.Count);
            var tokenLimit = TokensOf(plan, budget);
            var list = loaded is null ? await ReadAsync(plan, conversationId, after, oldest, chunk, tokenLimit, cancellationToken).ConfigureAwait(false) : loaded as List<StoredMessage> ?? [.. loaded];
            loaded = null;
            var length = list.Count;
            oldest = length > 0 ? list[0].Position : oldest;

            // The store skips errors that were written. A message that is an error now was damaged since, and is skipped too.
            var damaged = list.RemoveAll(static message => message.Kind == MessageKind.Error);
            Count(list, plan.Limits.Counter, ref recounts);
            budget -= Cost(list);
            if (messages.Count > 0)
                messages.InsertRange(0, list);
            else
                messages = list;

            // If the tokens of damaged messages may have ended the read in the store, there is room for older messages.
            var isEnd = length < chunk && (damaged == 0 || tokenLimit is null);
            if (!isEnd && messages.Count < count && !(budget < 0))
                continue;

            // If tokens may have ended the read, a remaining position shows that there are more messages.
            var mayBeMore = !isEnd || (tokenLimit is not null && oldest > after + 1);
            return new HistoryRead(messages, after, before) { IsCut = mayBeMore, IsCutByTokens = mayBeMore && isEnd, Summary = summary, Recounts = recounts ?? (IReadOnlyList<TokenRecount>)[] };
        }
    }

    private static long CountOf(TurnPlan plan, IReadOnlyList<ConversationMessage> input, int extra) => Math.Clamp((long)plan.Limits.Messages - input.Count + 1 + extra, 1, int.MaxValue);

    private static int ChunkOf(long left) => (int)Math.Clamp(left, 1, LongestChunk);

    private static TokenAmount? TokensOf(TurnPlan plan, long? budget) =>
        budget is { } left ? new TokenAmount((int)Math.Clamp(left, 0, int.MaxValue), plan.Limits.Counter.Name) : null;

    /// <summary>Reads the newest messages that may go to a model, oldest first.</summary>
    private async ValueTask<List<StoredMessage>> ReadAsync(
        TurnPlan plan, string conversationId, long after, long before, int limit, TokenAmount? tokenLimit, CancellationToken cancellationToken)
    {
        var range = new MessageRange
        {
            ConversationId = conversationId,
            Access = plan.Access,
            After = after,
            Before = before,
            NewestFirst = true,
            CurrentOnly = true,
            SkipErrors = true,
            Limit = limit,
            TokenLimit = tokenLimit,
        };

        // The list belongs to the caller of the store (docs/storage-contract.md, 1.1).
        var read = await store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false);
        var messages = read as List<StoredMessage> ?? [.. read];
        messages.Reverse();
        return messages;
    }

    private async ValueTask<ConversationSummary?> FindSummaryAsync(string conversationId, ConversationAccess access, long before, CancellationToken cancellationToken)
    {
        var lookup = new ConversationLookup { Access = access, ConversationId = conversationId, SummaryBefore = before };
        return (await store.LoadAsync(lookup, cancellationToken).ConfigureAwait(false)).Summary;
    }

    /// <summary>Finds the partial output of earlier runs on the same existing input.</summary>
    private async Task<List<StoredMessage>> FindHalfDoneAsync(
        TurnPlan plan, TurnBegun begun, IReadOnlyList<StoredMessage> messages, CancellationToken cancellationToken)
    {
        var partial = messages.Where(message => message is { IsPartial: true, RunNumber: not null } && message.Position > begun.InputPosition).ToList();
        var runs = new HashSet<long?>();
        foreach (var number in partial.Select(message => message.RunNumber!.Value).Distinct())
        {
            if (await store.FindRunAsync(begun.Lease.ConversationId, number, plan.Access, cancellationToken).ConfigureAwait(false) is { Run: { } run } && run.InputPosition == begun.InputPosition)
                runs.Add(number);
        }

        return partial.FindAll(message => runs.Contains(message.RunNumber));
    }

    /// <summary>Counts the messages that have no count of this counter, and collects the new counts.</summary>
    private static void Count(List<StoredMessage> messages, ITokenCounter counter, ref List<TokenRecount>? recounts)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            var counted = PromptCost.Counted(counter, messages[i]);
            if (ReferenceEquals(counted, messages[i]))
                continue;

            messages[i] = counted;
            (recounts ??= []).Add(new TokenRecount(counted.Position, counted.Tokens!.Value));
        }
    }

    private static long Cost(List<StoredMessage> messages)
    {
        var tokens = 0L;
        foreach (var message in messages)
            tokens += message.Tokens!.Value.Count;
        return tokens;
    }
}

using Conversations.Storage;

namespace Conversations;

/// <summary>Reads as much of a history as the prompt can contain, and one message more, which shows whether the oldest exchange that fits is complete.</summary>
internal sealed class HistoryReader(IConversationStore store)
{
    // The store cannot apply a token limit to messages that have no counts. They are read in chunks of at most this many, and counted here.
    private const int LongestChunk = 256;

    // A prompt costs the same however many messages are left out of it. If more than this are too large or failed, older ones are not looked for.
    private const int MostLeftOut = 512;

    /// <summary>Gets the size of the first read of a turn, so that it can be loaded together with the state; null if it is not known before the turn begins.</summary>
    public static WindowSize? FirstRead(TurnPlan plan)
    {
        if (plan.Again is not null || plan.ReplacedPosition is not null || plan.Input[0].Kind == MessageKind.ToolResult)
            return null;

        var budget = plan.Limits.Tokens - HistoryWindow.OwnTokens(plan.Limits, plan.Settings.SystemPrompt, plan.InputIn(target: null));
        return new WindowSize(ChunkOf(CountOf(plan, plan.Input, extra: 0)), TokensOf(plan, budget));
    }

    /// <summary>Reads the window of a turn that has begun.</summary>
    /// <param name="plan">The turn.</param>
    /// <param name="input">The input, as stored.</param>
    /// <param name="begun">The outcome of the beginning.</param>
    /// <param name="before">The position at which the earlier answer to existing input begins, or of the message that is replaced. The turn does not see it.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<HistoryWindow> ReadAsync(TurnPlan plan, IReadOnlyList<ConversationMessage> input, TurnBegun begun, long before, CancellationToken cancellationToken)
    {
        if (begun.InputPosition == 1 && begun.LastPosition == input.Count)
            return new HistoryWindow(plan.Limits, plan.Settings.SystemPrompt, HistoryRead.Nothing, input);

        // The history ends before the message that is replaced, wherever the input is stored.
        if (begun.ReplacedPosition is not null)
            return await ReadAsync(plan, input, begun.Conversation, before, cancellationToken).ConfigureAwait(false);

        // Existing tool results keep their position in the prompt: messages of others cannot come between a call and its result.
        if (!begun.IsOnExistingInput || input[0].Kind == MessageKind.ToolResult)
        {
            var asked = await ReadAsync(plan, input, begun.Conversation, begun.InputPosition, extra: 0, cancellationToken, begun).ConfigureAwait(false);
            return new HistoryWindow(plan.Limits, plan.Settings.SystemPrompt, asked, input);
        }

        return await ReadAroundAsync(plan, input, begun, before, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the window of a turn whose input would be at the given position.</summary>
    public async ValueTask<HistoryWindow> ReadAsync(
        TurnPlan plan, IReadOnlyList<ConversationMessage> input, StoredConversation conversation, long before, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(plan, input, conversation, before, extra: 0, cancellationToken).ConfigureAwait(false);
        return new HistoryWindow(plan.Limits, plan.Settings.SystemPrompt, read, input);
    }

    /// <summary>Reads the window of a turn on existing input, which is sent at the end of the prompt, after newer messages. The partial output of its earlier runs is excluded, because this run replaces it.</summary>
    private async ValueTask<HistoryWindow> ReadAroundAsync(TurnPlan plan, IReadOnlyList<ConversationMessage> input, TurnBegun begun, long before, CancellationToken cancellationToken)
    {
        var saved = (From: begun.InputPosition, To: begun.InputPosition + input.Count - 1);
        var read = await ReadAsync(plan, input, begun.Conversation, before, input.Count, cancellationToken).ConfigureAwait(false);
        var halfDone = await FindHalfDoneAsync(plan, begun, read.Messages, cancellationToken).ConfigureAwait(false);
        read = read with
        {
            Messages = [.. read.Messages.Where(message => message.Position < saved.From || message.Position > saved.To).Except(halfDone)],
            Input = saved,
            Excluded =
            [
                .. read.Excluded.Where(range => range.From < saved.From || range.From > saved.To),
                .. halfDone.Select(message => new ExcludedRange(ExclusionReason.Partial, message.Position, message.Position)),
            ],
        };
        return new HistoryWindow(plan.Limits, plan.Settings.SystemPrompt, read, input);
    }

    private async ValueTask<HistoryRead> ReadAsync(
        TurnPlan plan, IReadOnlyList<ConversationMessage> input, StoredConversation conversation, long before, int extra, CancellationToken cancellationToken, TurnBegun? begun = null)
    {
        // Results are useless without their calls, so the calls are read regardless of limits and summaries.
        var conversationId = conversation.Conversation.Id;
        var messages = input[0].Kind == MessageKind.ToolResult
            ? await FactsReader.ReadLastExchangeAsync(store, plan.Access, conversationId, before, cancellationToken).ConfigureAwait(false)
            : [];
        var needed = OpenCalls.Length(messages);
        messages.RemoveRange(0, messages.Count - needed);
        var loaded = needed == 0 ? begun?.Window : null;
        var summary = plan.Settings.Summarizer is null ? null
            : loaded is not null ? begun!.State.Summary
            : await FindSummaryAsync(conversationId, plan.Access, needed > 0 ? messages[0].Position : before, cancellationToken).ConfigureAwait(false);

        // Existing input is among the messages that are read.
        var chunks = new HistoryChunks(store, plan, conversation, HistoryWindow.OwnTokens(plan.Limits, plan.Settings.SystemPrompt, extra > 0 ? [] : input), messages);
        var after = summary?.Through ?? 0;
        var oldest = needed > 0 ? messages[0].Position : before;

        var from = Math.Max(after + 1, BeginOf(plan, conversation, before));
        var count = CountOf(plan, input, extra);
        while (true)
        {
            var chunk = chunks.NeededTokens is null ? ChunkOf(count - chunks.Shown) : 1;
            var tokenLimit = TokensOf(plan, chunks.NeededTokens ?? chunks.Budget);
            var list = loaded is null ? await ReadAsync(plan, conversationId, from - 1, oldest, chunk, tokenLimit, cancellationToken).ConfigureAwait(false) : loaded as List<StoredMessage> ?? [.. loaded];
            var length = list.Count;
            oldest = length > 0 ? list[0].Position : oldest;

            // The window that was loaded with the state begins anywhere.
            var isBeyond = loaded is not null && oldest < from;
            loaded = null;
            await chunks.AddAsync(list, from, cancellationToken).ConfigureAwait(false);
            oldest = chunks.ReadAgainBefore ?? oldest;

            // If the tokens of damaged messages may have ended the read in the store, there is room for older messages.
            // If they ended it within an exchange, the exchange may be too large to be shown at all.
            var isExact = chunks.IsExact && chunks.ReadAgainBefore is null && !(chunks.IsWithinExchange && length > 0);
            var isEnd = isBeyond || chunks.IsFull || (length < chunk && (isExact || tokenLimit is null));
            if (!isEnd && chunks.Shown < count && chunks.LeftOut < MostLeftOut && !(chunks.Budget < 0))
                continue;

            var isCutByTokens = chunks.IsFull || (!isBeyond && isEnd && tokenLimit is not null && oldest > from && await HasMessageAsync(plan, conversationId, from - 1, oldest, cancellationToken).ConfigureAwait(false));
            return await CompleteAsync(plan, conversationId, chunks, new HistoryRead(chunks.Messages, after, before)
            {
                From = from,
                IsCut = isCutByTokens || !isEnd,
                IsCutByTokens = isCutByTokens,
                Summary = summary,
                Recounts = chunks.Recounts,
                Excluded = chunks.Excluded,
            }, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Returns where the window begins, if that is known. A turn that answers an old message again sees what precedes that, wherever the window begins today.</summary>
    private static long BeginOf(TurnPlan plan, StoredConversation conversation, long before)
    {
        if (plan.Limits.Trim >= 1)
            return 0;

        var fewest = plan is { Again: null, ReplacedPosition: null } ? 1 : (long)(plan.Limits.Messages * plan.Limits.Trim / 2) + 1;
        return conversation.WindowStart <= before - fewest ? conversation.WindowStart : 0;
    }

    private static long CountOf(TurnPlan plan, IReadOnlyList<ConversationMessage> input, int extra) => Math.Clamp((long)plan.Limits.Messages - input.Count + 1 + extra, 1, int.MaxValue);

    private static int ChunkOf(long left) => (int)Math.Clamp(left, 1, LongestChunk);

    private static TokenAmount? TokensOf(TurnPlan plan, long? budget) =>
        budget is { } left ? new TokenAmount((int)Math.Clamp(left, 0, int.MaxValue), plan.Limits.Counter.Name) : null;

    /// <summary>Adds the question of the answer in whose middle the history begins, and the models of runs.</summary>
    private async ValueTask<HistoryRead> CompleteAsync(TurnPlan plan, string conversationId, HistoryChunks chunks, HistoryRead read, CancellationToken cancellationToken)
    {
        var isWithin = read.Messages is [{ Role: not MessageRole.User }, ..]
            && (read.IsCut ? !read.Messages.Any(static message => message is { Role: MessageRole.User, Kind: MessageKind.Message }) : read.From > 1);
        if (isWithin && (chunks.Question ?? await FindQuestionAsync(plan, conversationId, read.Messages[0].Position, cancellationToken).ConfigureAwait(false)) is { } question)
            read = read with { Question = PromptCost.Counted(plan.Limits.Counter, question) };
        for (var i = 0; i < read.Messages.Count; i++)
        {
            if (ShownContent.IsBound(read.Messages[i]))
                return read with { Models = await chunks.ReadModelsAsync(cancellationToken).ConfigureAwait(false) };
        }

        return read;
    }

    private async ValueTask<StoredMessage?> FindQuestionAsync(TurnPlan plan, string conversationId, long before, CancellationToken cancellationToken)
    {
        var range = new MessageRange
        {
            ConversationId = conversationId,
            Access = plan.Access,
            Before = before,
            NewestFirst = true,
            CurrentOnly = true,
            SkipErrors = true,
            Role = MessageRole.User,
            Limit = 1,
            TokenLimit = TokensOf(plan, plan.Limits.Tokens),
        };
        return await store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false) is [{ Kind: MessageKind.Message } question]
            ? question
            : null;
    }

    /// <summary>Returns whether there is an older message. Its content is not read.</summary>
    private async ValueTask<bool> HasMessageAsync(TurnPlan plan, string conversationId, long after, long before, CancellationToken cancellationToken) =>
        await ReadAsync(plan, conversationId, after, before, limit: 1, TokensOf(plan, 0), cancellationToken).ConfigureAwait(false) is { Count: > 0 };

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
}

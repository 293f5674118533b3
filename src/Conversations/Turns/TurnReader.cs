using Conversations.Storage;

namespace Conversations;

/// <summary>Reads what a turn is about: saved input, the end of a history, and the result of a request that was answered before.</summary>
internal sealed class TurnReader(IConversationStore store)
{
    private const int ExchangeChunk = 128;

    /// <summary>Reads the input that an earlier run of the request saved. What was deleted since is asked all the same, but stands nowhere; what was damaged since, as it comes with the request.</summary>
    public async Task<ConversationMessage[]> ReadSavedInputAsync(TurnPlan plan, ConversationMessage[] input, TurnBegun begun, CancellationToken cancellationToken)
    {
        var read = await store.ReadMessagesAsync(
            new MessageRange { ConversationId = begun.Lease.ConversationId, Access = plan.Access, After = begun.InputPosition - 1, Limit = input.Length },
            cancellationToken).ConfigureAwait(false);
        var saved = read.ToDictionary(message => message.Position);
        return [.. input.Select((message, i) => PromptCost.Counted(plan.Limits.Counter, Readable(saved.GetValueOrDefault(begun.InputPosition + i, message), message)))];
    }

    /// <summary>Reads the end of a history, back to where its last exchange begins.</summary>
    public static async Task<List<ConversationMessage>> ReadLastExchangeAsync(
        IConversationStore store, ConversationAccess access, string conversationId, long before, CancellationToken cancellationToken)
    {
        var tail = new List<ConversationMessage>();
        var oldest = before;
        while (true)
        {
            var query = new WindowQuery { ConversationId = conversationId, Access = access, Before = oldest, Limit = ExchangeChunk };
            var read = await store.ReadWindowAsync(query, cancellationToken).ConfigureAwait(false);
            oldest = read.Count > 0 ? read[0].Position : oldest;

            // What was damaged since is passed over, as errors are.
            tail.InsertRange(0, read.Where(static message => message.Kind != MessageKind.Error));
            if (read.Count < ExchangeChunk || OpenCalls.Length(tail) < tail.Count)
                return tail;
        }
    }

    /// <summary>Reads the result of a run that was completed.</summary>
    /// <exception cref="ConversationStoreException">What it answered is damaged (<c>STORE_CORRUPT</c>).</exception>
    public async Task<TurnResult> ReplayAsync(TurnPlan plan, ConversationRun run, CancellationToken cancellationToken)
    {
        IReadOnlyList<ConversationMessage> messages = [];
        if (run.OutputCount > 0)
        {
            var read = await store.ReadMessagesAsync(
                new MessageRange { ConversationId = run.ConversationId, Access = plan.Access, After = run.OutputPosition - 1, Limit = run.OutputCount },
                cancellationToken).ConfigureAwait(false);
            messages = [.. read.Where(message => message.Position < run.OutputPosition + run.OutputCount)];

            // Whoever asks again would take an answer that is damaged for none. What came before it may be: nobody waits for that.
            if (messages.LastOrDefault(static message => message.Role == MessageRole.Assistant && (message.IsDamaged || TurnResult.IsReply(message))) is { IsDamaged: true } damaged)
                throw new ConversationStoreException(ConversationErrorCodes.StoreCorrupt, $"The answer {damaged.Id} is damaged and cannot be read.");
        }

        return new TurnResult
        {
            ConversationId = run.ConversationId,
            RunId = run.Id,
            InputMessageId = ConversationIds.Message(run.ConversationId, run.InputPosition),
            IsReplay = true,
            Messages = messages,
        };
    }

    private static ConversationMessage Readable(ConversationMessage saved, ConversationMessage asked) =>
        saved.IsDamaged ? saved.WithParts(asked.Parts) with { Metadata = asked.Metadata } : saved;
}

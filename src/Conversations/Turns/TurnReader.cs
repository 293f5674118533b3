using Conversations.Storage;

namespace Conversations;

/// <summary>Reads existing input, and the result of a request that was answered before.</summary>
internal sealed class TurnReader(IConversationStore store)
{
    /// <summary>Reads the existing input of an earlier run of the request. A message that was deleted since is taken from the request, without a position; so is the content of a message that was damaged since.</summary>
    public async Task<ConversationMessage[]> ReadSavedInputAsync(TurnPlan plan, ConversationMessage[] input, TurnBegun begun, CancellationToken cancellationToken)
    {
        var read = await store.ReadMessagesAsync(
            new MessageRange { ConversationId = begun.Lease.ConversationId, Access = plan.Access, After = begun.InputPosition - 1, Limit = input.Length },
            cancellationToken).ConfigureAwait(false);
        var saved = read.ToDictionary(message => message.Position);
        return [.. input.Select((message, i) => PromptCost.Counted(plan.Limits.Counter, saved.TryGetValue(begun.InputPosition + i, out var stored) ? Readable(stored, message) : message))];
    }

    /// <summary>Reads the result of a run that is answered.</summary>
    /// <exception cref="ConversationStoreException">The answer is damaged (<c>STORE_CORRUPT</c>).</exception>
    public async Task<TurnResult> ReplayAsync(TurnPlan plan, ConversationRun run, CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredMessage> messages = [];
        if (run.OutputCount > 0)
        {
            var read = await store.ReadMessagesAsync(
                new MessageRange { ConversationId = run.ConversationId, Access = plan.Access, After = run.OutputPosition - 1, Limit = run.OutputCount },
                cancellationToken).ConfigureAwait(false);
            messages = [.. read.Where(message => message.Position < run.OutputPosition + run.OutputCount)];

            // The caller would mistake a damaged answer for no answer. Earlier messages of the output may be damaged: the caller does not wait for those.
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

    private static StoredMessage Readable(StoredMessage saved, ConversationMessage asked) =>
        saved.IsDamaged ? saved with { Parts = asked.Parts, AuthorName = asked.AuthorName, Metadata = asked.Metadata } : saved;
}

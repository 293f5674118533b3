namespace CustomStore;

/// <summary>A conversation with its runs, messages and summaries. Immutable.</summary>
internal sealed record History(StoredConversation Stored)
{
    public ConversationScope Scope { get; } = ConversationScope.Parse(Stored.Conversation.SessionId);
    public ImmutableSortedDictionary<long, StoredRun> Runs { get; private init; } = ImmutableSortedDictionary<long, StoredRun>.Empty; // The open one too.
    public ImmutableList<ConversationSummary> Summaries { get; private init; } = [];
    private ImmutableList<StoredMessage?> Messages { get; init; } = []; // By position, from 1 on; null where there is none.

    public IReadOnlyList<StoredRun> Read(RunRange range) =>
        [.. Runs.Values.Reverse().Where(run => range.Includes(run.Run)).Take(range.Limit)];

    public IReadOnlyList<StoredMessage> Read(MessageRange range)
    {
        var (first, end, most) = (IndexAfter(range.After), IndexAfter(range.Before - 1 ?? long.MaxValue), range.TokenLimit?.Count ?? int.MaxValue);
        var left = (long)most;
        int Cost(TokenAmount? tokens) => StoreState.Same(tokens?.Counter, range.TokenLimit?.Counter) ? tokens?.Count ?? 0 : 0;
        return [.. Enumerable.Range(0, Math.Max(end - first, 0)).Select(index => Messages[range.NewestFirst ? end - 1 - index : first + index])
            .OfType<StoredMessage>().Where(message => !(range.CurrentOnly && message.IsSuperseded) && !(range.SkipErrors && message.Kind == MessageKind.Error) && (range.Role ?? message.Role) == message.Role)
            .Select(message => Cost(message.Tokens) > most ? MessageContent.WithoutContent(message) : message)
            .TakeWhile(message => message.Parts[0] == MessageContent.Omitted || (left -= Cost(message.Tokens)) >= 0).Take(range.Limit)];
    }

    /// <summary>Applies a write, its members in the order of their declaration; null if a position was used before [4.2].</summary>
    public History? TryApply(ConversationWrite write)
    {
        var messages = write.DeletedMessages.Count + write.Recounts.Count + write.Superseded.Count == 0 ? Messages
            : [.. Messages.Select(message => message is null || write.DeletedMessages.Contains(message.Position) ? null : Change(message, write))];
        foreach (var message in write.Messages.OrderBy(message => message.Position))
        {
            if (message.Position <= messages.Count)
                return null;
            messages = messages.AddRange(new StoredMessage?[message.Position - messages.Count - 1]).Add(message);
        }
        IEnumerable<StoredRun> open = write.Conversation.OpenRun is { } run ? [run.ToStoredRun()] : [];
        var runs = Runs.SetItems(write.Runs.Concat(open).Select(run => KeyValuePair.Create(run.Run.Number, run)));
        var summaries = Summaries.RemoveAll(summary => summary.Through >= write.DropSummariesFrom).AddRange(write.Summary is { } summary ? [summary] : []);
        return this with { Stored = write.Conversation with { Version = write.Conversation.Version + 1 }, Runs = runs, Messages = messages, Summaries = summaries };
    }

    private static StoredMessage Change(StoredMessage message, ConversationWrite write) =>
        write.Superseded.Where(change => message.Position >= change.From && message.Position <= change.Through).Aggregate(
            message with { Tokens = write.Recounts.LastOrDefault(recount => recount.Position == message.Position)?.Tokens ?? message.Tokens },
            (changed, change) => changed.SupersededBy == change.Expected ? changed with { SupersededBy = change.Value } : changed);
    private int IndexAfter(long position) => (int)Math.Clamp(position, 0, Messages.Count);
}

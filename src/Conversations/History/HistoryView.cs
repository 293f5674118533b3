namespace Conversations;

/// <summary>The part of a history that a prompt shows.</summary>
/// <param name="Summary">The summary that it begins with, as a message.</param>
/// <param name="Question">The user message of the answer in whose middle the blocks begin; null if they begin otherwise.</param>
/// <param name="Blocks">The blocks of the history.</param>
/// <param name="Start">The first block that is shown.</param>
/// <param name="Tokens">The tokens of the whole prompt.</param>
/// <param name="Models">The models of the runs whose messages only their model can read.</param>
internal sealed record HistoryView(
    ConversationMessage? Summary, HistoryBlock? Question, IReadOnlyList<HistoryBlock> Blocks, int Start, long Tokens, IReadOnlyDictionary<long, string?> Models)
{
    private IReadOnlyList<ConversationMessage>? _messages;

    /// <summary>Gets the tokens of the history and its summary.</summary>
    public long HistoryTokens { get; init; }

    /// <summary>Gets the number of messages, at most.</summary>
    public int Capacity => Blocks.Count - Start + 1;

    /// <summary>Returns the messages for a model.</summary>
    /// <param name="model">The model; null if it is not known.</param>
    public IReadOnlyList<ConversationMessage> MessagesFor(string? model) =>
        Models.Count > 0 ? AddTo(new(Capacity), model).AsReadOnly() : _messages ??= AddTo(new(Capacity), model).AsReadOnly();

    /// <summary>Adds the messages for a model to a list, and returns it.</summary>
    public List<ConversationMessage> AddTo(List<ConversationMessage> messages, string? model)
    {
        var first = messages.Count;
        Question?.AddTo(messages);
        for (var i = Start; i < Blocks.Count; i++)
            Blocks[i].AddTo(messages);
        if (Models.Count > 0)
            RemoveForeign(messages, first, model);
        return messages;
    }

    private void RemoveForeign(List<ConversationMessage> messages, int first, string? model)
    {
        for (var i = messages.Count - 1; i >= first; i--)
        {
            var message = messages[i];
            if (!ShownContent.IsBound(message) || (message is StoredMessage { RunNumber: { } run } && ModelNames.AreSame(Models.GetValueOrDefault(run), model)))
                continue;
            if (ShownContent.ForAnotherModel(message) is { } left)
                messages[i] = left;
            else
                messages.RemoveAt(i);
        }
    }
}

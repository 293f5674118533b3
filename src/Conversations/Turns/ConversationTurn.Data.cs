namespace Conversations;

public sealed partial class ConversationTurn
{
    // By their hashes, so that each is read once a turn. Null for what cannot be read.
    private Dictionary<string, DataPart?>? _data;

    /// <summary>Loads the pictures, audio and files of messages of the prompt whose bytes are kept beside them (<see cref="DataPart.IsLoaded"/>). Each is read once a turn.</summary>
    /// <remarks>What can no longer be read, because it was deleted or damaged meanwhile, becomes a text that says so: it does not prevent later turns.</remarks>
    /// <param name="messages">The messages: <see cref="Prompt"/>, or those of it that the model gets.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    /// <returns>The messages with their data, in the same order.</returns>
    public async Task<IReadOnlyList<ConversationMessage>> LoadDataAsync(IReadOnlyList<ConversationMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (_session is null || !messages.Any(static message => message is StoredMessage && HasDataBeside(message)))
            return messages;

        var loaded = new ConversationMessage[messages.Count];
        for (var i = 0; i < loaded.Length; i++)
            loaded[i] = messages[i] is StoredMessage stored && HasDataBeside(stored) ? await LoadAsync(_session, stored, cancellationToken).ConfigureAwait(false) : messages[i];
        return loaded;
    }

    private async Task<StoredMessage> LoadAsync(TurnSession session, StoredMessage message, CancellationToken cancellationToken)
    {
        var parts = message.Parts.ToArray();
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i] is not DataPart { IsLoaded: false } part)
                continue;

            if (!(_data ??= new(StringComparer.Ordinal)).TryGetValue(part.Hash, out var known))
                _data.Add(part.Hash, known = await session.LoadDataAsync(message, part, cancellationToken).ConfigureAwait(false));
            parts[i] = known is null ? new TextPart($"[{part.MediaType}: cannot be read]") : part.WithLoaded(known);
        }

        return message with { Parts = parts, Tokens = message.Tokens };
    }

    private static bool HasDataBeside(ConversationMessage message) => message.OnlyPart is { } only ? only is DataPart { IsLoaded: false } : message.Parts.Any(static part => part is DataPart { IsLoaded: false });
}

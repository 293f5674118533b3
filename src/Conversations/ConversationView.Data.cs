using Conversations.Storage;

namespace Conversations;

public abstract partial class ConversationView
{
    /// <summary>Returns one picture, audio or file of a message with its bytes, as a web page asks for it.</summary>
    /// <param name="messageId">The id of the message.</param>
    /// <param name="hash">The <see cref="DataPart.Hash"/> of the part.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The part; <see langword="null"/> if the message id is unknown or the message has no such part.</returns>
    /// <exception cref="ConversationStoreException">The bytes are damaged and cannot be read (<c>STORE_CORRUPT</c>), or the store failed.</exception>
    public virtual async Task<DataPart?> GetDataAsync(string messageId, string hash, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(messageId, nameof(messageId));
        WellFormed.Key(hash, nameof(hash));
        if (!ConversationIds.TryParseMessage(messageId, out var conversationId, out var position)
            || await Store.ReadSpanAsync(conversationId, new MessageSpan(position, 1), Access, cancellationToken).ConfigureAwait(false) is not [var message]
            || message.Parts.OfType<DataPart>().FirstOrDefault(part => string.Equals(part.Hash, hash, StringComparison.Ordinal)) is not { } found)
        {
            return null;
        }

        try
        {
            return await LoadPartAsync(message, found, cancellationToken).ConfigureAwait(false);
        }
        catch (ConversationNotFoundException)
        {
            // The message was deleted in between.
            return null;
        }
    }

    /// <summary>Loads the pictures, audio and files of a message whose bytes are kept beside it (<see cref="DataPart.IsLoaded"/>).</summary>
    /// <param name="message">The message, as it was read.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    /// <returns>The message with its data; the same message if it has them.</returns>
    /// <exception cref="ConversationNotFoundException">The message id is unknown.</exception>
    /// <exception cref="ConversationStoreException">Bytes are damaged and cannot be read (<c>STORE_CORRUPT</c>), or the store failed.</exception>
    public virtual async Task<StoredMessage> LoadDataAsync(StoredMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!message.Parts.Any(static part => part is DataPart { IsLoaded: false }))
            return message;

        var parts = message.Parts.ToArray();
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i] is DataPart part)
                parts[i] = await LoadPartAsync(message, part, cancellationToken).ConfigureAwait(false);
        }

        return message with { Parts = parts, Tokens = message.Tokens };
    }

    private async Task<DataPart> LoadPartAsync(StoredMessage message, DataPart part, CancellationToken cancellationToken)
    {
        if (await Store.LoadDataAsync(message, part, Access, cancellationToken).ConfigureAwait(false) is { } loaded)
            return loaded;

        throw await Store.ReadSpanAsync(message.ConversationId, new MessageSpan(message.Position, 1), Access, cancellationToken).ConfigureAwait(false) is [_]
            ? new ConversationStoreException(ConversationErrorCodes.StoreCorrupt, $"Data of the message {message.Id} are damaged and cannot be read.")
            : new ConversationNotFoundException(message.Id);
    }
}

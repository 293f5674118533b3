namespace Conversations.Storage;

/// <summary>An optional feature of a store: it keeps large data of messages (pictures, audio, files) beside the messages, once for each content, and reads them only when they are asked for [15].</summary>
/// <remarks>See <see cref="IConversationStore.GetFeature{T}"/>. The library decides which data are kept so, and writes them with <see cref="ConversationWrite.Data"/>; a store without the feature
/// gets no such data, and the messages contain their bytes. Members are thread-safe and throw what members of <see cref="IConversationStore"/> throw.</remarks>
public interface IConversationDataStore
{
    /// <summary>Reads data of a message [15.2].</summary>
    /// <param name="lookup">The data to read.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The bytes, which the caller may keep; <see langword="null"/> if the message has no such data, or does not exist or is out of reach. The library compares them with the hash.</returns>
    ValueTask<byte[]?> ReadDataAsync(DataLookup lookup, CancellationToken cancellationToken = default);
}

namespace Conversations.Storage;

/// <summary>Decides which data of messages are kept beside them: those of more than 32 KiB, if the store can. It is the only place that decides it.</summary>
internal static class BesideData
{
    /// <summary>The most bytes that a message contains itself. They cost less there than a row of their own does.</summary>
    public const int LargestWithin = 32 * 1024;

    /// <summary>Returns the batch with large data beside its messages; the same batch if it has none, or the store cannot keep them so.</summary>
    public static ConversationBatch Of(ConversationBatch batch, IConversationStore store)
    {
        for (var i = 0; i < batch.Conversations.Count; i++)
        {
            if (HasAny(batch.Conversations[i].Messages))
                return store.GetFeature<IConversationDataStore>() is null ? batch : batch with { Conversations = [.. batch.Conversations.Select(Of)] };
        }

        return batch;
    }

    /// <summary>Returns the hashes of the data that are kept beside a message, each once.</summary>
    public static IReadOnlyList<string> HashesOf(StoredMessage message) => message switch
    {
        { OnlyPart: DataPart { IsLoaded: false } only } => [only.Hash],
        { OnlyPart: not null } => [],
        _ => [.. message.Parts.OfType<DataPart>().Where(static data => !data.IsLoaded).Select(static data => data.Hash).Distinct(StringComparer.Ordinal)],
    };

    private static bool HasAny(IReadOnlyList<StoredMessage> messages)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            if (messages[i].OnlyPart is { } only ? IsBeside(only) : messages[i].Parts.Any(IsBeside))
                return true;
        }

        return false;
    }

    private static ConversationWrite Of(ConversationWrite write)
    {
        if (!HasAny(write.Messages))
            return write;

        var data = new List<MessageData>();
        foreach (var message in write.Messages)
        {
            var beside = message.Parts.OfType<DataPart>().Where(IsBeside).DistinctBy(static part => part.Hash, StringComparer.Ordinal);
            data.AddRange(beside.Select(part => part.IsLoaded ? new MessageData(message.Position, part.Hash, part.Data) : new MessageData(message.Position, part.Hash)));
        }

        return write with { Messages = write.Messages.Select(WithoutData).ToArray(), Data = data.ToArray() };
    }

    private static StoredMessage WithoutData(StoredMessage message) => message.Parts.Any(IsBeside)
        ? message with { Parts = [.. message.Parts.Select(static part => part is DataPart data && IsBeside(data) ? data.WithoutData() : part)], Tokens = message.Tokens }
        : message;

    private static bool IsBeside(ContentPart part) => part is DataPart { Size: > LargestWithin } or DataPart { IsLoaded: false };
}

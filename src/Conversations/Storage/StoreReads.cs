namespace Conversations.Storage;

/// <summary>Reads that the library needs often, in terms of the contract.</summary>
internal static class StoreReads
{
    /// <summary>Returns an optional feature.</summary>
    /// <exception cref="NotSupportedException">The store does not have it.</exception>
    public static T GetRequiredFeature<T>(this IConversationStore store)
        where T : class => store.GetFeature<T>() ?? throw new NotSupportedException($"The store, a {store.GetType().Name}, does not implement {typeof(T).Name}.");

    /// <summary>Finds a conversation by its id; null if it does not exist or is out of reach.</summary>
    public static async ValueTask<StoredConversation?> FindAsync(this IConversationStore store, string conversationId, ConversationAccess access, CancellationToken cancellationToken) =>
        (await store.LoadAsync(new ConversationLookup { Access = access, ConversationId = conversationId }, cancellationToken).ConfigureAwait(false)).Conversation;

    /// <summary>Finds the conversation that a scope points to; null if it points to none.</summary>
    public static async ValueTask<StoredConversation?> FindCurrentAsync(this IConversationStore store, ConversationScope scope, ConversationAccess access, CancellationToken cancellationToken) =>
        (await store.LoadAsync(new ConversationLookup { Access = access, Scope = scope }, cancellationToken).ConfigureAwait(false)).Conversation;

    /// <summary>Finds a run by its number; null if it does not exist or is out of reach.</summary>
    public static async ValueTask<StoredRun?> FindRunAsync(this IConversationStore store, string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken)
    {
        var range = new RunRange { ConversationId = conversationId, Access = access, After = number - 1, Before = number + 1, Limit = 1 };
        return await store.ReadRunsAsync(range, cancellationToken).ConfigureAwait(false) is [var run] ? run : null;
    }

    /// <summary>Reads the messages at consecutive positions; empty unless each position has one.</summary>
    public static async ValueTask<IReadOnlyList<StoredMessage>> ReadSpanAsync(
        this IConversationStore store, string conversationId, MessageSpan span, ConversationAccess access, CancellationToken cancellationToken)
    {
        if (span.Count < 1)
            return [];

        var range = new MessageRange { ConversationId = conversationId, Access = access, After = span.Position - 1, Before = span.End + 1, Limit = span.Count };
        var read = await store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false);
        return read.Count == span.Count ? read : [];
    }

    /// <summary>Reads messages in the order of their positions, in chunks, as they are enumerated.</summary>
    public static async IAsyncEnumerable<StoredMessage> ReadAllAsync(
        this IConversationStore store, MessageRange range, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false) is { Count: > 0 } read)
        {
            foreach (var message in read)
                yield return message;
            if (read.Count < range.Limit)
                yield break;

            range = range.NewestFirst ? range with { Before = read[^1].Position } : range with { After = read[^1].Position };
        }
    }

    /// <summary>Loads data of a stored message; null if the store does not have them, or no longer as they were written.</summary>
    public static async ValueTask<DataPart?> LoadDataAsync(this IConversationStore store, StoredMessage message, DataPart part, ConversationAccess access, CancellationToken cancellationToken)
    {
        if (part.IsLoaded)
            return part;

        var lookup = new DataLookup { ConversationId = message.ConversationId, Access = access, Position = message.Position, Hash = part.Hash };
        return store.GetFeature<IConversationDataStore>() is { } data && await data.ReadDataAsync(lookup, cancellationToken).ConfigureAwait(false) is { } bytes ? part.WithData(bytes) : null;
    }
}

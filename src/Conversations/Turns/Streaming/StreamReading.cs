namespace Conversations;

/// <summary>Specifies how the updates of a source become pieces of messages.</summary>
/// <param name="FragmentOf">Returns the piece of an update; null for none.</param>
internal sealed record StreamReading<T>(Func<T, ConversationMessage?> FragmentOf)
{
    /// <summary>Returns whether a piece begins another message although its role is that of the previous piece.</summary>
    public Func<T, bool>? StartsMessage { get; init; }

    /// <summary>Returns the metadata that a call is stored with when the source has ended; null for those with which it arrived.</summary>
    public Func<ToolCallPart, string?>? MetadataOfCall { get; init; }

    /// <summary>Returns what remains when the source has ended; null for nothing.</summary>
    public Func<ConversationMessage?>? Rest { get; init; }
}

namespace Conversations;

/// <summary>How pieces of messages are made of what a source gives.</summary>
/// <param name="FragmentOf">The piece; null for none.</param>
internal sealed record StreamReading<T>(Func<T, ConversationMessage?> FragmentOf)
{
    /// <summary>Whether a piece begins another message, though its role is that of the piece before.</summary>
    public Func<T, bool>? StartsMessage { get; init; }

    /// <summary>What is left when the source has ended; null for nothing.</summary>
    public Func<ConversationMessage?>? Rest { get; init; }
}

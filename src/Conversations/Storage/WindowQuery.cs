namespace Conversations.Storage;

/// <summary>Which messages <see cref="IConversationStore.ReadWindowAsync"/> reads: those of a kind other than <see cref="MessageKind.Error"/>, from the newest backwards.</summary>
public sealed record WindowQuery
{
    /// <summary>The conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>What the caller reaches [16].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>Only messages before this position.</summary>
    public required long Before { get; init; }

    /// <summary>Only messages after this position; 0 for all.</summary>
    public long After { get; init; }

    /// <summary>How many messages at the most; at least 1. What is passed over does not count.</summary>
    public required int Limit { get; init; }

    /// <summary>How many tokens at the most, by the messages' own counts of that counter; a message without one costs nothing here. <see langword="null"/> for any number [7.4].</summary>
    public TokenAmount? TokenLimit { get; init; }
}

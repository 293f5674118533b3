namespace Conversations.Storage;

/// <summary>What <see cref="IConversationStore.BeginTurnAsync"/> is asked: the target, the input and the terms.</summary>
/// <remarks>The target is either <see cref="Scope"/> (its current conversation, or a new one) or <see cref="ConversationId"/>, never both.</remarks>
public sealed record BeginTurnCommand
{
    /// <summary>What the caller reaches. A <see cref="ConversationId"/> outside it is <see cref="TurnNotFound"/> [16].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>The agent. A <see cref="ConversationId"/> of another agent is <see cref="TurnNotFound"/>.</summary>
    public required string Agent { get; init; }

    /// <summary>The scope whose current conversation is continued; <see langword="null"/> if the target is <see cref="ConversationId"/>.</summary>
    public ConversationScope? Scope { get; init; }

    /// <summary>The conversation that is continued; <see langword="null"/> if the target is <see cref="Scope"/>.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Whether to begin a new conversation of <see cref="Scope"/> even if it has an active one. It becomes the current one.</summary>
    public bool StartNew { get; init; }

    /// <summary>The id of the conversation, should one be created. Never used before.</summary>
    public required string NewConversationId { get; init; }

    /// <summary>The title that the conversation gets if it has none; <see langword="null"/> for none.</summary>
    public string? Title { get; init; }

    /// <summary>The messages, which stand in the conversation <see cref="ConversationId"/> already, that are answered again; <see cref="Input"/> is empty then.
    /// <see langword="null"/> for a turn with input of its own [19.1].</summary>
    public MessageSpan? InputAgain { get; init; }

    /// <summary>The messages to append as input; at least one, unless <see cref="InputAgain"/> is set. Their <see cref="ConversationMessage.CreatedAt"/> is set, with any offset; the store sets conversation, position and run.</summary>
    public required IReadOnlyList<ConversationMessage> Input { get; init; }

    /// <summary>Who asks; the empty string for a caller without identity, which the run shows as <see langword="null"/>. Keys compare it as it is.</summary>
    public required string Caller { get; init; }

    /// <summary>The idempotency key; <see langword="null"/> for none. Unique per scope and <see cref="Caller"/> [6].</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>A digest of target and input, without metadata; set if <see cref="IdempotencyKey"/> is. Equal digests are equal requests.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>How long the lease runs unless renewed.</summary>
    public required TimeSpan LeaseDuration { get; init; }

    /// <summary>The <see cref="Conversation.LastPosition"/> on which the request was based: if the conversation has moved on, the outcome is
    /// <see cref="TurnConversationMoved"/>. <see langword="null"/> if any will do. A conversation that would be created stands at 0.</summary>
    public long? ExpectedLastPosition { get; init; }

    /// <summary>What is safe to log: agent and target.</summary>
    /// <returns>The agent and target.</returns>
    public override string ToString() => $"{Agent} {ConversationId ?? Scope?.SessionId}";
}

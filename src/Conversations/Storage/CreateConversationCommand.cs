namespace Conversations.Storage;

/// <summary>What <see cref="IConversationStore.CreateConversationAsync"/> is asked.</summary>
public sealed record CreateConversationCommand
{
    /// <summary>The id. Never used before.</summary>
    public required string ConversationId { get; init; }

    /// <summary>The scope.</summary>
    public required ConversationScope Scope { get; init; }

    /// <summary>What becomes of the scope's current conversation.</summary>
    public CurrentConversationRule Current { get; init; }

    /// <summary>The title; <see langword="null"/> for none.</summary>
    public string? Title { get; init; }

    /// <summary>Messages of the past, at positions from 1 on; may be empty. Their <see cref="ConversationMessage.CreatedAt"/> is set. They belong to no run.</summary>
    public IReadOnlyList<ConversationMessage> Messages { get; init; } = [];

    /// <summary>The id of the message up to which the messages are copies; <see langword="null"/> if they are none. Kept as it is.</summary>
    public string? ForkedFrom { get; init; }

    /// <summary>When the conversation began; <see langword="null"/> for now.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>What is safe to log: id and scope.</summary>
    /// <returns>The id and scope.</returns>
    public override string ToString() => $"{ConversationId} {Scope}";
}

/// <summary>What becomes of a scope's current conversation when another is created.</summary>
public enum CurrentConversationRule
{
    /// <summary>The new one becomes the current one; the old one stays active.</summary>
    Replace,

    /// <summary>The new one becomes the current one; the old one is ended.</summary>
    End,

    /// <summary>The new one becomes the current one only if the scope has no active one.</summary>
    Keep,
}

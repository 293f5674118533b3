namespace Conversations;

/// <summary>What is known of a conversation, its messages aside, at the moment it was read.</summary>
/// <remarks>Immutable, so safe from any thread. Having it, or its id, permits nothing.</remarks>
public sealed record Conversation
{
    /// <summary>Its id, never reused.</summary>
    public required string Id { get; init; }

    /// <summary>The readable form of the scope it stands in: <c>{channel}:{user_id}:{agent}</c>.
    /// <see cref="ConversationScope.Parse"/> reads it.</summary>
    public required string SessionId { get; init; }

    /// <summary>The project of its scope.</summary>
    public required string Project { get; init; }

    /// <summary>The agent of its scope.</summary>
    public required string Agent { get; init; }

    /// <summary>The channel of its scope; <see langword="null"/> if it is shared by all channels.</summary>
    public string? Channel { get; init; }

    /// <summary>The user whose it is; <see langword="null"/> if it is shared or its owner has no <c>user_id</c>.</summary>
    public string? UserId { get; init; }

    /// <summary>The thread key of its scope; <see langword="null"/> if it has none.</summary>
    public string? Thread { get; init; }

    /// <summary>Its title; <see langword="null"/> until it is named or has a first user message.</summary>
    public string? Title { get; init; }

    /// <summary>Whether it goes on.</summary>
    public ConversationStatus Status { get; init; }

    /// <summary>Whether it takes turns.</summary>
    public bool IsActive => Status == ConversationStatus.Active;

    /// <summary>How many messages it holds; deleted ones are not counted.</summary>
    public long MessageCount { get; init; }

    /// <summary>The position given last; 0 if none was given. Deletion leaves it as it is.</summary>
    public long LastPosition { get; init; }

    /// <summary>When it began (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last created, reopened or written to (UTC). It never goes back.</summary>
    public required DateTimeOffset LastActivityAt { get; init; }

    /// <summary>The time of the message with the highest position that was given (UTC); <see langword="null"/> if there was none.</summary>
    public DateTimeOffset? LastMessageAt { get; init; }

    /// <summary>When it was ended or archived (UTC); <see langword="null"/> while it is active.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The id of the message up to which it was copied from another conversation; <see langword="null"/> if it was not forked.</summary>
    public string? ForkedFrom { get; init; }

    /// <summary>What is safe to log: id, session and status. The title comes from what a user said, so it is left out.</summary>
    /// <returns>The id, the session id and the status.</returns>
    public override string ToString() => $"{Id} {SessionId} {Status}";
}

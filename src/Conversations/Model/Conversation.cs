using System.Text;
using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>A conversation without its messages, as of the time it was read.</summary>
/// <remarks>This type is immutable and thread-safe. A conversation or its id is not a permission.</remarks>
public sealed record Conversation
{
    private readonly OptionalTime _lastMessageAt;
    private readonly OptionalTime _endedAt;

    /// <summary>Gets the id. Ids are never reused.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the session id, which is the scope as text: <c>{channel}:{user_id}:{agent}</c>.
    /// <see cref="ConversationScope.Parse"/> parses it.</summary>
    public required string SessionId { get; init; }

    /// <summary>Gets the project of the scope.</summary>
    public required string Project { get; init; }

    /// <summary>Gets the agent of the scope.</summary>
    public required string Agent { get; init; }

    /// <summary>Gets the channel of the scope; <see langword="null"/> if all channels share the conversation.</summary>
    public string? Channel { get; init; }

    /// <summary>Gets the <c>user_id</c> of the owner; <see langword="null"/> if the conversation is shared or its owner has no <c>user_id</c>.</summary>
    public string? UserId { get; init; }

    /// <summary>Gets the thread key of the scope; <see langword="null"/> if it has none.</summary>
    public string? Thread { get; init; }

    /// <summary>Gets the title; <see langword="null"/> until it is set or the first user message is stored.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the metadata that the host gave to the conversation, a JSON object; <see langword="null"/> for none. Prompts, logs and traces do not contain it.</summary>
    [JsonConverter(typeof(MetadataJsonConverter))]
    public string? Metadata { get; init; }

    /// <summary>Gets the status.</summary>
    public ConversationStatus Status { get; init; }

    /// <summary>Gets whether the conversation accepts turns.</summary>
    public bool IsActive => Status == ConversationStatus.Active;

    /// <summary>Gets the status of the newest turn: <see cref="RunStatus.Running"/> from the beginning of a turn, then how it ended, also if another run has superseded it;
    /// <see langword="null"/> before the first turn. The runs of summaries do not change it. <see cref="RunStatus.RequiresAction"/>: the conversation waits for results or approvals.</summary>
    public RunStatus? LastRunStatus { get; init; }

    /// <summary>Gets the number of messages, without deleted ones.</summary>
    public long MessageCount { get; init; }

    /// <summary>Gets the last assigned position; 0 if none was assigned. Deletions do not change it.</summary>
    public long LastPosition { get; init; }

    /// <summary>Gets when the conversation was created (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Gets when the conversation was last created, reopened or written to (UTC). The time never decreases.</summary>
    public required DateTimeOffset LastActivityAt { get; init; }

    /// <summary>Gets the time of the message with the highest position (UTC); <see langword="null"/> if there was no message.</summary>
    public DateTimeOffset? LastMessageAt
    {
        get => _lastMessageAt;
        init => _lastMessageAt = value;
    }

    /// <summary>Gets when the conversation was ended or archived (UTC); <see langword="null"/> while it is active.</summary>
    public DateTimeOffset? EndedAt
    {
        get => _endedAt;
        init => _endedAt = value;
    }

    /// <summary>Gets the id of the message from which the conversation was forked; <see langword="null"/> if it is not a fork.</summary>
    public string? ForkedFrom { get; init; }

    // The text contains no content, so that it is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, $"{Id} {SessionId} {Status}");
}

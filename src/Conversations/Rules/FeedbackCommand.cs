using Conversations.Storage;

namespace Conversations;

/// <summary>A request to give feedback on a message.</summary>
internal sealed record FeedbackCommand
{
    public required string ConversationId { get; init; }

    public required ConversationAccess Access { get; init; }

    /// <summary>The position of the message.</summary>
    public required long Position { get; init; }

    /// <summary>The caller; null for a caller without identity.</summary>
    public required string? Caller { get; init; }

    public required int Rating { get; init; }

    public string? Comment { get; init; }

    public override string ToString() => $"{ConversationId} {Position}";
}

using System.Text;

namespace Conversations;

/// <summary>What a caller thinks of a message: a rating and, if wanted, a comment. A caller has one for each message.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record MessageFeedback
{
    private readonly DateTimeOffset _givenAt;

    /// <summary>Gets the id of the conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Gets the position of the message.</summary>
    public required long Position { get; init; }

    /// <summary>Gets the id of the message.</summary>
    public string MessageId => ConversationIds.Message(ConversationId, Position);

    /// <summary>Gets who gave it: the <see cref="ConversationIdentity.Key"/> of the caller; <see langword="null"/> for a caller without identity, which is the host.</summary>
    public string? Caller { get; init; }

    /// <summary>Gets the rating, whose scale the host chooses: for example 1 and -1, or 1 to 5.</summary>
    public required int Rating { get; init; }

    /// <summary>Gets the comment; <see langword="null"/> for none.</summary>
    public string? Comment { get; init; }

    /// <summary>Gets when it was given, or last replaced (UTC).</summary>
    public required DateTimeOffset GivenAt
    {
        get => _givenAt;
        init => _givenAt = value.ToUniversalTime();
    }

    // The text contains neither what the caller thinks nor who it is, so that it is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, MessageId);
}

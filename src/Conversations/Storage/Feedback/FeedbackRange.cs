using System.Text;

namespace Conversations.Storage;

/// <summary>Specifies which feedback <see cref="IConversationFeedbackStore.ReadFeedbackAsync"/> reads. Properties that are <see langword="null"/> do not filter; text is compared ordinally.</summary>
public sealed record FeedbackRange
{
    /// <summary>Gets what the caller can reach [8].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>Gets the id of the conversation.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Gets the position of the message.</summary>
    public long? Position { get; init; }

    /// <summary>Gets who gave the feedback; empty for a caller without identity.</summary>
    public string? Caller { get; init; }

    /// <summary>Gets the agent of the conversations.</summary>
    public string? Agent { get; init; }

    /// <summary>Gets the time from which feedback is read, inclusive.</summary>
    public DateTimeOffset? GivenFrom { get; init; }

    /// <summary>Gets the time before which feedback is read, exclusive.</summary>
    public DateTimeOffset? GivenBefore { get; init; }

    /// <summary>Gets the feedback after which the page begins, as it was read, whether or not it still exists; <see langword="null"/> for the first page.</summary>
    public FeedbackPlace? After { get; init; }

    /// <summary>Gets the maximum number; at least 1.</summary>
    public required int Limit { get; init; }

    // Without the caller, so that the text is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, $"{ConversationId ?? "(all)"} {Limit}");
}

/// <summary>A place in the order of feedback: by time, conversation, position and caller, all descending.</summary>
public sealed record FeedbackPlace
{
    /// <summary>Creates a place.</summary>
    /// <param name="givenAt">When the feedback was given.</param>
    /// <param name="conversationId">The id of the conversation.</param>
    /// <param name="position">The position of the message.</param>
    /// <param name="caller">Who gave it; empty for a caller without identity.</param>
    public FeedbackPlace(DateTimeOffset givenAt, string conversationId, long position, string caller)
    {
        GivenAt = givenAt;
        ConversationId = conversationId;
        Position = position;
        Caller = caller;
    }

    /// <summary>Gets when the feedback was given.</summary>
    public DateTimeOffset GivenAt { get; init; }

    /// <summary>Gets the id of the conversation.</summary>
    public string ConversationId { get; init; }

    /// <summary>Gets the position of the message.</summary>
    public long Position { get; init; }

    /// <summary>Gets who gave it; empty for a caller without identity.</summary>
    public string Caller { get; init; }

    /// <summary>Returns the place of feedback.</summary>
    /// <param name="feedback">The feedback.</param>
    /// <returns>Its place.</returns>
    public static FeedbackPlace Of(MessageFeedback feedback)
    {
        ArgumentNullException.ThrowIfNull(feedback);
        return new FeedbackPlace(feedback.GivenAt, feedback.ConversationId, feedback.Position, feedback.Caller ?? "");
    }

    // Without the caller, so that the text is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, ConversationIds.Message(ConversationId, Position));
}

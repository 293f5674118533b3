using System.Text;

namespace Conversations.Storage;

/// <summary>A change of the feedback of one caller on a message [16.1].</summary>
public sealed record FeedbackChange
{
    /// <summary>Creates a change that gives feedback, or replaces that of the same caller on the message.</summary>
    /// <param name="feedback">The feedback.</param>
    public FeedbackChange(MessageFeedback feedback)
    {
        ArgumentNullException.ThrowIfNull(feedback);
        (Position, Caller, Feedback) = (feedback.Position, feedback.Caller ?? "", feedback);
    }

    /// <summary>Creates a change that removes feedback.</summary>
    /// <param name="position">The position of the message.</param>
    /// <param name="caller">Who gave it; empty for a caller without identity.</param>
    public FeedbackChange(long position, string caller) => (Position, Caller) = (position, caller);

    /// <summary>Gets the position of the message.</summary>
    public long Position { get; }

    /// <summary>Gets whose feedback changes; empty for a caller without identity.</summary>
    public string Caller { get; }

    /// <summary>Gets the feedback; <see langword="null"/> to remove it.</summary>
    public MessageFeedback? Feedback { get; }

    // Without content and caller, so that the text is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, $"{Position}");
}

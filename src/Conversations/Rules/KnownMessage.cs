namespace Conversations;

/// <summary>The last message that a caller knows.</summary>
/// <param name="ConversationId">Its conversation.</param>
/// <param name="Position">Its position.</param>
internal sealed record KnownMessage(string ConversationId, long Position);

/// <summary>What follows the last message that a caller knows.</summary>
/// <param name="IsKnownSuperseded">Whether that message is superseded.</param>
/// <param name="Question">The first current message after it that can be replaced, if nothing precedes it that the caller should know; null if there is none.</param>
/// <param name="IsUnfinished">Whether its own run superseded that message, because it did not complete: an answer that was to replace another, or input that was to replace a message.</param>
/// <param name="IsAnswered">Whether a current message after it, or its run, is one that the caller should know.</param>
internal sealed record LaterMessages(bool IsKnownSuperseded, bool IsUnfinished, StoredMessage? Question, bool IsAnswered);

namespace Conversations;

/// <summary>The last message that a caller knows.</summary>
/// <param name="ConversationId">Its conversation.</param>
/// <param name="Position">Its position.</param>
internal sealed record KnownMessage(string ConversationId, long Position);

/// <summary>What follows the last message that a caller knows.</summary>
/// <param name="IsKnownSuperseded">Whether that message is superseded.</param>
/// <param name="First">The first current message after it; null if there is none.</param>
/// <param name="HasAnswer">Whether a current message after it is one that the caller should know.</param>
internal sealed record LaterMessages(bool IsKnownSuperseded, StoredMessage? First, bool HasAnswer);

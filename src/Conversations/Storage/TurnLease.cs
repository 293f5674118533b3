namespace Conversations.Storage;

/// <summary>The lock of a conversation while a turn is open.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="Fence">The number of the run that took it. It only grows, so a later lease has a higher one, also after a deletion [4].</param>
/// <param name="Duration">How long it runs unless renewed.</param>
public sealed record TurnLease(string ConversationId, long Fence, TimeSpan Duration);

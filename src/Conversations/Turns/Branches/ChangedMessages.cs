namespace Conversations;

/// <summary>The messages that a caller reads who has some already.</summary>
/// <param name="After">The position after which they begin.</param>
/// <param name="Last">The position of the last one.</param>
internal sealed record ChangedMessages(long After, long Last);

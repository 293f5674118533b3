namespace Conversations.Tests;

/// <summary>Makes stored messages of messages.</summary>
internal static class StoredMessageExtensions
{
    /// <summary>The message as it is stored at a position.</summary>
    public static StoredMessage StoredAt(this ConversationMessage message, string conversationId, long position, long? run = null) =>
        new(message) { ConversationId = conversationId, Position = position, RunNumber = run };

    /// <summary>The content of a stored message, without what it was given when it was stored.</summary>
    public static ConversationMessage AsGiven(this ConversationMessage message) => message.Content() with { IsPartial = false, CreatedAt = null, Tokens = null };
}

namespace Conversations.Tests;

/// <summary>Makes stored messages of messages.</summary>
internal static class StoredMessageExtensions
{
    /// <summary>The message as it is stored at a position.</summary>
    public static StoredMessage StoredAt(this ConversationMessage message, string conversationId, long position, long? run = null) =>
        new(message) { ConversationId = conversationId, Position = position, RunNumber = run };
}

using System.Text;

namespace Conversations.Storage;

/// <summary>Specifies what <see cref="IConversationDataStore.ReadDataAsync"/> reads.</summary>
public sealed record DataLookup
{
    /// <summary>Gets the id of the conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Gets what the caller can reach [8].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>Gets the position of a message that has the data.</summary>
    public required long Position { get; init; }

    /// <summary>Gets the hash of the data, as in <see cref="DataPart.Hash"/>.</summary>
    public required string Hash { get; init; }

    // Without content, so that the text is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, ConversationIds.Message(ConversationId, Position));
}

namespace Conversations;

/// <summary>A place where stored data are damaged. See <see cref="ConversationMaintenance.FindDamageAsync"/>.</summary>
public sealed record DamagedData
{
    /// <summary>Creates a place.</summary>
    /// <param name="conversationId">The id of the conversation.</param>
    /// <param name="position">The position of the damaged message; <see langword="null"/> if it is not a single message.</param>
    public DamagedData(string conversationId, long? position)
    {
        ConversationId = conversationId;
        Position = position;
    }

    /// <summary>Gets the id of the conversation.</summary>
    public string ConversationId { get; init; }

    /// <summary>Gets the position of the damaged message. It is <see langword="null"/> if the conversation, its runs or a whole page of its messages cannot be read, or if it has fewer messages than it counts.</summary>
    public long? Position { get; init; }
}

namespace Conversations;

/// <summary>Whether a conversation goes on.</summary>
public enum ConversationStatus
{
    /// <summary>It takes turns.</summary>
    Active,

    /// <summary>It was ended: it can be read and reopened, but takes no turns.</summary>
    Ended,

    /// <summary>It was put away: it can be read and reopened, but takes no turns.</summary>
    Archived,
}

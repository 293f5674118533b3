namespace Conversations;

/// <summary>Why a turn began a conversation instead of continuing one.</summary>
public enum ConversationStartReason
{
    /// <summary>The scope had none to continue: it never had one, or the one it had was deleted.</summary>
    First,

    /// <summary>The scope's current conversation had ended.</summary>
    Ended,

    /// <summary>The request asked for a new one.</summary>
    Requested,
}

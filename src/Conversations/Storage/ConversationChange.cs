namespace Conversations.Storage;

/// <summary>A change of a conversation; what is <see langword="null"/> stays as it is.</summary>
public sealed record ConversationChange
{
    /// <summary>The new title.</summary>
    public string? Title { get; init; }

    /// <summary>The new status. Set to active, the conversation's last activity is now, and it becomes the current one of its scope if that has no active one [5].</summary>
    public ConversationStatus? Status { get; init; }

    /// <summary>What is safe to log: status.</summary>
    /// <returns>The status.</returns>
    public override string ToString() => Status?.ToString() ?? "";
}

namespace Conversations.Soak.Schedules;

/// <summary>A scope as the model holds it: an agent's conversations of one user, or of all.</summary>
internal sealed class ModelScope(string agent, string? user)
{
    public string Agent { get; } = agent;

    /// <summary>The user to whom it belongs; null if it is shared.</summary>
    public string? User { get; } = user;

    public ModelConversation? Current { get; set; }

    public ModelConversation? Active => Current is { IsActive: true } ? Current : null;

    /// <summary>The run that has a caller's key, and the request with that key.</summary>
    public Dictionary<(string Caller, string Key), (ModelConversation Conversation, ModelRun Run, string Fingerprint)> Keys { get; } = [];

    public bool IsReachedBy(string user) => User is null || User == user;
}

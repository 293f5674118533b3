namespace Conversations.Soak.Schedules;

/// <summary>A request as the model sees it.</summary>
internal sealed record ModelRequest(ModelScope Scope, string Caller, IReadOnlyList<string> Texts)
{
    /// <summary>The conversation that the request names; null for the current one.</summary>
    public ModelConversation? Named { get; init; }

    public bool StartNew { get; init; }

    public string? Key { get; init; }

    /// <summary>The input that is answered again.</summary>
    public (long Position, int Count)? Again { get; init; }

    /// <summary>The position of the message that the input replaces.</summary>
    public long? Replaced { get; init; }

    /// <summary>Whether it has no answer and only changes which messages are current.</summary>
    public bool IsChange { get; init; }

    public string Fingerprint => $"{Named?.Id ?? (StartNew ? "new" : "current")} {Again} {string.Join('\n', Texts)}";
}

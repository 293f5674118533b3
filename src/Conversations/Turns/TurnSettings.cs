namespace Conversations;

/// <summary>What an agent's options say about its turns.</summary>
internal sealed record TurnSettings(
    string Agent,
    string? SystemPrompt,
    int HistoryLimit,
    TimeSpan LeaseDuration,
    BusyPolicy WhenBusy);

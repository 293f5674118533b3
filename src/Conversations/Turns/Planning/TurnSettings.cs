namespace Conversations;

/// <summary>The settings of an agent's options that apply to its turns.</summary>
internal sealed record TurnSettings(
    string Agent,
    ConversationMessage? SystemPrompt,
    WindowLimits Limits,
    IConversationSummarizer? Summarizer,
    int SummaryThreshold,
    TimeSpan SummaryTimeout,
    TimeSpan LeaseDuration,
    TimeSpan MaxTurnDuration,
    bool KeepPartialOutput,
    TimeSpan StreamRetention,
    BusyPolicy OnBusy,
    PriceTable Prices,
    bool RecordContent = false);

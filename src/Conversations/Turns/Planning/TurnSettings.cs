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
    FailedInputs FailedInputs,
    TimeSpan StreamRetention,
    BusyPolicy OnBusy,
    PriceTable Prices,
    MessageSize Sizes,
    IReadOnlyCollection<string> PartitionBy,
    bool RecordContent = false)
{
    /// <summary>What states the times of messages in prompts; null if they state none.</summary>
    public MessageTimes? Times { get; init; }

    /// <summary>The names of models in measurements.</summary>
    public BoundedNames Models { get; } = new();
}

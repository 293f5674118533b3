namespace Conversations;

/// <summary>What messages cost in a prompt: the tokens of their texts, and an allowance for what a provider writes around them.</summary>
/// <remarks>No provider says exactly what it adds. The allowances are those that OpenAI publishes for chat prompts (3 a message and 1 for its role, 3 for the
/// reply that is to begin); for tool calls, which it does not publish, what its models were seen to take at most for the JSON around a call and a result.</remarks>
internal static class PromptCost
{
    /// <summary>What every prompt costs beside its messages.</summary>
    public const int OfPrompt = 3;

    private const int OfMessage = 4;
    private const int OfCall = 8;
    private const int OfResult = 4;

    /// <summary>Counts a message.</summary>
    public static TokenAmount Count(ITokenCounter counter, ConversationMessage message) => new(OfMessage + message.Parts.Sum(part => Count(counter, part)), counter.Name);

    /// <summary>The message with its cost: as it is if it was counted by this counter before.</summary>
    public static ConversationMessage Counted(ITokenCounter counter, ConversationMessage message) =>
        IsCounted(counter, message) ? message : message with { Tokens = Count(counter, message) };

    /// <summary>Whether the message carries a count of this counter.</summary>
    public static bool IsCounted(ITokenCounter counter, ConversationMessage message) =>
        string.Equals(message.Tokens?.Counter, counter.Name, StringComparison.Ordinal);

    private static int Count(ITokenCounter counter, ContentPart part) => part switch
    {
        TextPart text => counter.Count(text.Text),
        ToolCallPart call => OfCall + counter.Count(call.CallId) + counter.Count(call.Name) + counter.Count(call.Arguments),
        ToolResultPart result => OfResult + counter.Count(result.CallId) + counter.Count(result.Content),
        RawPart raw => counter.Count(raw.Json),
        _ => 0,
    };
}

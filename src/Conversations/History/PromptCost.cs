using System.Buffers;

namespace Conversations;

/// <summary>What messages cost in a prompt: the tokens of their texts, and an allowance for what a provider writes around them.</summary>
/// <remarks>No provider says exactly what it adds. The allowances are those that OpenAI publishes for chat prompts (3 a message and 1 for its role, 3 for the
/// reply that is to begin, 1 for a name); for tool calls, which it does not publish, what its models were seen to take at most for the JSON around a call and a result.</remarks>
internal static class PromptCost
{
    /// <summary>What every prompt costs beside its messages.</summary>
    public const int OfPrompt = 3;

    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\n\v\f\r\u0085\u2028\u2029");

    private const int OfMessage = 4;
    private const int OfName = 1;
    private const int OfNameInText = 2;
    private const int OfCall = 8;
    private const int OfResult = 4;

    /// <summary>Counts a message. More than an amount can hold is as much as it can.</summary>
    /// <param name="counter">The counter.</param>
    /// <param name="message">The message.</param>
    /// <param name="limit">Where counting may stop: a count above it is not exact.</param>
    /// <exception cref="InvalidOperationException">The counter gave a count below 0.</exception>
    public static TokenAmount Count(ITokenCounter counter, ConversationMessage message, int limit = int.MaxValue)
    {
        long tokens = OfMessage + (message.AuthorName is { } author ? CountAuthor(counter, message.Role, author) + CountLines(message) : 0) + ((counter as TimedTokenCounter)?.TimeTokens(message) ?? 0);
        if (message.OnlyPart is { } only)
        {
            tokens += Count(counter, only, limit);
        }
        else
        {
            for (var i = 0; i < message.Parts.Count && tokens <= limit; i++)
                tokens += Count(counter, message.Parts[i], limit);
        }

        return new TokenAmount((int)Math.Min(tokens, int.MaxValue), counter.Name);
    }

    /// <summary>Counts the name of the author of a message. Chat clients send that of a user twice: some providers read it beside the text, and to the others it is shown at the beginning of the text.</summary>
    /// <exception cref="InvalidOperationException">The counter gave a count below 0.</exception>
    public static long CountAuthor(ITokenCounter counter, MessageRole role, string author) =>
        role == MessageRole.User ? OfName + OfNameInText + (2 * Count(counter, author)) : OfName + Count(counter, author);

    /// <summary>Counts what the lines of a user's message cost if it has an author: a token for each, because the text behind a name is indented.</summary>
    public static long CountLines(ConversationMessage message) =>
        message.Role == MessageRole.User ? Math.Max(0, message.Parts.OfType<TextPart>().Sum(static text => 1L + text.Text.AsSpan().CountAny(LineEnds)) - 1) : 0;

    /// <summary>The message with its cost: as it is if it was counted by this counter before.</summary>
    public static T Counted<T>(ITokenCounter counter, T message)
        where T : ConversationMessage =>
        IsCounted(counter, message) ? message : (T)((ConversationMessage)message with { Tokens = Count(counter, message) });

    /// <summary>Whether the message was counted by this counter.</summary>
    public static bool IsCounted(ITokenCounter counter, ConversationMessage message) =>
        string.Equals(message.Tokens?.Counter, counter.Name, StringComparison.Ordinal);

    private static long Count(ITokenCounter counter, ContentPart part, int limit) => part switch
    {
        TextPart text => Count(counter, text.Text, limit),
        // No model is shown other reasoning.
        ReasoningPart reasoning => reasoning.ProtectedData is null ? 0 : Count(counter, reasoning.Text, limit),
        ToolCallPart call => OfCall + Count(counter, call.CallId) + Count(counter, call.Name) + Count(counter, call.Arguments, limit),
        ToolResultPart result => OfResult + Count(counter, result.CallId) + Count(counter, result.Content, limit),
        ApprovalRequestPart request => OfCall + Count(counter, request.Json, limit),
        ApprovalResponsePart response => OfResult + Count(counter, response.Json, limit),
        DataPart data => MediaCost.Of(counter, data, limit),
        RawPart raw => MediaCost.Of(counter, raw) ?? Count(counter, raw.IsModelBound ? ReadableJson.Of(raw.Json) : raw.Json, limit),
        _ => 0,
    };

    private static long Count(ITokenCounter counter, string text, int limit = int.MaxValue) => text.Length == 0 ? 0
        : (limit == int.MaxValue ? counter.Count(text) : counter.Count(text, limit)) is var count and >= 0 ? count
        : throw new InvalidOperationException($"Token counter '{counter.Name}' gave a count below 0.");
}

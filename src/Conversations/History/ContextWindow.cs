using System.Globalization;
using System.Text;

namespace Conversations;

/// <summary>Describes the content of a prompt, its excluded ranges, and the reasons.</summary>
/// <remarks>This type is immutable and thread-safe. It contains no content except the summary.</remarks>
public sealed record ContextWindow
{
    /// <summary>Gets the number of stored messages of the history that the prompt shows. The turn's own messages are not counted.</summary>
    public required int MessageCount { get; init; }

    /// <summary>Gets the number of tokens of the prompt: system prompt, summary, history, input and output so far, and what the request has reserved (<see cref="TurnRequest.ReservedTokens"/>).</summary>
    public required TokenAmount Tokens { get; init; }

    /// <summary>Gets the maximum number of messages in the prompt, including the input.</summary>
    public required int MessageLimit { get; init; }

    /// <summary>Gets the maximum number of tokens of the prompt; <see langword="null"/> for no limit.</summary>
    public int? TokenLimit { get; init; }

    /// <summary>Gets the position of the first message of the history that the prompt shows; <see langword="null"/> if none is.</summary>
    public long? FirstPosition { get; init; }

    /// <summary>Gets the summary that the window begins with; <see langword="null"/> if there is none.</summary>
    public ConversationSummary? Summary { get; init; }

    /// <summary>Gets the excluded ranges by position; empty if the prompt shows the whole history.</summary>
    public IReadOnlyList<ExcludedRange> Excluded { get; init => field = ReadOnly.Of(value); } = [];

    /// <summary>Returns a description of the window, without message content.</summary>
    /// <returns>A few sentences.</returns>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"The prompt shows {MessageCount} message{(MessageCount == 1 ? "" : "s")} of the history and costs {Tokens.Count} tokens ({Tokens.Counter})");
        text.Append(TokenLimit is { } limit ? string.Create(CultureInfo.InvariantCulture, $" of {limit}.") : ".");
        if (Summary is not null)
            text.Append(CultureInfo.InvariantCulture, $" It begins with a summary of everything up to position {Summary.Through}.");
        foreach (var omission in Excluded)
            text.Append(CultureInfo.InvariantCulture, $" {omission.Describe()}.");
        return text.ToString();
    }
}

using System.Globalization;
using System.Text;

namespace Conversations;

/// <summary>What a prompt holds, what it leaves out, and why.</summary>
/// <remarks>Immutable, so safe from any thread. It holds no content but the summary's.</remarks>
public sealed record ContextWindow
{
    /// <summary>How many stored messages of the history are shown. The turn's own are not counted.</summary>
    public required int MessageCount { get; init; }

    /// <summary>What the prompt costs as a whole: system prompt, summary, history, input and what was added.</summary>
    public required TokenAmount Tokens { get; init; }

    /// <summary>How many messages may go to the model, the turn's input included.</summary>
    public required int MessageLimit { get; init; }

    /// <summary>How many tokens the prompt may cost; <see langword="null"/> for any number.</summary>
    public int? TokenLimit { get; init; }

    /// <summary>The position of the first message of the history that is shown; <see langword="null"/> if none is.</summary>
    public long? FirstPosition { get; init; }

    /// <summary>The summary that the window begins with; <see langword="null"/> if it begins without.</summary>
    public ConversationSummary? Summary { get; init; }

    /// <summary>What was left out, by position; empty if everything is there.</summary>
    public IReadOnlyList<ExcludedRange> Excluded { get; init; } = [];

    /// <summary>The window in words, without content.</summary>
    /// <returns>A few sentences.</returns>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"The prompt shows {MessageCount} message{(MessageCount == 1 ? "" : "s")} of the history and costs {Tokens.Count} tokens ({Tokens.Counter})");
        text.Append(TokenLimit is { } limit ? string.Create(CultureInfo.InvariantCulture, $" of {limit}.") : ".");
        if (Summary is not null)
            text.Append(CultureInfo.InvariantCulture, $" It begins with a summary of everything up to position {Summary.Through}.");
        foreach (var omission in Excluded)
            text.Append(CultureInfo.InvariantCulture, $" {omission}.");
        return text.ToString();
    }
}

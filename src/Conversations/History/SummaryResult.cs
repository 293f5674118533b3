using System.Text;

namespace Conversations;

/// <summary>The answer of a summarizer: the text of the summary, and what it cost to make. A text converts to a result that reports nothing else.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record SummaryResult
{
    /// <summary>Initializes a result.</summary>
    /// <param name="text">The text of the summary.</param>
    public SummaryResult(string text) => Text = text;

    /// <summary>Gets the text of the summary. A blank one is rejected.</summary>
    public string Text { get; init => field = WellFormed.Content(value, nameof(Text)); }

    /// <summary>Gets the name of the model; <see langword="null"/> if it is not known. A blank name is stored as <see langword="null"/>.</summary>
    /// <exception cref="ArgumentException">The name has more than 1,024 characters.</exception>
    public string? Model { get; init => field = RunFigures.Name(value, nameof(Model)); }

    /// <summary>Gets the tokens that the summary used, those of all requests together; <see langword="null"/> if they are not known.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number of tokens is negative or more than a quadrillion.</exception>
    public TokenUsage? Usage { get; init => field = RunFigures.Usage(value, nameof(value)); }

    /// <summary>Gets the cost, in the currency of the host. If it is <see langword="null"/>, it is calculated from <see cref="Usage"/> and the price of <see cref="Model"/> (<c>options.AddPrice</c>), if both are known.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cost is negative, or more than a quadrillion.</exception>
    public decimal? Cost { get; init => field = RunFigures.Cost(value, nameof(value)); }

    /// <summary>Converts a text to a result.</summary>
    /// <param name="text">The text of the summary; <see langword="null"/> for a blank one.</param>
    public static implicit operator SummaryResult(string? text) => new(text ?? "");

    // The text contains no content, so that it is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, Model);
}

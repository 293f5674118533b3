using System.Globalization;
using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>A range of positions that a window does not show.</summary>
public sealed record ExcludedRange
{
    /// <summary>Creates a range.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="from">The first position.</param>
    /// <param name="to">The last position.</param>
    public ExcludedRange(ExclusionReason reason, long from, long to)
    {
        Reason = reason;
        From = from;
        To = to;
    }

    /// <summary>Gets the reason.</summary>
    public ExclusionReason Reason { get; init; }

    /// <summary>Gets the first position.</summary>
    public long From { get; init; }

    /// <summary>Gets the last position.</summary>
    public long To { get; init; }

    /// <summary>Returns a description of the range and the reason: a sentence without its full stop.</summary>
    internal string Describe() => From == To
        ? string.Create(CultureInfo.InvariantCulture, $"Position {From} is left out: {Why}")
        : string.Create(CultureInfo.InvariantCulture, $"Positions {From} to {To} are left out: {Why}");

    private string Why => Reason switch
    {
        ExclusionReason.MessageLimit => "the limit of messages",
        ExclusionReason.TokenLimit => "the limit of tokens",
        ExclusionReason.ExchangeCut => "the window begins with a whole exchange, where it can with a user's message",
        ExclusionReason.Trimmed => "the window was cut back, so that the beginning of the next prompts is the same",
        ExclusionReason.TooLarge => "larger than the limit of tokens",
        ExclusionReason.NothingToShow => "blank text, or reasoning that leads to nothing or that its model cannot verify",
        ExclusionReason.FailedInput => "input that failed, which was followed by an answer or by other input",
        ExclusionReason.Summarized => "replaced by the summary",
        ExclusionReason.SummaryTooLarge => "their summary is too large for the limit of tokens",
        ExclusionReason.NotForModel => "errors, and messages that were superseded, deleted or damaged",
        ExclusionReason.NoCall => "tool results without their call",
        _ => "partial output of an earlier run of this request",
    };
}

/// <summary>Specifies why a window does not show a range.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ExclusionReason>))]
public enum ExclusionReason
{
    /// <summary>The limit of messages was reached.</summary>
    MessageLimit,

    /// <summary>The limit of tokens was reached.</summary>
    TokenLimit,

    /// <summary>The range might fit, but the window was cut back when it exceeded a limit, and begins there until it exceeds one again: see <see cref="AgentOptions.HistoryTrim"/>.</summary>
    Trimmed,

    /// <summary>The message exceeds the limit of tokens by itself, or together with the other messages of its exchange. If it is the result of a call that fits, the call is shown with a result that states it.</summary>
    TooLarge,

    /// <summary>Nothing of the message is for a model: blank text, reasoning that was cut off or leads to nothing, or reasoning without the protected data that providers require back.</summary>
    NothingToShow,

    /// <summary>The input, and the output, of a run that failed or was refused: see <see cref="AgentOptions.FailedInputs"/>.</summary>
    FailedInput,

    /// <summary>The range would fit, but the window begins with a whole exchange, and with a user message if possible.</summary>
    ExchangeCut,

    /// <summary>The summary replaces it.</summary>
    Summarized,

    /// <summary>The summary of the range leaves no room for the turn's own messages.</summary>
    SummaryTooLarge,

    /// <summary>Errors, superseded or damaged messages, and positions of deleted messages.</summary>
    NotForModel,

    /// <summary>Tool results without a preceding call.</summary>
    NoCall,

    /// <summary>Partial output of an earlier run of the same request, which this run retries.</summary>
    Partial,
}

using System.Globalization;

namespace Conversations;

/// <summary>A part of a history that a window leaves out.</summary>
/// <param name="Reason">Why.</param>
/// <param name="From">The first position.</param>
/// <param name="To">The last position.</param>
public sealed record ExcludedRange(ExclusionReason Reason, long From, long To)
{
    /// <summary>What is left out, and why.</summary>
    /// <returns>A sentence without its full stop.</returns>
    public override string ToString() => From == To
        ? string.Create(CultureInfo.InvariantCulture, $"Position {From} is left out: {Why}")
        : string.Create(CultureInfo.InvariantCulture, $"Positions {From} to {To} are left out: {Why}");

    private string Why => Reason switch
    {
        ExclusionReason.MessageLimit => "the limit of messages",
        ExclusionReason.TokenLimit => "the limit of tokens",
        ExclusionReason.ExchangeCut => "the window begins with a whole exchange, where it can with a user's message",
        ExclusionReason.Summarized => "the summary stands for them",
        ExclusionReason.SummaryTooLarge => "their summary is too large for the limit of tokens",
        ExclusionReason.NotForModel => "errors, and messages that were superseded, deleted or damaged",
        ExclusionReason.NoCall => "tool results without their call",
        _ => "partial output of an earlier run of this request",
    };
}

/// <summary>Why a window leaves something out.</summary>
public enum ExclusionReason
{
    /// <summary>The limit of messages was reached.</summary>
    MessageLimit,

    /// <summary>The limit of tokens was reached.</summary>
    TokenLimit,

    /// <summary>It would have fitted, but the window begins with a whole exchange, and with a user's message where it can.</summary>
    ExchangeCut,

    /// <summary>The summary stands for it.</summary>
    Summarized,

    /// <summary>There is a summary for it, but that leaves no room for what the turn itself brings.</summary>
    SummaryTooLarge,

    /// <summary>Errors, which no model sees, messages that are damaged, and positions whose message was deleted.</summary>
    NotForModel,

    /// <summary>Tool results whose call does not stand before them.</summary>
    NoCall,

    /// <summary>What an earlier run of the same request left half done, and this run does again.</summary>
    Partial,
}

namespace Conversations;

/// <summary>The names of turn outcomes in telemetry.</summary>
internal static class TurnOutcomes
{
    public const string Completed = "completed";
    public const string Waiting = "waiting";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";
    public const string LeaseLost = "lease_lost";
    public const string Replayed = "replayed";
    public const string Refused = "refused";
    public const string Dropped = "dropped";

    /// <summary>Returns the outcome of a turn that failed.</summary>
    public static string Of(RunStatus status, Exception? error) => error is LeaseLostException ? LeaseLost : status == RunStatus.Cancelled ? Cancelled : Failed;

    /// <summary>Returns the error type: a code of the library, or the name of a type. It never contains the message, which can quote content. Null if the turn was only cancelled.</summary>
    public static string? ErrorType(Exception? error) => error switch
    {
        null => null,
        ConversationException ours => ours.Code,
        _ => error.GetType().FullName,
    };

    /// <summary>Returns the name of a start reason in measurements.</summary>
    public static string NameOf(ExclusionReason reason) => reason switch
    {
        ExclusionReason.MessageLimit => "message_limit",
        ExclusionReason.TokenLimit => "token_limit",
        ExclusionReason.ExchangeCut => "exchange_cut",
        ExclusionReason.Summarized => "summarized",
        ExclusionReason.SummaryTooLarge => "summary_too_large",
        ExclusionReason.NotForModel => "not_for_model",
        ExclusionReason.NoCall => "no_call",
        ExclusionReason.Trimmed => "trimmed",
        ExclusionReason.TooLarge => "too_large",
        ExclusionReason.NothingToShow => "nothing_to_show",
        ExclusionReason.FailedInput => "failed_input",
        _ => "partial",
    };
}

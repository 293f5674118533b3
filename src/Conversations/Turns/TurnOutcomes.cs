namespace Conversations;

/// <summary>How the ends of turns are called in what is recorded of them.</summary>
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

    /// <summary>The end of a turn that ended badly.</summary>
    public static string Of(RunStatus status, Exception? error) => error is LeaseLostException ? LeaseLost : status == RunStatus.Cancelled ? Cancelled : Failed;

    /// <summary>What went wrong, without a message, which may quote what was said: a code of ours, or a type. Nothing if it was only cancelled.</summary>
    public static string? ErrorType(Exception? error) => error switch
    {
        null => null,
        ConversationException ours => ours.Code,
        _ => error.GetType().FullName,
    };

    /// <summary>A reason, as it is called in measurements.</summary>
    public static string NameOf(ExclusionReason reason) => reason switch
    {
        ExclusionReason.MessageLimit => "message_limit",
        ExclusionReason.TokenLimit => "token_limit",
        ExclusionReason.ExchangeCut => "exchange_cut",
        ExclusionReason.Summarized => "summarized",
        ExclusionReason.SummaryTooLarge => "summary_too_large",
        ExclusionReason.NotForModel => "not_for_model",
        ExclusionReason.NoCall => "no_call",
        _ => "partial",
    };
}

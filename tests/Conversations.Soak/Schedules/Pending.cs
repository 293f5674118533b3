namespace Conversations.Soak.Schedules;

/// <summary>What the contract promises and this code does not do yet: schedules keep away from it. Set to <see langword="true"/> what has come, or take it out.</summary>
internal static class Pending
{
    /// <summary>A request that failed is sent again after its input was answered anew, or superseded (rules 6.5 and 6.6).</summary>
    public static bool RetriesOnSupersededInput => false;

    /// <summary>A superseded run says what it was before (rule 19.5).</summary>
    public static bool Outcomes => false;

    /// <summary>An answer that came after others had spoken is answered again, or restored: it supersedes from its own answer on.</summary>
    public static bool LateAnswersAgain => false;
}

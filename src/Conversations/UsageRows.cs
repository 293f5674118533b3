using Conversations.Storage;

namespace Conversations;

/// <summary>Creates a report from the sums of a store. A store groups by caller, which is a whole identity; a report groups by user.</summary>
internal static class UsageRows
{
    public static UsageReport Report(IReadOnlyList<UsageSum> sums) => new(
        [.. sums
            .GroupBy(sum => (sum.Day, sum.Agent, User: UserOf(sum.Caller), sum.ConversationId, sum.Kind))
            .OrderBy(group => group.Key.Day)
            .ThenBy(group => group.Key.Agent, StringComparer.Ordinal)
            .ThenBy(group => group.Key.User, StringComparer.Ordinal)
            .ThenBy(group => group.Key.ConversationId, StringComparer.Ordinal)
            .ThenBy(group => group.Key.Kind)
            .Select(group => new UsageRow
            {
                Day = group.Key.Day,
                Agent = group.Key.Agent,
                UserId = group.Key.User,
                ConversationId = group.Key.ConversationId,
                Kind = group.Key.Kind,
                Totals = Total(group),
            })],
        Total(sums));

    private static UsageTotals Total(IEnumerable<UsageSum> sums) => sums.Aggregate(UsageTotals.None, (totals, sum) => totals.Plus(sum.Totals));

    private static string? UserOf(string? caller) => caller is null ? null : SessionIdFormat.ReadIdentity(caller)?.UserId;
}

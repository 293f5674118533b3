using Conversations.Storage;

namespace Conversations;

/// <summary>Creates a report from the sums of a store. A store groups by caller, which is a whole identity; a report groups by tenant and user.</summary>
internal static class UsageRows
{
    public static UsageReport Report(IReadOnlyList<UsageSum> sums) => new(
        [.. sums
            .GroupBy(sum => (sum.Day, sum.Agent, User: UserOf(sum.Caller), sum.ConversationId, sum.Kind, sum.Model))
            .OrderBy(group => group.Key.Day)
            .ThenBy(group => group.Key.Agent, StringComparer.Ordinal)
            .ThenBy(group => group.Key.User.Tenant, StringComparer.Ordinal)
            .ThenBy(group => group.Key.User.Id, StringComparer.Ordinal)
            .ThenBy(group => group.Key.ConversationId, StringComparer.Ordinal)
            .ThenBy(group => group.Key.Kind)
            .ThenBy(group => group.Key.Model, StringComparer.Ordinal)
            .Select(group => new UsageRow
            {
                Day = group.Key.Day,
                Agent = group.Key.Agent,
                TenantId = group.Key.User.Tenant,
                UserId = group.Key.User.Id,
                ConversationId = group.Key.ConversationId,
                Kind = group.Key.Kind,
                Model = group.Key.Model,
                Totals = Total(group),
            })],
        Total(sums));

    private static UsageTotals Total(IEnumerable<UsageSum> sums) => sums.Aggregate(UsageTotals.None, (totals, sum) => totals.Plus(sum.Totals));

    // Two tenants can give the same id to different users.
    private static (string? Tenant, string? Id) UserOf(string? caller) =>
        caller is not null && SessionIdFormat.ReadIdentity(caller) is { } identity ? (identity.Fields.GetValueOrDefault(IdentityFields.TenantId), identity.UserId) : default;
}

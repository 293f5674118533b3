using System.Text;

namespace Conversations.StoreSpecification.Tests.Running;

/// <summary>Writes <c>docs/broken-stores.md</c>: which tests catch which broken store.</summary>
internal static class BrokenStorePage
{
    private const string Head =
        """
        # Broken stores

        The specification kit is itself tested: each store below breaks one rule of the [storage contract](storage-contract.md) in one way, and the tests beside it, which cite that rule, find it out. Other tests may do so, too; they are not asked. Race tests are asked only of stores that fail them however the threads interleave, and a test that would hang counts for nothing.

        `Conversations.StoreSpecification.Tests` writes this page and compares it: run it once with `UPDATE_BROKEN_STORES=1` after a change on purpose.

        | rule | store | what it does wrong | found out by |
        |---|---|---|---|
        """;

    public static async Task<string> WriteAsync()
    {
        var page = new StringBuilder(Head.ReplaceLineEndings("\n")).Append('\n');
        foreach (var subject in BrokenStoreReport.Subjects)
        {
            var breach = BrokenStoreReport.BreachOf(subject);
            var catchers = (await BrokenStoreReport.OfAsync(subject)).Failures
                .Where(failure => !failure.IsHang)
                .Select(failure => $"`{failure.Test.Name}`")
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal);
            page.Append("| ").AppendJoin(", ", breach.Rules)
                .Append(" | ").Append(subject.Name)
                .Append(" | ").Append(breach.How)
                .Append(" | ").AppendJoin("<br>", catchers).Append(" |\n");
        }

        return page.ToString();
    }
}

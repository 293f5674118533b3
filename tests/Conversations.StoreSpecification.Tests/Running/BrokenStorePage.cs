using System.Text;

namespace Conversations.StoreSpecification.Tests.Running;

/// <summary>Writes <c>docs/broken-stores.md</c>: which tests catch which broken store.</summary>
internal static class BrokenStorePage
{
    private const string Head =
        """
        # Broken stores

        The specification kit is itself tested: each store below breaks rules of the [storage contract](storage-contract.md) in one way, and the tests beside it find it out: at least one for each rule, which cites it. Other tests may do so, too; only those that cite a rule of the store are asked. Only what a test asserts counts: one that falls over, or that would hang, finds nothing. Race tests are asked only of stores that fail them however the threads interleave. And no test is there for nothing: each is failed by a store below, but for one that looks at the kit itself.

        Each rule has a test, but for two. Some clauses of others have none, and so no broken store. They are for the store's own tests, or for measuring:

        - 3.1, that half a write is undone if it fails, or its process dies, in the middle. As for 3.3, the store's own tests alone can make it.
        - 3.2, that a write survives the death of the machine. The kit cannot pull the plug; that it survives the death of the process is proved on a copy of the data.
        - 3.3, all of it: what a store says of a write whose outcome cannot be known. To bring that about, a disk or a connection must fail in the middle of a write, and how to make it fail is known to the store's own tests alone.
        - 7.3, all of it: that a window costs the same whatever the length of the conversation. The cost can be measured but not seen through the contract, and a test by the clock would find something else on every machine: the benchmarks measure it.
        - 15.1, that no file is held open and no connection is left behind. What a store holds is seen from outside the contract alone.
        - 17.2, that data are brought up to date all of them or none. As for 3.3, something must fail in the middle. That it is done once however many stores open them at the same moment is tried with many in one process: two processes are for the store's own tests.

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
                .Where(failure => failure.IsAssertion)
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

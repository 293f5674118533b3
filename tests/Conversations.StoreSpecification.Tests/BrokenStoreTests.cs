using Conversations.StoreSpecification.Tests.BrokenStores;
using Conversations.StoreSpecification.Tests.Running;
using Conversations.Tests.Architecture;

namespace Conversations.StoreSpecification.Tests;

/// <summary>The kit finds out every store that is broken on purpose.</summary>
public sealed class BrokenStoreTests
{
    private const string Accept = "UPDATE_BROKEN_STORES";

    /// <summary>The tests that no store can fail, and why.</summary>
    private static readonly Dictionary<string, string> OfNoStore = new(StringComparer.Ordinal)
    {
        ["CancellationSpecification.Every_member_is_tried"] = "it looks at the kit, so that no member that is added goes untried",
    };

    public static TheoryData<string> Names => [.. BrokenStoreReport.Subjects.Select(subject => subject.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_broken_store_is_found_out_in_every_rule_by_a_test_that_cites_it(string name)
    {
        var subject = BrokenStoreReport.Subjects.Single(type => type.Name == name);

        var breach = BrokenStoreReport.BreachOf(subject);

        var result = await BrokenStoreReport.OfAsync(subject);

        var failed = result.Failures.Where(failure => failure.IsAssertion).Select(failure => failure.Test).ToList();
        failed.SelectMany(test => test.Rules).Should().Contain(breach.Rules, "of the {0} tests that cite one of its rules, one for each must find that it {1}", result.Run, breach.How);
        breach.Races.Should().BeSubsetOf(failed.Select(test => test.Method), "it fails these however the threads interleave");
    }

    [Fact]
    public async Task Every_test_of_the_kit_finds_out_a_broken_store()
    {
        var useful = new HashSet<string>(StringComparer.Ordinal);
        foreach (var subject in BrokenStoreReport.Subjects)
            useful.UnionWith((await BrokenStoreReport.OfAsync(subject)).Failures.Where(failure => failure.IsAssertion).Select(failure => failure.Test.Name));

        var useless = StoreSpecificationCoverage.Specifications.SelectMany(SpecificationTest.NamesOf).Except(useful, StringComparer.Ordinal);

        useless.Should().BeEquivalentTo(OfNoStore.Keys, "a test that no store fails proves nothing: break a store on purpose, or say why none can be");
    }

    [Fact]
    public void Every_rule_that_the_kit_cites_is_broken_by_a_store() =>
        StoreSpecificationCoverage.CitedRules
            .Except(BrokenStoreReport.Subjects.Select(subject => BrokenStoreReport.BreachOf(subject).Rules[0]), StringComparer.Ordinal)
            .Should().BeEmpty();

    [Fact]
    public void Every_rule_that_a_store_is_said_to_break_is_cited_by_the_kit() =>
        BrokenStoreReport.Subjects.SelectMany(subject => BrokenStoreReport.BreachOf(subject).Rules)
            .Should().BeSubsetOf(StoreSpecificationCoverage.CitedRules);

    [Fact]
    public void Every_store_in_the_folder_says_what_it_breaks() =>
        typeof(BrokenStoreTests).Assembly.GetExportedTypes()
            .Where(type => type.IsSubclassOf(typeof(RewritingStore)) && type is { IsAbstract: false, IsNested: false })
            .Should().OnlyContain(type => type.IsDefined(typeof(BreaksAttribute), false));

    [Fact]
    public async Task The_page_of_broken_stores_is_the_one_that_was_reviewed()
    {
        var path = Path.Combine(Repository.Root, "docs", "broken-stores.md");
        var actual = await BrokenStorePage.WriteAsync();
        if (string.Equals(Environment.GetEnvironmentVariable(Accept), "1", StringComparison.Ordinal))
            await File.WriteAllTextAsync(path, actual, TestContext.Current.CancellationToken);

        var reviewed = File.Exists(path) ? (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n") : "";

        actual.Split('\n').Except(reviewed.Split('\n'), StringComparer.Ordinal).Should().BeEmpty(
            "what the kit finds changes only on purpose. If it does, run these tests once with {0}=1 and commit the page", Accept);
        actual.Should().HaveLength(reviewed.Length, "the page holds nothing else");
    }
}

using System.Text.RegularExpressions;
using Conversations.StoreSpecification;
using Conversations.Tests.Architecture;

namespace Conversations.Tests.Storage;

public sealed partial class StoreSpecificationCoverageTests
{
    /// <summary>The rules that no test within one process can show, and what shows them.</summary>
    private static readonly Dictionary<string, string> ShownElsewhere = new(StringComparer.Ordinal)
    {
        ["3.3"] = "an unknown outcome needs a store whose disk fails: the store's own tests",
        ["7.3"] = "cost is measured, not tested: the benchmarks",
    };

    [Fact]
    public void Every_rule_of_the_contract_is_cited_by_a_test_or_shown_elsewhere()
    {
        var rules = RulesOfTheContract();

        rules.Should().HaveCountGreaterThan(40);
        rules.Except(StoreSpecificationCoverage.CitedRules, StringComparer.Ordinal).Should().BeEquivalentTo(ShownElsewhere.Keys);
    }

    [Fact]
    public void Every_rule_cited_by_a_test_is_in_the_contract() =>
        StoreSpecificationCoverage.CitedRules.Should().BeSubsetOf(RulesOfTheContract());

    [Fact]
    public void Every_test_of_the_kit_cites_a_rule() =>
        StoreSpecificationCoverage.Specifications
            .SelectMany(specification => specification.GetMethods())
            .Where(method => method.IsDefined(typeof(FactAttribute), inherit: true) && !method.IsDefined(typeof(RuleAttribute), inherit: true))
            .Should().BeEmpty();

    [Fact]
    public void The_in_memory_store_leaves_out_no_specification() =>
        StoreSpecificationCoverage.MissingFrom(typeof(StoreSpecificationCoverageTests).Assembly).Should().BeEmpty();

    [Fact]
    public void An_assembly_without_specifications_leaves_out_all() =>
        StoreSpecificationCoverage.MissingFrom(typeof(string).Assembly)
            .Should().Equal("No specification is run.");

    [Fact]
    public void A_fixture_that_leaves_something_out_is_named()
    {
        var missing = StoreSpecificationCoverage.Missing([typeof(InMemoryTurns)], [new StoreLacksAttribute(typeof(PersistenceSpecification<>), "it forgets") { Fixture = typeof(InMemoryFixture) }]);

        missing.Should().HaveCount(StoreSpecificationCoverage.Specifications.Count - 2).And.Contain("LeaseSpecification is not run for InMemoryFixture.");
        missing.Should().NotContain(sentence => sentence.StartsWith("TurnSpecification", StringComparison.Ordinal) || sentence.StartsWith("PersistenceSpecification", StringComparison.Ordinal));
    }

    private static List<string> RulesOfTheContract()
    {
        var contract = Path.Combine(Repository.Root, "docs", "storage-contract.md");
        return [.. Rule().Matches(File.ReadAllText(contract)).Select(match => match.Groups["number"].Value)];
    }

    [GeneratedRegex(@"^(?<number>\d+\.\d+) ", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rule();
}

using System.Text.RegularExpressions;
using Conversations.StoreSpecification;
using Conversations.Tests.Architecture;

namespace Conversations.Tests.Storage;

public sealed partial class StoreSpecificationCoverageTests
{
    /// <summary>The rules that cannot be verified through the contract, and what verifies them.</summary>
    private static readonly Dictionary<string, string> VerifiedElsewhere = new(StringComparer.Ordinal)
    {
        ["5.2"] = "costs cannot be observed through the contract: the benchmarks measure them",
        ["9.3"] = "the contract offers no way to damage stored content: the tests of MessageContent and of each store do",
    };

    /// <summary>The parts of rules that cannot be verified through the contract, although a test cites the rule.</summary>
    private static readonly Dictionary<string, string> PartsVerifiedElsewhere = new(StringComparer.Ordinal)
    {
        ["2.4"] = "the death of the process in the middle of a write: the soak kills processes",
        ["2.5"] = "the death of the machine: the soak and each store's own tests inject faults of the disk",
        ["2.6"] = "COMMIT_OUTCOME_UNKNOWN and STORE_UNAVAILABLE need a disk or connection that fails: each store's own tests",
        ["12.1"] = "the clock of a database: each store's own tests",
        ["12.4"] = "a migration that fails in the middle: each store's own tests",
    };

    [Fact]
    public void Every_rule_of_the_contract_is_cited_by_a_test_or_verified_elsewhere()
    {
        var rules = RulesOfTheContract();

        rules.Should().HaveCountGreaterThan(40);
        rules.Except(StoreSpecificationCoverage.CitedRules, StringComparer.Ordinal).Should().BeEquivalentTo(VerifiedElsewhere.Keys);
    }

    [Fact]
    public void Every_rule_that_is_partly_verified_elsewhere_is_cited_by_a_test() =>
        StoreSpecificationCoverage.CitedRules.Should().Contain(PartsVerifiedElsewhere.Keys);

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
    public void MissingFrom_returns_empty_for_the_in_memory_store() =>
        StoreSpecificationCoverage.MissingFrom(typeof(StoreSpecificationCoverageTests).Assembly).Should().BeEmpty();

    [Fact]
    public void MissingFrom_returns_a_sentence_when_assembly_has_no_specifications() =>
        StoreSpecificationCoverage.MissingFrom(typeof(string).Assembly).Should().Equal("No specification is run.");

    [Fact]
    public void Missing_names_each_specification_that_a_fixture_neither_runs_nor_excludes()
    {
        var missing = StoreSpecificationCoverage.Missing([typeof(InMemoryRuns)], [new StoreLacksAttribute(typeof(PersistenceSpecification<>), "no data remain") { Fixture = typeof(InMemoryFixture) }]);

        missing.Should().HaveCount(StoreSpecificationCoverage.Specifications.Count - 2).And.Contain("ScopeSpecification is not run for InMemoryFixture.");
        missing.Should().NotContain(sentence => sentence.StartsWith("RunSpecification", StringComparison.Ordinal) || sentence.StartsWith("PersistenceSpecification", StringComparison.Ordinal));
    }

    [Fact]
    public void Missing_names_exclusions_of_specifications_that_are_not_optional() =>
        StoreSpecificationCoverage.Missing([typeof(InMemoryRuns)], [new StoreLacksAttribute(typeof(ScopeSpecification<>), "reason")])
            .Should().Contain("ScopeSpecification cannot be excluded: it is not optional.");

    private static List<string> RulesOfTheContract()
    {
        var contract = Path.Combine(Repository.Root, "docs", "storage-contract.md");
        return [.. Rule().Matches(File.ReadAllText(contract)).Select(match => match.Groups["number"].Value)];
    }

    [GeneratedRegex(@"^(?<number>\d+\.\d+) ", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rule();
}

using System.Collections.Concurrent;
using System.Reflection;
using Conversations.StoreSpecification.Tests.BrokenStores;
using Conversations.StoreSpecification.Tests.Running;

namespace Conversations.StoreSpecification.Tests;

/// <summary>The kit finds each store that breaks a rule on purpose, by a test that cites the rule.</summary>
public sealed class BrokenStoreTests(BrokenStoreTests.Findings findings) : IClassFixture<BrokenStoreTests.Findings>
{
    private static readonly IReadOnlyList<Type> Subjects =
        [.. typeof(BrokenStoreTests).Assembly.GetExportedTypes().Where(type => type.IsDefined(typeof(BreaksAttribute), inherit: false))];

    public static TheoryData<string> Names => [.. Subjects.Select(subject => subject.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Kit_finds_each_broken_rule_by_a_test_that_cites_it(string name)
    {
        var subject = Subjects.Single(type => type.Name == name);

        var found = findings.Of[subject].SelectMany(test => test.Rules).ToHashSet(StringComparer.Ordinal);

        Assert.Equal("", string.Join(", ", RulesOf(subject).Where(rule => !found.Contains(rule))));
    }

    [Fact]
    public void Each_specification_finds_a_broken_store()
    {
        var useful = findings.Of.Values.SelectMany(tests => tests).Select(test => test.Specification);

        Assert.Equal("", string.Join(", ", StoreSpecificationCoverage.Specifications.Except(useful).Select(specification => specification.Name)));
    }

    [Fact]
    public void Each_rule_that_the_kit_cites_is_broken_by_a_store() =>
        Assert.Empty(StoreSpecificationCoverage.CitedRules.Except(Subjects.SelectMany(RulesOf), StringComparer.Ordinal));

    [Fact]
    public void Each_rule_that_a_store_breaks_is_cited_by_the_kit() =>
        Assert.Empty(Subjects.SelectMany(RulesOf).Except(StoreSpecificationCoverage.CitedRules, StringComparer.Ordinal));

    [Fact]
    public void Each_broken_store_states_its_rules() =>
        Assert.DoesNotContain(
            typeof(BrokenStoreTests).Assembly.GetExportedTypes(),
            type => type.IsSubclassOf(typeof(BrokenStore)) && type is { IsAbstract: false, IsNested: false } && !type.IsDefined(typeof(BreaksAttribute), inherit: false));

    private static IReadOnlyList<string> RulesOf(Type subject) => subject.GetCustomAttribute<BreaksAttribute>()!.Rules;

    /// <summary>The tests that cite a rule of a broken store and whose assertions fail, for each store.</summary>
    public sealed class Findings : IAsyncLifetime
    {
        internal ConcurrentDictionary<Type, IReadOnlyList<SpecificationTest>> Of { get; } = [];

        // Some stores make the kit wait for seconds, so others are tested meanwhile.
        public async ValueTask InitializeAsync() =>
            await Parallel.ForEachAsync(Subjects, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (subject, _) => Of[subject] = await FindAsync(subject));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static async Task<IReadOnlyList<SpecificationTest>> FindAsync(Type subject)
        {
            var rules = RulesOf(subject);
            var fixture = subject.IsSubclassOf(typeof(StoreFixture)) ? subject : typeof(StoreFixtureOf<>).MakeGenericType(subject);
            var result = await SpecificationRunner.RunAsync(fixture, test => !test.IsLarge && test.Rules.Intersect(rules, StringComparer.Ordinal).Any());
            return [.. result.Failures.Where(failure => failure.IsAssertion).Select(failure => failure.Test)];
        }
    }
}

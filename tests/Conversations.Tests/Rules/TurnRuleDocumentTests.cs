using System.Reflection;
using System.Text.RegularExpressions;
using Conversations.Tests.Architecture;

namespace Conversations.Tests.Rules;

/// <summary>The rules in <c>docs/turn-rules.md</c> and the tests that name them.</summary>
public partial class TurnRuleDocumentTests
{
    private static readonly string[] Documented = [.. Rule().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "turn-rules.md"))).Select(match => match.Groups["number"].Value)];

    private static readonly string[] Tested =
    [
        .. typeof(TurnRuleDocumentTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetCustomAttribute<TurnRuleAttribute>()?.Numbers ?? [])
            .Distinct(StringComparer.Ordinal),
    ];

    [Fact]
    public void Every_rule_is_tested() => Documented.Except(Tested, StringComparer.Ordinal).Should().BeEmpty();

    [Fact]
    public void Every_tested_rule_exists() => Tested.Except(Documented, StringComparer.Ordinal).Should().BeEmpty();

    [Fact]
    public void Every_rule_exists_once() => Documented.Should().OnlyHaveUniqueItems();

    [Fact]
    public void Every_rule_that_the_code_cites_exists()
    {
        var cited = new[] { "src/Conversations/Rules", "src/Conversations/Turns/Engine" }
            .SelectMany(Repository.SourceFiles)
            .SelectMany(file => Citation().Matches(File.ReadAllText(file)))
            .SelectMany(match => match.Groups["numbers"].Value.Split(", "));

        cited.Except(Documented, StringComparer.Ordinal).Should().BeEmpty();
    }

    [Fact]
    public void Every_test_of_a_decision_names_a_rule()
    {
        var unnamed = typeof(TurnRuleDocumentTests).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("RulesTests", StringComparison.Ordinal))
            .SelectMany(type => type.GetMethods())
            .Where(method => method.IsDefined(typeof(FactAttribute)) && !method.IsDefined(typeof(TurnRuleAttribute)))
            .Select(method => method.Name);

        unnamed.Should().BeEmpty();
    }

    [GeneratedRegex(@"^(?<number>\d+\.\d+) ", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rule();

    [GeneratedRegex(@"\[(?<numbers>\d+\.\d+(, \d+\.\d+)*)\]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Citation();
}

using System.Reflection;
using Xunit;
using Xunit.v3;

namespace Conversations.StoreSpecification;

/// <summary>Names the rules of <c>docs/storage-contract.md</c> that a test proves; each becomes a trait <c>Rule</c>, and stands in the output of a test that fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RuleAttribute : BeforeAfterTestAttribute, ITraitAttribute
{
    /// <summary>Names the rules.</summary>
    /// <param name="numbers">Their numbers, such as <c>4.3</c>.</param>
    public RuleAttribute(params string[] numbers) => Numbers = numbers;

    /// <summary>The numbers of the rules.</summary>
    public IReadOnlyList<string> Numbers { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() =>
        [.. Numbers.Select(number => new KeyValuePair<string, string>("Rule", number))];

    /// <inheritdoc/>
    public override void Before(MethodInfo methodUnderTest, IXunitTest test) =>
        TestContext.Current.TestOutputHelper?.WriteLine($"Rule {string.Join(", ", Numbers)} of docs/storage-contract.md");
}

using System.Reflection;
using Xunit;
using Xunit.v3;

namespace Conversations.StoreSpecification;

/// <summary>Specifies the rules of <c>docs/storage-contract.md</c> that a test verifies. Each is a trait <c>Rule</c> and appears in the output of the test.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RuleAttribute : BeforeAfterTestAttribute, ITraitAttribute
{
    /// <summary>Initializes the attribute.</summary>
    /// <param name="numbers">The numbers of the rules, such as <c>4.3</c>.</param>
    public RuleAttribute(params string[] numbers) => Numbers = numbers;

    /// <summary>Gets the numbers of the rules.</summary>
    public IReadOnlyList<string> Numbers { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() =>
        [.. Numbers.Select(number => new KeyValuePair<string, string>("Rule", number))];

    /// <inheritdoc/>
    public override void Before(MethodInfo methodUnderTest, IXunitTest test) =>
        TestContext.Current.TestOutputHelper?.WriteLine($"Rule {string.Join(", ", Numbers)} of docs/storage-contract.md");
}

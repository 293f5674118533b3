using Xunit.v3;

namespace Conversations.Tests.Rules;

/// <summary>Names the rules of <c>docs/turn-rules.md</c> that a test proves. Each becomes a trait <c>Rule</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TurnRuleAttribute(params string[] numbers) : Attribute, ITraitAttribute
{
    /// <summary>The numbers of the rules.</summary>
    public IReadOnlyList<string> Numbers { get; } = numbers;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() =>
        [.. Numbers.Select(number => new KeyValuePair<string, string>("Rule", number))];
}

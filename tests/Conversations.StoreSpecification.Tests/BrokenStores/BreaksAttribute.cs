namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>Says what is wrong with a store, or with the fixture of one, that is broken on purpose.</summary>
/// <param name="how">What it does wrong, in one sentence.</param>
/// <param name="rules">The numbers of the rules that it breaks; the first is the one it is there for.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class BreaksAttribute(string how, params string[] rules) : Attribute
{
    public string How { get; } = how;

    public IReadOnlyList<string> Rules { get; } = rules;

    /// <summary>The race tests that it fails however the threads interleave. It runs no others: what they find is chance.</summary>
    public string[] Races { get; init; } = [];
}

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>Says what is wrong with a store, or with the fixture of one, that is broken on purpose.</summary>
/// <param name="how">What it does wrong, in one sentence.</param>
/// <param name="rules">The numbers of the rules that it breaks; the first is the one it is there for.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class BreaksAttribute(string how, params string[] rules) : Attribute
{
    public string How { get; } = how;

    public IReadOnlyList<string> Rules { get; } = rules;

    /// <summary>Whether it fails the race tests however the threads interleave. They are run for such stores alone: what they find in others is chance.</summary>
    public bool InEveryRace { get; init; }
}

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>Specifies the rules that a store, or the store of a fixture, breaks.</summary>
/// <param name="rules">The numbers of the rules. For each of them, a test that cites it must find the fault.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class BreaksAttribute(params string[] rules) : Attribute
{
    public IReadOnlyList<string> Rules { get; } = rules;
}

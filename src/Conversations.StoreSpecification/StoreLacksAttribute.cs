namespace Conversations.StoreSpecification;

/// <summary>Names a specification of a capability that a store does not have, and why: nothing is left out in silence.</summary>
/// <remarks>Only capabilities may be lacking: see <see cref="StoreSpecificationCoverage.Capabilities"/>.</remarks>
/// <param name="specification">The specification, as <c>typeof(PersistenceSpecification&lt;&gt;)</c>.</param>
/// <param name="reason">Why the store does without; not blank.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class StoreLacksAttribute(Type specification, string reason) : Attribute
{
    /// <summary>The specification.</summary>
    public Type Specification { get; } = specification;

    /// <summary>Why the store does without.</summary>
    public string Reason { get; } = reason;

    /// <summary>The fixture of the store, where an assembly tests several; <see langword="null"/> for all of them.</summary>
    public Type? Fixture { get; set; }
}

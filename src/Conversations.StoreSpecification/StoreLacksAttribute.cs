namespace Conversations.StoreSpecification;

/// <summary>Excludes the specification of an optional feature that a store does not have, and states the reason.</summary>
/// <remarks>Only optional features can be excluded: see <see cref="StoreSpecificationCoverage.Optional"/>.</remarks>
/// <param name="specification">The specification, such as <c>typeof(PersistenceSpecification&lt;&gt;)</c>.</param>
/// <param name="reason">The reason; not blank.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class StoreLacksAttribute(Type specification, string reason) : Attribute
{
    /// <summary>Gets the specification.</summary>
    public Type Specification { get; } = specification;

    /// <summary>Gets the reason.</summary>
    public string Reason { get; } = reason;

    /// <summary>Gets or sets the fixture of the store, for an assembly that tests several; <see langword="null"/> applies to all of them.</summary>
    public Type? Fixture { get; set; }
}

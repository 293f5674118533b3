using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;

namespace Conversations;

/// <summary>Reads the public properties of objects by reflection.</summary>
internal static class ObjectProperties
{
    [RequiresUnreferencedCode("Trimming may have removed the properties.")]
    public static (bool IsThere, object? Value) Read(object record, string name)
    {
        var property = Find(record.GetType(), name);
        return property is null ? default : (true, property.GetValue(record, BindingFlags.DoNotWrapExceptions, binder: null, index: null, culture: null));
    }

    /// <summary>The property of exactly that name, or else the one whose name is that in snake case.</summary>
    private static PropertyInfo? Find([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] Type type, string name)
    {
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0)
            .GroupBy(property => property.Name, StringComparer.Ordinal)
            .Select(MostDerived)
            .ToList();
        if (properties.Find(property => string.Equals(property.Name, name, StringComparison.Ordinal)) is { } exact)
            return exact;

        var alike = properties.FindAll(property => string.Equals(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name), name, StringComparison.Ordinal));
        return alike.Count <= 1 ? alike.SingleOrDefault() : throw new AmbiguousMatchException($"'{name}' is the snake case of several properties' names.");
    }

    // A property may hide one of the base class that has another type.
    private static PropertyInfo MostDerived(IEnumerable<PropertyInfo> sameName) =>
        sameName.Aggregate((one, other) => other.DeclaringType!.IsSubclassOf(one.DeclaringType!) ? other : one);
}

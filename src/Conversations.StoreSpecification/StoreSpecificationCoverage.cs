using System.Reflection;

namespace Conversations.StoreSpecification;

/// <summary>What the kit covers, and whether a store's tests leave any of it out.</summary>
public static class StoreSpecificationCoverage
{
    /// <summary>The classes to derive from: all of them, for a store that keeps the contract.</summary>
    public static IReadOnlyList<Type> Specifications { get; } =
        [.. typeof(ConversationStoreSpecification).Assembly.GetExportedTypes()
            .Where(type => type.IsAbstract && type.IsSubclassOf(typeof(ConversationStoreSpecification)))
            .OrderBy(type => type.Name, StringComparer.Ordinal)];

    /// <summary>The numbers of the rules that at least one test names.</summary>
    public static IReadOnlySet<string> CitedRules { get; } =
        Specifications
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetCustomAttribute<RuleAttribute>()?.Numbers ?? [])
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>The specification classes that an assembly of tests leaves out.</summary>
    /// <param name="tests">The assembly with a store's tests.</param>
    /// <returns>The names of those that no public class in it makes concrete; empty if all are run.</returns>
    public static IReadOnlyList<string> MissingFrom(Assembly tests)
    {
        ArgumentNullException.ThrowIfNull(tests);
        var run = tests.GetExportedTypes().Where(type => !type.IsAbstract).ToList();
        return [.. Specifications
            .Where(specification => !run.Exists(type => type.IsSubclassOf(specification)))
            .Select(specification => specification.Name)];
    }
}

using System.Reflection;

namespace Conversations.StoreSpecification;

/// <summary>What the kit covers, and whether a store's tests leave any of it out.</summary>
public static class StoreSpecificationCoverage
{
    /// <summary>The specifications of what a store may have or not.</summary>
    public static IReadOnlyList<Type> Capabilities { get; } = [typeof(PersistenceSpecification<>), typeof(SharedDataSpecification<>)];

    /// <summary>The classes to derive from, as open generic types.</summary>
    public static IReadOnlyList<Type> Specifications { get; } =
        [.. typeof(StoreSpecificationCoverage).Assembly.GetExportedTypes()
            .Where(type => type.IsAbstract && Bases(type).Contains(typeof(ConversationStoreSpecification<>)))
            .OrderBy(type => type.Name, StringComparer.Ordinal)];

    /// <summary>The numbers of the rules that at least one test names.</summary>
    public static IReadOnlySet<string> CitedRules { get; } =
        Specifications
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetCustomAttribute<RuleAttribute>()?.Numbers ?? [])
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>What is wrong with an assembly of a store's tests: specifications that it leaves out without saying why, and excuses that do not hold.</summary>
    /// <param name="tests">The assembly with a store's tests.</param>
    /// <returns>A sentence for each; empty if all is run or excused.</returns>
    public static IReadOnlyList<string> MissingFrom(Assembly tests)
    {
        ArgumentNullException.ThrowIfNull(tests);
        var run = tests.GetExportedTypes().Where(type => !type.IsAbstract).SelectMany(Bases).ToHashSet();
        var lacks = tests.GetCustomAttributes<StoreLacksAttribute>().ToList();
        return
        [
            .. Specifications
                .Where(specification => !run.Contains(specification) && !lacks.Exists(lack => lack.Specification == specification))
                .Select(specification => $"{NameOf(specification)} is not run."),
            .. lacks.Where(lack => string.IsNullOrWhiteSpace(lack.Reason)).Select(lack => $"{NameOf(lack.Specification)} is lacking for no reason."),
            .. lacks.Where(lack => !Capabilities.Contains(lack.Specification)).Select(lack => $"{NameOf(lack.Specification)} is no capability: every store has it."),
            .. lacks.Where(lack => run.Contains(lack.Specification)).Select(lack => $"{NameOf(lack.Specification)} is said to be lacking, and is run."),
        ];
    }

    private static string NameOf(Type specification) => specification.Name.Split('`')[0];

    private static IEnumerable<Type> Bases(Type type)
    {
        for (var at = type.BaseType; at is not null; at = at.BaseType)
        {
            if (at.IsGenericType)
                yield return at.GetGenericTypeDefinition();
        }
    }
}

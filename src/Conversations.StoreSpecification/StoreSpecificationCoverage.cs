using System.Reflection;

namespace Conversations.StoreSpecification;

/// <summary>What the kit covers, and whether a store's tests leave any of it out.</summary>
public static class StoreSpecificationCoverage
{
    /// <summary>The specifications of what a store may have or not.</summary>
    public static IReadOnlyList<Type> Capabilities { get; } =
    [
        typeof(PersistenceSpecification<>),
        typeof(SharedDataSpecification<>),
        typeof(VersionSpecification<>),
        typeof(MigrationSpecification<>),
        typeof(SummarySpecification<>),
        typeof(SummaryRaceSpecification<>),
        typeof(UsageSpecification<>),
        typeof(StreamSpecification<>),
        typeof(StreamCallSpecification<>),
        typeof(InterruptedStreamSpecification<>),
        typeof(StreamRaceSpecification<>),
    ];

    /// <summary>The classes to derive from, as open generic types.</summary>
    public static IReadOnlyList<Type> Specifications { get; } =
        [.. typeof(StoreSpecificationCoverage).Assembly.GetExportedTypes()
            .Where(type => type.IsAbstract && Bases(type).Any(at => at.GetGenericTypeDefinition() == typeof(ConversationStoreSpecification<>)))
            .OrderBy(type => type.Name, StringComparer.Ordinal)];

    /// <summary>The numbers of the rules that at least one test names.</summary>
    public static IReadOnlySet<string> CitedRules { get; } =
        Specifications
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetCustomAttribute<RuleAttribute>()?.Numbers ?? [])
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>What is wrong with an assembly of stores' tests: specifications that one of its fixtures leaves out without saying why, and excuses that do not hold.</summary>
    /// <param name="tests">The assembly with the tests.</param>
    /// <returns>A sentence for each; empty if every fixture runs or excuses all.</returns>
    public static IReadOnlyList<string> MissingFrom(Assembly tests)
    {
        ArgumentNullException.ThrowIfNull(tests);
        return Missing(tests.GetExportedTypes(), [.. tests.GetCustomAttributes<StoreLacksAttribute>()]);
    }

    internal static IReadOnlyList<string> Missing(IEnumerable<Type> types, List<StoreLacksAttribute> lacks)
    {
        var run = types.Where(type => !type.IsAbstract).SelectMany(RunBy).ToHashSet();
        var fixtures = run.Select(pair => pair.Fixture).Distinct().OrderBy(fixture => fixture.Name, StringComparer.Ordinal).ToList();
        return
        [
            .. fixtures.Count == 0 ? ["No specification is run."] : Array.Empty<string>(),
            .. from fixture in fixtures
               from specification in Specifications
               where !run.Contains((specification, fixture)) && !lacks.Exists(lack => Excuses(lack, specification, fixture))
               select $"{NameOf(specification)} is not run for {fixture.Name}.",
            .. lacks.Where(lack => string.IsNullOrWhiteSpace(lack.Reason)).Select(lack => $"{NameOf(lack.Specification)} is lacking for no reason."),
            .. lacks.Where(lack => !Capabilities.Contains(lack.Specification)).Select(lack => $"{NameOf(lack.Specification)} is no capability: every store has it."),
            .. lacks.Where(lack => fixtures.Exists(fixture => Excuses(lack, lack.Specification, fixture) && run.Contains((lack.Specification, fixture))))
                .Select(lack => $"{NameOf(lack.Specification)} is said to be lacking, and is run."),
        ];
    }

    private static bool Excuses(StoreLacksAttribute lack, Type specification, Type fixture) =>
        lack.Specification == specification && (lack.Fixture is null || lack.Fixture == fixture);

    private static string NameOf(Type specification) => specification.Name.Split('`')[0];

    private static IEnumerable<(Type Specification, Type Fixture)> RunBy(Type type) =>
        Bases(type).Where(at => Specifications.Contains(at.GetGenericTypeDefinition())).Select(at => (at.GetGenericTypeDefinition(), at.GetGenericArguments()[0]));

    /// <summary>The generic types that a type derives from, closed where the type is.</summary>
    private static IEnumerable<Type> Bases(Type type)
    {
        for (var at = type.BaseType; at is not null; at = at.BaseType)
        {
            if (at.IsGenericType)
                yield return at;
        }
    }
}

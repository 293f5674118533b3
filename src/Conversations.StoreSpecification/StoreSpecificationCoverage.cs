using System.Reflection;

namespace Conversations.StoreSpecification;

/// <summary>Reports which specifications exist, and which of them the tests of a store leave out.</summary>
public static class StoreSpecificationCoverage
{
    /// <summary>Gets the specifications of optional features.</summary>
    public static IReadOnlyList<Type> Optional { get; } =
    [
        typeof(PersistenceSpecification<>),
        typeof(SharedDataSpecification<>),
        typeof(LockedDataSpecification<>),
        typeof(VersionSpecification<>),
        typeof(MigrationSpecification<>),
        typeof(StreamSpecification<>),
        typeof(UsageSpecification<>),
        typeof(MessageDataSpecification<>),
        typeof(FeedbackSpecification<>),
    ];

    /// <summary>Gets the classes to derive from, as open generic types.</summary>
    public static IReadOnlyList<Type> Specifications { get; } =
        [.. typeof(StoreSpecificationCoverage).Assembly.GetExportedTypes()
            .Where(type => type.IsAbstract && Bases(type).Any(at => at.GetGenericTypeDefinition() == typeof(ConversationStoreSpecification<>)))
            .OrderBy(type => type.Name, StringComparer.Ordinal)];

    /// <summary>Gets the numbers of the rules that at least one test cites.</summary>
    public static IReadOnlySet<string> CitedRules { get; } =
        Specifications
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetCustomAttribute<RuleAttribute>()?.Numbers ?? [])
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>Finds the specifications that the tests of a store leave out without a <see cref="StoreLacksAttribute"/>, and attributes that do not apply.</summary>
    /// <param name="tests">The assembly that contains the tests.</param>
    /// <returns>A sentence for each; empty if each fixture runs or excludes every specification.</returns>
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
               where !run.Contains((specification, fixture)) && !lacks.Exists(lack => Excludes(lack, specification, fixture))
               select $"{NameOf(specification)} is not run for {fixture.Name}.",
            .. lacks.Where(lack => string.IsNullOrWhiteSpace(lack.Reason)).Select(lack => $"{NameOf(lack.Specification)} is excluded without a reason."),
            .. lacks.Where(lack => !Optional.Contains(lack.Specification)).Select(lack => $"{NameOf(lack.Specification)} cannot be excluded: it is not optional."),
            .. lacks.Where(lack => fixtures.Exists(fixture => Excludes(lack, lack.Specification, fixture) && run.Contains((lack.Specification, fixture))))
                .Select(lack => $"{NameOf(lack.Specification)} is excluded, but run."),
        ];
    }

    private static bool Excludes(StoreLacksAttribute lack, Type specification, Type fixture) =>
        lack.Specification == specification && (lack.Fixture is null || lack.Fixture == fixture);

    private static string NameOf(Type specification) => specification.Name.Split('`')[0];

    private static IEnumerable<(Type Specification, Type Fixture)> RunBy(Type type) =>
        Bases(type).Where(at => Specifications.Contains(at.GetGenericTypeDefinition())).Select(at => (at.GetGenericTypeDefinition(), at.GetGenericArguments()[0]));

    /// <summary>Returns the generic base types of a type.</summary>
    private static IEnumerable<Type> Bases(Type type)
    {
        for (var at = type.BaseType; at is not null; at = at.BaseType)
        {
            if (at.IsGenericType)
                yield return at;
        }
    }
}

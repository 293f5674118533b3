using System.Collections.Concurrent;
using System.Reflection;
using Conversations.StoreSpecification.Tests.BrokenStores;

namespace Conversations.StoreSpecification.Tests.Running;

/// <summary>What the tests that cite a broken rule find in each broken store. Made once, all stores at the same time.</summary>
internal static class BrokenStoreReport
{
    /// <summary>The broken stores, and the broken fixtures where the store alone cannot be wrong, in the order of the rules.</summary>
    public static IReadOnlyList<Type> Subjects { get; } =
        [.. typeof(BrokenStoreReport).Assembly.GetExportedTypes()
            .Where(type => type.IsDefined(typeof(BreaksAttribute), inherit: false))
            .OrderBy(type => RuleNumber.Order(BreachOf(type).Rules[0]))
            .ThenBy(type => type.Name, StringComparer.Ordinal)];

    private static Task<IReadOnlyDictionary<Type, SpecificationResult>> Made { get; } = Task.Run(MakeAsync);

    public static BreaksAttribute BreachOf(Type subject) => subject.GetCustomAttribute<BreaksAttribute>()!;

    public static async Task<SpecificationResult> OfAsync(Type subject) => (await Made)[subject];

    /// <summary>Whether what a test finds in a broken store counts: it cites a rule that the store breaks, and finds the same whatever the threads do.</summary>
    private static bool Counts(SpecificationTest test, BreaksAttribute breach) =>
        test.Rules.Intersect(breach.Rules, StringComparer.Ordinal).Any()
        && (!test.IsRace || breach.Races.Contains(test.Method, StringComparer.Ordinal))
        && (!test.IsLarge || breach.Rules.Contains("9.1", StringComparer.Ordinal));

    private static Type FixtureOf(Type subject) =>
        subject.IsSubclassOf(typeof(StoreFixture)) ? subject : typeof(BrokenFixture<>).MakeGenericType(subject);

    private static async Task<IReadOnlyDictionary<Type, SpecificationResult>> MakeAsync()
    {
        var results = new ConcurrentDictionary<Type, SpecificationResult>();
        await Parallel.ForEachAsync(Subjects, async (subject, _) =>
        {
            var breach = BreachOf(subject);
            results[subject] = await SpecificationRunner.RunAsync(FixtureOf(subject), test => Counts(test, breach));
        });
        return results;
    }
}

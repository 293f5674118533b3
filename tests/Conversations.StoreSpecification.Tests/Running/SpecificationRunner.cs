namespace Conversations.StoreSpecification.Tests.Running;

/// <summary>Runs tests of the kit with a fixture, inside another test.</summary>
internal static class SpecificationRunner
{
    // Far more than any test takes, so that a busy machine does not fail a test.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Runs the tests that pass a filter.</summary>
    /// <param name="fixture">The fixture, with a parameterless constructor.</param>
    /// <param name="filter">Selects the tests.</param>
    public static async Task<SpecificationResult> RunAsync(Type fixture, Func<SpecificationTest, bool> filter)
    {
        var run = 0;
        var failures = new List<SpecificationFailure>();
        foreach (var test in SpecificationTest.AllOf(fixture).Where(filter))
        {
            run++;
            if (await test.RunAsync(Limit) is { } exception)
                failures.Add(new SpecificationFailure(test, exception));
        }

        return new SpecificationResult(run, failures);
    }
}

/// <summary>The number of tests that ran, and those that failed.</summary>
internal sealed record SpecificationResult(int Run, IReadOnlyList<SpecificationFailure> Failures);

/// <summary>A test that failed.</summary>
internal sealed record SpecificationFailure(SpecificationTest Test, Exception Exception)
{
    /// <summary>Gets whether an assertion failed, rather than the store threw an unexpected exception.</summary>
    public bool IsAssertion => Exception is Xunit.Sdk.XunitException;

    public override string ToString() => $"{Test}: {Exception.GetType().Name} {Exception.Message}";
}

namespace Conversations.StoreSpecification.Tests.Running;

/// <summary>Runs the tests of the kit over a fixture, within the test that asks for it.</summary>
internal static class SpecificationRunner
{
    // Far more than any test takes: it tells a hang from a pass, so a busy machine must not decide it.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>Runs those tests that pass a filter.</summary>
    /// <param name="fixture">The fixture, with a constructor without parameters.</param>
    /// <param name="filter">Which tests.</param>
    /// <param name="patience">How long a test may take; <see langword="null"/> for long enough.</param>
    /// <returns>How many were run, and what failed.</returns>
    public static async Task<SpecificationResult> RunAsync(Type fixture, Func<SpecificationTest, bool> filter, TimeSpan? patience = null)
    {
        var run = 0;
        var failures = new List<SpecificationFailure>();
        foreach (var test in SpecificationTest.AllOf(fixture).Where(filter))
        {
            run++;
            if (await test.RunAsync(patience ?? Deadline) is { } exception)
                failures.Add(new SpecificationFailure(test, exception));
        }

        return new SpecificationResult(run, failures);
    }
}

internal sealed record SpecificationResult(int Run, IReadOnlyList<SpecificationFailure> Failures);

internal sealed record SpecificationFailure(SpecificationTest Test, Exception Exception)
{
    /// <summary>Whether the test found something wrong, rather than the store stumbling over itself.</summary>
    public bool IsAssertion => Exception.GetType().Name is "AssertionFailedException" or "XunitException";

    public bool IsHang => Exception is TimeoutException;

    public override string ToString() => $"{Test}: {Exception.GetType().Name} {Exception.Message.Split('\n')[0]}";
}

using System.Reflection;
using Conversations.Tests.Architecture;
using PublicApiGenerator;

namespace Conversations.Tests.PublicApi;

/// <summary>The public API of each package is in a text file, so that reviewers see each change of it.</summary>
public sealed class PublicApiTests
{
    private const string Accept = "UPDATE_PUBLIC_API";

    // What callers do not see: how the compiler made a method, and how tests of the specification run.
    private static readonly string[] Attributes =
    [
        "System.Runtime.CompilerServices.AsyncIteratorStateMachineAttribute",
        "Xunit.FactAttribute", "Xunit.InlineDataAttribute", "Xunit.MemberDataAttribute", "Xunit.TheoryAttribute",
        "Conversations.StoreSpecification.RuleAttribute",
    ];

    private static readonly ApiGeneratorOptions Options = new() { IncludeAssemblyAttributes = false, ExcludeAttributes = Attributes, DenyNamespacePrefixes = [] };

    [Theory]
    [InlineData("Conversations")]
    [InlineData("Conversations.Agents")]
    [InlineData("Conversations.Extensions.AI")]
    [InlineData("Conversations.Hosting")]
    [InlineData("Conversations.Sqlite")]
    [InlineData("Conversations.StoreSpecification")]
    [InlineData("Conversations.Tokenizers")]
    public void Public_api_of_a_package_matches_the_reviewed_text(string package)
    {
        var path = Path.Combine(Repository.Root, "tests", "Conversations.Tests", "PublicApi", package + ".txt");
        var actual = Assembly.Load(package).GeneratePublicApi(Options).ReplaceLineEndings("\n") + "\n";
        if (string.Equals(Environment.GetEnvironmentVariable(Accept), "1", StringComparison.Ordinal))
            File.WriteAllText(path, actual);

        var reviewed = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";

        actual.Should().Be(reviewed, "the public API of {0} changes only on purpose. If it does, run the tests once with {1}=1 and commit {0}.txt", package, Accept);
    }
}

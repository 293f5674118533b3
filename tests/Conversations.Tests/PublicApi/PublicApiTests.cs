using System.Reflection;
using Conversations.Tests.Architecture;

namespace Conversations.Tests.PublicApi;

/// <summary>The public API of each package is in a text file, so that reviewers see each change of it.</summary>
public sealed class PublicApiTests
{
    private const string Accept = "UPDATE_PUBLIC_API";

    [Theory]
    [InlineData("Conversations")]
    [InlineData("Conversations.Extensions.AI")]
    [InlineData("Conversations.Sqlite")]
    [InlineData("Conversations.StoreSpecification")]
    [InlineData("Conversations.Tokenizers")]
    public void Public_api_of_a_package_matches_the_reviewed_text(string package)
    {
        var path = Path.Combine(Repository.Root, "tests", "Conversations.Tests", "PublicApi", package + ".txt");
        var actual = PublicApiText.Of(Assembly.Load(package));
        if (string.Equals(Environment.GetEnvironmentVariable(Accept), "1", StringComparison.Ordinal))
            File.WriteAllText(path, actual);

        var reviewed = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";

        Difference(reviewed, actual).Should().BeEmpty(
            "the public API of {0} changes only on purpose. If it does, run the tests once with {1}=1 and commit {0}.txt", package, Accept);
    }

    [Fact]
    public void Public_api_is_written_as_CSharp()
    {
        var text = PublicApiText.Of([typeof(SampleExtensions), typeof(SampleAsked), typeof(ISample), typeof(Sample<>), typeof(SampleRecord), typeof(SampleKind)]);

        text.Should().Be(
            """
            interface Conversations.Tests.PublicApi.ISample
                Task<int> CountAsync(CancellationToken cancellationToken = default)

            sealed class Conversations.Tests.PublicApi.Sample<T> : ISample where T : class, new()
                IReadOnlyList<string?>? Names { get; }
                Task<int> CountAsync(CancellationToken cancellationToken = default)
                bool TryFind<TKey>(TKey key, out string? name) where TKey : struct
                const string Code = "CODE"
                event EventHandler Happened
                new(T value, params string[] names)
                override string ToString()

            delegate Task<string?> Conversations.Tests.PublicApi.SampleAsked(ISample sample, string? name = null)

            static class Conversations.Tests.PublicApi.SampleExtensions
                static int Count(this ISample sample, SampleKind kind = SampleKind.Some, int? limit = null, TimeSpan wait = default, bool isDeep = true)

            enum Conversations.Tests.PublicApi.SampleKind : int
                None = 0
                Some = 4

            abstract record Conversations.Tests.PublicApi.SampleRecord : IEquatable<SampleRecord>
                int? Age { get; init; }
                protected abstract void Leave()
                protected new(string Name, int? Age)
                required DateTimeOffset At { get; init; }
                string Name { get; init; }
                void Deconstruct(out string Name, out int? Age)

            """);
    }

    [Fact]
    public void Difference_names_the_type_and_the_member()
    {
        Difference("class A\n    int X\n\nclass B\n    int X\n", "class A\n    int X\n\nclass B\n    long X\n")
            .Should().Equal("- class B | int X", "+ class B | long X");
    }

    private static IReadOnlyList<string> Difference(string reviewed, string actual)
    {
        var before = Named(reviewed);
        var after = Named(actual);
        return [.. before.Except(after, StringComparer.Ordinal).Select(line => "- " + line), .. after.Except(before, StringComparer.Ordinal).Select(line => "+ " + line)];
    }

    /// <summary>Each member with the type it belongs to.</summary>
    private static List<string> Named(string api)
    {
        var lines = new List<string>();
        var type = "";
        foreach (var line in api.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            type = line.StartsWith(' ') ? type : line;
            lines.Add(line.StartsWith(' ') ? $"{type} |{line[3..]}" : line);
        }

        return lines;
    }
}

using System.Globalization;
using Guide;

namespace Conversations.Guide.Tests;

/// <summary>Every C# code block of the README, the guide and the packages' pages is compiled in Conversations.Guide. Those that are followed by their output run here.</summary>
public sealed class ExampleTests
{
    public static TheoryData<string> WithOutput => [.. Examples.All.Where(example => example.Output is not null).Select(NameOf)];

    [Theory]
    [MemberData(nameof(WithOutput))]
    public async Task Block_writes_what_the_page_shows(string name)
    {
        var example = Examples.All.Single(example => NameOf(example) == name);

        var output = await example.RunAsync();

        output.Should().Be(example.Output);
    }

    private static string NameOf(Example example) => string.Create(CultureInfo.InvariantCulture, $"{example.Page}({example.Line})");
}

using System.Globalization;

namespace Conversations.Tokenizers.Tests;

/// <summary>A paragraph of one language or format, written for these tests, and how far the estimate may be above its exact count.</summary>
internal sealed record Paragraph(string Name, double Bound, string Text)
{
    public static IReadOnlyList<Paragraph> All { get; } =
        [.. $"\n{File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "paragraphs.txt"))}".Split("\n## ").Skip(1).Select(Of)];

    private static Paragraph Of(string section)
    {
        var heading = section[..section.IndexOf('\n', StringComparison.Ordinal)];
        var bound = heading.LastIndexOf(' ');
        return new(heading[..bound], double.Parse(heading[(bound + 1)..], CultureInfo.InvariantCulture), section[heading.Length..].Trim('\n'));
    }
}

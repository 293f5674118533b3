using System.Globalization;
using System.Text.RegularExpressions;

namespace Conversations.Tokenizers.Tests;

/// <summary>The counts of the reference, npm's tiktoken 1.0.22 (<c>encode_ordinary</c>): texts by hand, then random ones. A line is the count of o200k_base,
/// that of cl100k_base and the text with escapes.</summary>
internal sealed record GoldenCounts(int O200kBase, int Cl100kBase, string Text)
{
    public static IReadOnlyList<GoldenCounts> All { get; } =
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "golden-counts.txt")).Select(line => Of(line.Split('\t')))];

    private static GoldenCounts Of(string[] fields) =>
        new(int.Parse(fields[0], CultureInfo.InvariantCulture), int.Parse(fields[1], CultureInfo.InvariantCulture), Regex.Unescape(fields[2]));
}

using System.Text.RegularExpressions;
using Conversations.Tests.Architecture;

namespace Conversations.Guide.Tests;

/// <summary>The pages of the documentation: their links lead to existing files and headings.</summary>
public sealed partial class PageTests
{
    [Fact]
    public void Links_to_files_and_headings_exist()
    {
        var broken = Repository.Pages.SelectMany(page => Links(page).Where(link => !Exists(page, link)).Select(link => $"{Repository.Relative(page)}: {link}"));

        broken.Should().BeEmpty();
    }

    [Fact]
    public void Front_page_fits_on_a_page() => File.ReadLines(Path.Combine(Repository.Root, "README.md")).Count().Should().BeLessThanOrEqualTo(150);

    private static IEnumerable<string> Links(string page) =>
        Link().Matches(Prose(page)).Select(match => match.Groups["target"].Value).Where(target => !target.Contains("://", StringComparison.Ordinal));

    private static bool Exists(string page, string link)
    {
        var (file, heading) = link.Split('#') is [var path, var anchor] ? (path, anchor) : (link, null);
        var target = file.Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, file));
        return (File.Exists(target) || Directory.Exists(target)) && (heading is null || Headings(target).Contains(heading, StringComparer.Ordinal));
    }

    // As GitHub makes them: lower case, hyphens for spaces, no punctuation.
    private static IEnumerable<string> Headings(string page) =>
        Heading().Matches(Prose(page)).Select(match => string.Concat(match.Groups["text"].Value.ToLowerInvariant().Where(character => char.IsLetterOrDigit(character) || character is ' ' or '-')).Replace(' ', '-'));

    private static string Prose(string page) => Code().Replace(File.ReadAllText(page), "");

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Code();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Heading();
}

using System.Text.RegularExpressions;

namespace Conversations.Tests.Architecture;

/// <summary>Code and documentation use plain technical English: a list of old-fashioned or vague words is not allowed.</summary>
public sealed partial class PlainWordsTests
{
    // Comments, identifiers and strings are all read. Strings of data can use other words as well.
    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    [InlineData("samples")]
    [InlineData("tools")]
    public void Code_uses_plain_words(string folder)
    {
        // The only exception is the file of the list, whose examples contain its words.
        var files = Repository.SourceFiles(folder).Where(file => Path.GetFileName(file) != nameof(PlainWordsTests) + ".cs").ToList();

        files.Should().NotBeEmpty();
        Findings(files, QuaintWord()).Should().BeEmpty();
    }

    [Fact]
    public void Pages_use_plain_words()
    {
        Findings(Repository.Pages, QuaintWord()).Should().BeEmpty();
    }

    // The changelog is a record of the time at which its lines were written.
    [Fact]
    public void Pages_use_no_vague_phrases()
    {
        Findings(Repository.Pages.Where(page => Repository.Relative(page) != "CHANGELOG.md"), VaguePhrase()).Should().BeEmpty();
    }

    [Theory]
    [InlineData("// What was said.")]
    [InlineData("/// <summary>Nobody knows.</summary>")]
    [InlineData("throw new ArgumentException(\"It stands alone.\");")]
    [InlineData("// It begins anew")]
    [InlineData("void What_was_said_is_kept()")]
    [InlineData("_said = told;")]
    [InlineData("var isTold = true;")]
    [InlineData("TellNobody();")]
    [InlineData("saidBefore")]
    public void Quaint_word_is_recognised(string line)
    {
        QuaintWord().IsMatch(line).Should().BeTrue();
    }

    [Theory]
    [InlineData("// The standard of a renewal")]
    [InlineData("// A reader understands it; an untold number")]
    [InlineData("Untold(resaid)")]
    [InlineData("// It renews")]
    public void Other_word_is_allowed(string line)
    {
        QuaintWord().IsMatch(line).Should().BeFalse();
    }

    private static IEnumerable<string> Findings(IEnumerable<string> files, Regex words) =>
        from file in files
        from line in File.ReadLines(file).Select((text, index) => (Text: text, Number: index + 1))
        from match in words.Matches(line.Text)
        select $"{Repository.Relative(file)}:{line.Number}: {match.Value}";

    // A word by itself, between underscores, or as a part of a name in camel case: \b does not see the last two.
    [GeneratedRegex(
        "(?<![A-Za-z])(?i:anew|whoever|nobody|somebody|stands|stood|told|said)(?![a-z])|(?<=[a-z])(?:Anew|Whoever|Nobody|Somebody|Stands|Stood|Told|Said)(?![a-z])",
        RegexOptions.CultureInvariant,
        5_000)]
    private static partial Regex QuaintWord();

    // Pages use "states", "by default" and "separate" for these. Code still contains them.
    [GeneratedRegex(@"\b(?:says|unless set|of its own|of their own)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 5_000)]
    private static partial Regex VaguePhrase();
}

using System.Text.RegularExpressions;

namespace Conversations.Tests.Architecture;

/// <summary>Habits that are read off the source.</summary>
public sealed partial class SourceHabitsTests
{
    private const int LongestFile = 400;

    [Fact]
    public void No_file_of_the_libraries_is_longer_than_400_lines()
    {
        var tooLong = Repository.SourceFiles("src")
            .Select(file => (Path: Repository.Relative(file), Lines: File.ReadLines(file).Count()))
            .Where(file => file.Lines > LongestFile)
            .Select(file => $"{file.Path}: {file.Lines} lines; a file past {LongestFile} is two ideas");

        tooLong.Should().BeEmpty();
    }

    [Fact]
    public void No_code_reads_the_ambient_clock()
    {
        Findings(AmbientClock(), "src", "tests", "samples").Should().BeEmpty();
    }

    [Fact]
    public void No_test_sleeps_or_is_skipped()
    {
        Findings(SleepOrSkip(), "tests").Should().BeEmpty();
        Findings(SleepOrSkip(), "src/Conversations.StoreSpecification").Should().BeEmpty();
    }

    [Theory]
    [InlineData("var t = DateTime.Now;")]
    [InlineData("var t = DateTimeOffset . UtcNow;")]
    [InlineData("var t = DateTime.Today;")]
    [InlineData("var t = Environment.TickCount64;")]
    [InlineData("var t = Guid.CreateVersion7();")]
    public void Ambient_clock_is_recognised(string code)
    {
        AmbientClock().IsMatch(code).Should().BeTrue();
    }

    [Theory]
    [InlineData("[Fact(Skip = x)]")]
    [InlineData("[Theory(DisplayName = x, Skip=x)]")]
    [InlineData("[Fact(SkipWhen = x)]")]
    [InlineData("Assert.Skip(x);")]
    [InlineData("Assert.SkipUnless(x, y);")]
    [InlineData("Assert.SkipWhen(OperatingSystem.IsLinux(), y);")]
    [InlineData("Thread.Sleep(1);")]
    [InlineData("await Task.Delay(1);")]
    [InlineData("await Task.Delay(wait, TimeProvider.System);")]
    public void Sleep_or_skip_is_recognised(string code)
    {
        SleepOrSkip().IsMatch(code).Should().BeTrue();
    }

    [Theory]
    [InlineData("Assert.SkipUnless(OperatingSystem.IsLinux(), x);")]
    [InlineData("rows.Skip(1)")]
    [InlineData("Skip == 1")]
    [InlineData("await Task.Delay(wait, _clock, token);")]
    public void Other_code_is_not_taken_for_a_sleep_or_skip(string code)
    {
        SleepOrSkip().IsMatch(code).Should().BeFalse();
    }

    private static IEnumerable<string> Findings(Regex forbidden, params string[] folders) =>
        from folder in folders
        from file in Repository.SourceFiles(folder)
        from line in CodeText.Of(File.ReadAllText(file)).Split('\n').Select((text, index) => (Text: text, Number: index + 1))
        from match in forbidden.Matches(line.Text)
        select $"{Repository.Relative(file)}:{line.Number}: {match.Value}";

    [GeneratedRegex(@"\bDateTime(?:Offset)?\s*\.\s*(?:Now|UtcNow|Today)\b|\bEnvironment\s*\.\s*TickCount(?:64)?\b|\bGuid\s*\.\s*CreateVersion7\s*\(\s*\)", RegexOptions.None, 5_000)]
    private static partial Regex AmbientClock();

    [GeneratedRegex(@"\bSkip(?:When|Unless|Exceptions)?\s*=(?![=>])|\bAssert\s*\.\s*Skip(?!Unless\(OperatingSystem\.)\w*|\bThread\s*\.\s*Sleep\b|\bTask\s*\.\s*Delay\b(?![^;]*\b(?:_?clock|_?timeProvider)\b)", RegexOptions.None, 5_000)]
    private static partial Regex SleepOrSkip();
}

namespace Conversations.Tests.Architecture;

public sealed class CodeTextTests
{
    [Theory]
    [InlineData("""a(); // Gone""")]
    [InlineData("""a(); /* Gone " */""")]
    [InlineData("""a("Gone");""")]
    [InlineData(""""a(@"""Gone");"""")]
    [InlineData("""a($"{{Gone}}");""")]
    [InlineData(""""a("""Gone " Gone""");"""")]
    [InlineData(""""a($$"""{Gone}""");"""")]
    [InlineData("""a("Gone"u8, 'G', '"', "Gone");""")]
    [InlineData("""a(); /// <see cref="Gone"/>""")]
    public void Of_blanks_comments_and_strings(string source)
    {
        var code = CodeText.Of(source);

        code.Should().StartWith("a(").And.NotContain("G").And.HaveLength(source.Length);
    }

    [Theory]
    [InlineData("""x = ""; Kept(); y = "";""")]
    [InlineData("""f($"text {Kept} text");""")]
    [InlineData("""f($"{f("}")}{Kept}");""")]
    [InlineData(""""f($$"""text {{Kept}} text""");"""")]
    [InlineData("""/* */ Kept(); // """)]
    public void Of_keeps_code(string source)
    {
        var code = CodeText.Of(source);

        code.Should().Contain("Kept").And.NotContain("text").And.HaveLength(source.Length);
    }

    [Fact]
    public void Of_keeps_line_numbers()
    {
        var code = CodeText.Of("/* one\n two */\nx = \"\"\"\n four\n \"\"\"; Six();");

        code.Split('\n').Should().HaveCount(5);
        code.Split('\n')[4].Trim().Should().Be("; Six();");
    }
}

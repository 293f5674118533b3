namespace Conversations.Tests.Identity;

public sealed class ConversationIdTemplateParsingTests
{
    [Theory]
    [InlineData("{record.company}", "acme")]
    [InlineData("company/{record.company}", "company/acme")]
    [InlineData("{record.company}!", "acme!")]
    [InlineData("{{{record.company}}}", "{acme}")]
    [InlineData("{{record}} {record.company}", "{record} acme")]
    [InlineData("Akte № {record.company} 🗂", "Akte № acme 🗂")]
    public void Parse_keeps_literal_text_around_a_value(string template, string key)
    {
        var parsed = ConversationIdTemplate.Parse(template);

        parsed.Resolve(new { record = new { company = "acme" } }).Should().Be(key);
        parsed.ToString().Should().Be(template);
    }

    [Theory]
    [InlineData("schöne_größe")]
    [InlineData("名前")]
    [InlineData("हिन्दी")]
    [InlineData("𝒳")]
    [InlineData("first-name")]
    [InlineData("$id")]
    [InlineData("@id")]
    [InlineData("7")]
    public void Parse_accepts_common_names(string name)
    {
        var template = ConversationIdTemplate.Parse($"{{{name}}}");

        template.Resolve(new Dictionary<string, object?> { [name] = "acme" }).Should().Be("acme");
    }

    [Theory]
    [InlineData("", 1, "no placeholder")]
    [InlineData("  ", 1, "no placeholder")]
    [InlineData("standup", 1, "no placeholder")]
    [InlineData("{{record.id}}", 1, "no placeholder")]
    [InlineData("order/{record.id", 7, "not closed")]
    [InlineData("{", 1, "not closed")]
    [InlineData("{a}{", 4, "not closed")]
    [InlineData("order}", 6, "closes nothing")]
    [InlineData("{a}}", 4, "closes nothing")]
    [InlineData("{{a}", 4, "closes nothing")]
    [InlineData("order/{}", 8, "name is missing")]
    [InlineData("{.id}", 2, "name is missing")]
    [InlineData("{record.}", 9, "name is missing")]
    [InlineData("{record..id}", 9, "name is missing")]
    [InlineData("{record.id }", 11, "letters, digits")]
    [InlineData("{ record.id}", 2, "letters, digits")]
    [InlineData("{record.items[0]}", 14, "letters, digits")]
    [InlineData("{record.id:N}", 11, "letters, digits")]
    [InlineData("{record{id}}", 8, "letters, digits")]
    [InlineData("{record.\u200Bid}", 9, "letters, digits")]
    [InlineData("{record.😀}", 9, "letters, digits")]
    [InlineData("a\0{record.id}", 2, "NUL")]
    [InlineData("{record.\0}", 9, "NUL")]
    public void Parse_of_an_invalid_template_names_the_column(string template, int column, string problem)
    {
        var parsing = () => ConversationIdTemplate.Parse(template);

        parsing.Should().Throw<FormatException>().WithMessage($"* is wrong at column {column}: *{problem}*");
    }

    [Fact]
    public void Parse_of_a_lone_surrogate_names_the_column()
    {
        var inText = () => ConversationIdTemplate.Parse("ab\uD800{record.id}");
        var inName = () => ConversationIdTemplate.Parse("{record.\uDC00}");

        inText.Should().Throw<FormatException>().WithMessage("*column 3: *surrogate*");
        inName.Should().Throw<FormatException>().WithMessage("*column 9: *surrogate*");
    }

    [Fact]
    public void Parse_of_null_names_the_parameter()
    {
        var parsing = () => ConversationIdTemplate.Parse(null!);

        parsing.Should().Throw<ArgumentNullException>().WithParameterName("template");
    }
}

using System.Text;

namespace Conversations.Tests.Turns;

public sealed class ConversationTitleTests
{
    [Theory]
    [InlineData("Where is my order?", "Where is my order?")]
    [InlineData("\r\n \n  first line \n second", "first line")]
    [InlineData("0123456789 0123456789 0123456789 0123456789 0123456789 0123456789", "0123456789 0123456789 0123456789 0123456789 0123456789…")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789", "01234567890123456789012345678901234567890123456789012345678…")]
    [InlineData("\u202Eevil\u0007 \u2066name\u2069\u202C", "evil  name")]
    [InlineData("\u202E\u0007\nsecond", "second")]
    [InlineData(" \n\t", null)]
    public void From_takes_the_first_line_and_shortens_it(string text, string? title) =>
        ConversationTitle.From([ConversationMessage.User(text)]).Should().Be(title);

    [Theory]
    [InlineData("one\u2028two\u2029three", "one two three")]
    [InlineData("\u2029one\ntwo\u0085three\u2028", "one two three")]
    public void Title_has_one_line(string text, string title) => WellFormed.Title(text, "title").Should().Be(title);

    [Fact]
    public void From_takes_the_first_user_message_that_has_text()
    {
        ConversationMessage[] messages =
        [
            ConversationMessage.System("Be kind."),
            new(MessageRole.User, new RawPart("""{"type":"image"}""")),
            ConversationMessage.User("What is this?"),
        ];

        ConversationTitle.From(messages).Should().Be("What is this?");
    }

    [Theory]
    [InlineData("👩‍👩‍👧‍👦")]
    [InlineData("e\u0301\u0302\u0303")]
    [InlineData("𝒳")]
    public void From_cuts_between_text_elements(string element)
    {
        var title = ConversationTitle.From([ConversationMessage.User(string.Concat(Enumerable.Repeat(element, 100)))])!;

        title.Should().EndWith("…").And.Match(whole => whole.Length <= 60 && (whole.Length - 1) % element.Length == 0);
        title.EnumerateRunes().Should().NotContain(Rune.ReplacementChar);
    }

    [Fact]
    public void From_shortens_one_very_long_text_element()
    {
        var title = ConversationTitle.From([ConversationMessage.User("e" + new string('\u0301', 10_000))])!;

        title.Length.Should().BeLessThanOrEqualTo(60);
    }
}

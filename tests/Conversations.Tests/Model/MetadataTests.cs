using Conversations.Storage;

namespace Conversations.Tests.Model;

/// <summary>Metadata of messages and parts.</summary>
public sealed class MetadataTests
{
    public static TheoryData<ContentPart> Parts => new((ContentPart[])
    [
        new TextPart("x"),
        new ReasoningPart("x") { ProtectedData = "y" },
        new ToolCallPart("1", "f", "{}"),
        new ToolResultPart("1", "x") { Name = "f", IsError = true },
        new ErrorPart("x") { Code = "y" },
    ]);

    [Theory]
    [MemberData(nameof(Parts), DisableDiscoveryEnumeration = true)]
    public void Part_with_metadata_differs_from_the_part_without_it(ContentPart part)
    {
        var with = part with { Metadata = """{"a":1}""" };

        with.Should().NotBe(part).And.NotBe(part with { Metadata = """{"a": 1}""" }).And.Be(part with { Metadata = """{"a":1}""" });
        (with with { Metadata = null }).Should().Be(part);
        with.Kind.Should().Be(part.Kind);
    }

    [Theory]
    [MemberData(nameof(Parts), DisableDiscoveryEnumeration = true)]
    public void Part_is_written_and_read_with_its_metadata(ContentPart part)
    {
        var message = new ConversationMessage(MessageRole.Assistant, part with { Metadata = "{ \"é\\u00e9\" :1.0e+05,\n\"a\":[ ] , \"a\":{}}" }) { Metadata = """{"parts":  [],"metadata":{}}""" };
        var (format, text) = MessageContent.Write(message);

        MessageContent.Read(format, text, out var metadata).Should().Equal(message.Parts);
        metadata.Should().Be(message.Metadata);
        format.Should().Be(ContentFormat.JsonWithMetadata);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("secret")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"secret\"")]
    [InlineData("""{"v":"secret" """)]
    [InlineData("""{"v":"secret"} "secret" """)]
    [InlineData("""{"v":"secret",}""")]
    [InlineData("""{v:"secret"}""")]
    public void Metadata_is_a_json_object_and_nothing_else(string json)
    {
        var ofMessage = () => ConversationMessage.User("x") with { Metadata = json };
        var ofPart = () => new TextPart("x") { Metadata = json };

        ofMessage.Should().Throw<ArgumentException>().WithParameterName("Metadata").Which.ToString().Should().NotContain("secret");
        ofPart.Should().Throw<ArgumentException>().WithParameterName("Metadata").Which.ToString().Should().NotContain("secret");
    }

    [Fact]
    public void Metadata_loses_white_space_around_it_and_nothing_else()
    {
        const string Json = "{ \"a\" : \"\\ud800 \" }";

        (ConversationMessage.User("x") with { Metadata = $" \r\n{Json}\t" }).Metadata.Should().Be(Json);
        new TextPart("x") { Metadata = $"\n{Json} " }.Metadata.Should().Be(Json);
    }

    [Fact]
    public void Metadata_may_be_512_levels_deep()
    {
        var message = ConversationMessage.User("x") with { Metadata = Nested(512) };
        var (format, text) = MessageContent.Write(message with { Metadata = Nested(512) });
        var act = () => message with { Metadata = Nested(513) };

        MessageContent.Read(format, text, out var metadata).Should().Equal(message.Parts);
        metadata.Should().Be(message.Metadata);
        act.Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Metadata_of_a_raw_part_is_in_its_json()
    {
        var act = () => new RawPart("""{"type":"image"}""") { Metadata = "{}" };

        act.Should().Throw<ArgumentException>().WithMessage("A raw part has no separate metadata.*");
        (new RawPart("""{"type":"image"}""") with { Metadata = null }).Metadata.Should().BeNull();
    }

    [Fact]
    public void Metadata_costs_no_tokens()
    {
        var plain = ConversationMessage.User("one two");
        var annotated = new ConversationMessage(MessageRole.User, new TextPart("one two") { Metadata = """{"many":"more words"}""" }) { Metadata = """{"and":"others"}""" };

        PromptCost.Count(TokenCounter.Estimate, annotated).Should().Be(PromptCost.Count(TokenCounter.Estimate, plain));
    }

    [Theory]
    [InlineData("""{"parts":[{"type":"text","text":"secret"}],"metadata":"secret"}""")]
    [InlineData("""{"parts":[{"type":"text","text":"secret","metadata":["secret"]}],"metadata":{}}""")]
    [InlineData("""{"metadata":{"v":"secret"}}""")]
    [InlineData("""{"parts":[],"metadata":{}}""")]
    [InlineData("""[{"type":"text","text":"secret"}]""")]
    [InlineData("secret")]
    public void Read_of_damaged_text_with_metadata_is_an_error_without_the_content(string text) => ShouldBeDamaged(text);

    [Fact]
    public void Read_of_metadata_that_is_too_deep_is_damaged() => ShouldBeDamaged($$"""{"metadata":{{Nested(550)}},"parts":[{"type":"text","text":"x"}]}""");

    private static void ShouldBeDamaged(string text)
    {
        var parts = MessageContent.Read(ContentFormat.JsonWithMetadata, text, out var metadata);

        parts.Should().Equal(new ErrorPart("The content of this message is damaged and cannot be read.") { Code = ConversationErrorCodes.StoreCorrupt });
        metadata.Should().BeNull();
    }

    private static string Nested(int levels) => "{\"v\":" + new string('[', levels - 1) + new string(']', levels - 1) + "}";
}

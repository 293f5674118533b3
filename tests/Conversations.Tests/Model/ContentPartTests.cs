using Conversations.Storage;

namespace Conversations.Tests.Model;

public sealed class ContentPartTests
{
    // Not inline data: an attribute is UTF-8, where a lone surrogate cannot be.
    private static readonly (string Given, string Kept)[] Repairs =
    [
        ("a\uD800b", "a\uFFFDb"),
        ("\uDC00", "\uFFFD"),
        ("\uDC00\uD800", "\uFFFD\uFFFD"),
        ("\uD83D\uDE00\uD83D", "\uD83D\uDE00\uFFFD"),
    ];

    [Fact]
    public void Lone_surrogate_in_content_becomes_a_replacement_character()
    {
        Repairs.Should().AllSatisfy(text =>
        {
            var (given, kept) = text;
            new TextPart(given).Text.Should().Be(kept);
            new ReasoningPart(given) { ProtectedData = given }.Should().Be(new ReasoningPart(kept) { ProtectedData = kept });
            (new TextPart("") { Metadata = $$"""{"v":"{{given}}"}""" }).Metadata.Should().Be($$"""{"v":"{{kept}}"}""");
            new ErrorPart(given) { Code = given }.Should().Be(new ErrorPart(kept) { Code = kept });
            new ToolCallPart(given, given, given).Should().Be(new ToolCallPart(kept, kept, kept));
            new ToolResultPart(given, given) { Name = given }.Should().Be(new ToolResultPart(kept, kept) { Name = kept });
            new RawPart($$"""{"type":"x","v":"{{given}}"}""").Json.Should().Be($$"""{"type":"x","v":"{{kept}}"}""");
        });
    }

    [Fact]
    public void Protected_data_that_is_empty_is_none()
    {
        var part = new ReasoningPart("Hm.") { ProtectedData = "" };

        part.Should().Be(new ReasoningPart("Hm."));
        (part with { ProtectedData = "signature" }).ProtectedData.Should().Be("signature");
        ShownContent.Of(new ConversationMessage(MessageRole.Assistant, part)).Should().BeNull();
    }

    [Fact]
    public void Well_formed_content_is_unchanged()
    {
        string[] texts = ["", "\0", "\uD83D\uDE00", "\uFFFF\uFFFD\u202E", "e\u0301 \u00E9"];

        texts.Should().AllSatisfy(text => new TextPart(text).Text.Should().BeSameAs(text));
    }

    [Theory]
    [InlineData("""{"type":"image"}""", "image")]
    [InlineData("""{ "a": [1, {"b": null}], "type" : "x y" }""", "x y")]
    [InlineData("""{"type":""}""", "")]
    [InlineData("""{"type":"TEXT"}""", "TEXT")]
    public void Raw_part_keeps_its_json_to_the_letter(string json, string type)
    {
        var part = new RawPart(json);

        part.Json.Should().Be(json);
        part.Type.Should().Be(type);
    }

    [Theory]
    [InlineData("")]
    [InlineData("secret")]
    [InlineData("[]")]
    [InlineData("\"secret\"")]
    [InlineData("{}")]
    [InlineData("""{"type":1}""")]
    [InlineData("""{"type":null}""")]
    [InlineData("""{"Type":"image"}""")]
    [InlineData("""{"type":"image","v":"secret" """)]
    [InlineData("""{"type":"image"} "secret" """)]
    [InlineData("""{"type":"text","text":"secret"}""")]
    [InlineData("""{"type":"reasoning","summary":[]}""")]
    [InlineData("""{"type":"tool_call"}""")]
    [InlineData("""{"type":"tool_result"}""")]
    [InlineData("""{"type":"error"}""")]
    [InlineData("""{"type":"approval_request"}""")]
    [InlineData("""{"type":"approval_response"}""")]
    [InlineData("""{"type":"ai_content","content":{"$type":"toolApprovalResponse","reason":"secret"}}""")]
    [InlineData("""{"\u0074ype":"text"}""")]
    [InlineData("""{"type":"image","type":"text"}""")]
    [InlineData("""{"type":"\ud800"}""")]
    public void Raw_part_refuses_json_that_is_no_object_of_another_type(string json)
    {
        var act = () => new RawPart(json);

        var exception = act.Should().Throw<ArgumentException>().WithParameterName(nameof(json)).Which;
        exception.ToString().Should().NotContain("secret");
    }

    [Fact]
    public void A_raw_part_of_the_adapter_is_made_on_purpose_only()
    {
        const string Json = """{"type":"ai_content","content":{}}""";
        var own = () => RawPart.OfAdapter("""{"type":"approval_response"}""");

        var part = RawPart.OfAdapter($" {Json}\n");
        var (format, text) = MessageContent.Write(new ConversationMessage(MessageRole.User, part));

        (part.Type, part.Json).Should().Be(("ai_content", Json));
        MessageContent.Read(format, text, out _).Should().Equal(part);
        own.Should().Throw<ArgumentException>().WithParameterName("json");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("secret")]
    public void An_approval_refuses_what_is_not_an_object(string json)
    {
        var request = () => new ApprovalRequestPart("r", json);
        var response = () => new ApprovalResponsePart("r", json);

        request.Should().Throw<ArgumentException>().WithParameterName(nameof(json)).Which.ToString().Should().NotContain("secret");
        response.Should().Throw<ArgumentException>().WithParameterName(nameof(json)).Which.ToString().Should().NotContain("secret");
    }

    [Fact]
    public void Raw_part_can_be_512_levels_deep()
    {
        var act = () => new RawPart(Nested(513));

        new RawPart(Nested(512)).Type.Should().Be("x");
        act.Should().Throw<ArgumentException>().WithParameterName("json");
    }

    [Theory]
    [InlineData(" \t{\"type\":\"x\"}\r\n")]
    [InlineData("{\"type\":\"x\",\"v\":\"\\u0041 \\/ \\ud800\"}")]
    [InlineData("{\"type\":\"x\",\"n\":1.000e+5,\"n\":2}")]
    [InlineData("\r\n{\"type\":\"x\",\"v\":[\" ], \",{}]} \t")]
    public void Raw_part_is_written_and_read_to_the_letter(string json)
    {
        var message = new ConversationMessage(MessageRole.User, new RawPart(json), new TextPart("see"), new RawPart(json), new RawPart(json));
        var (format, text) = MessageContent.Write(message);

        var parts = MessageContent.Read(format, text, out _);

        parts.Should().Equal(message.Parts);
    }

    private static string Nested(int levels) =>
        "{\"type\":\"x\",\"v\":" + new string('[', levels - 1) + new string(']', levels - 1) + "}";
}

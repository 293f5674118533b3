using Conversations.Storage;

namespace Conversations.Tests.Storage;

public sealed class MessageContentTests
{
    public static TheoryData<ConversationMessage> Messages => new(
        ConversationMessage.User("text"),
        ConversationMessage.User(""),
        ConversationMessage.User("a\0b \uFFFF 👍 \"quoted\" <b>&"),
        ConversationMessage.User("""[{"type":"text","text":"looks like JSON"}]"""),
        ConversationMessage.ToolCall("call_1", "tool", """{"x": "y"}"""),
        ConversationMessage.ToolResult("call_1", "result"),
        new(MessageRole.Assistant, new ReasoningPart("")),
        new(MessageRole.Assistant, new ReasoningPart("a\0b \uFFFF 👍 \"quoted\" <b>&") { ProtectedData = "\"\0" }, new ReasoningPart("") { ProtectedData = "" }),
        new(MessageRole.User, new DataPart("image/png", new byte[] { 0, 1, 254, 255 }, "a\"b.png"), new DataPart("text/plain", ReadOnlyMemory<byte>.Empty)),
        new(MessageRole.User, DataPart.Beside("image/png", null, new string('a', 64), 100_000, 640, 480)),
        new(MessageRole.User, DataPart.Beside("audio/wav", "a.wav", new string('0', 64), 0, null, null) with { Metadata = """{"a":1}""" }),
        ConversationMessage.Error("error"),
        ConversationMessage.Error("error", "code"),
        new(MessageRole.Tool, new ToolResultPart("c", "r") { Name = "tool", IsError = true }, new ToolResultPart("c", "") { Name = "" }),
        new(MessageRole.User, new TextPart("a\0b \uFFFF 👍 \"quoted\" <b>&"), new TextPart("")),
        new(MessageRole.User, new RawPart("""  { "type" : "image", "n": 1.0e+5, "n": 2, "é": "\u00e9" } """), new TextPart("x")));

    [Theory]
    [MemberData(nameof(Messages), DisableDiscoveryEnumeration = true)]
    public void Read_returns_the_parts_that_were_written(ConversationMessage message)
    {
        var (format, text) = MessageContent.Write(message);

        MessageContent.Read(format, text, out _).Should().Equal(message.Parts);
    }

    [Fact]
    public void Write_of_one_text_part_is_the_text()
    {
        MessageContent.Write(ConversationMessage.User("[1]")).Should().Be((ContentFormat.Text, "[1]"));
    }

    [Fact]
    public void Write_of_other_parts_is_json_with_no_more_escapes_than_needed()
    {
        var message = new ConversationMessage(MessageRole.Assistant, new TextPart("<é'"), new ToolCallPart("c", "n", "{\"a\":1}"));

        MessageContent.Write(message).Should().Be(
            (ContentFormat.Json, """[{"type":"text","text":"<é'"},{"type":"tool_call","id":"c","name":"n","arguments":"{\"a\":1}"}]"""));
    }

    [Fact]
    public void Read_keeps_a_part_of_an_unknown_type_to_the_letter()
    {
        var parts = MessageContent.Read(ContentFormat.Json, """[ {"type":"text","text":"x"}, { "type":"video",  "seconds":1.50 } ]""", out _);

        parts.Should().Equal(new TextPart("x"), new RawPart("""{ "type":"video",  "seconds":1.50 }"""));
    }

    [Fact]
    public void Write_of_data_contains_the_bytes_or_their_hash()
    {
        var part = new DataPart("image/png", new byte[] { 1, 2, 3 });

        MessageContent.Write(new ConversationMessage(MessageRole.User, part)).Text.Should().Be("""[{"type":"data","media_type":"image/png","data":"AQID"}]""");
        MessageContent.Write(new ConversationMessage(MessageRole.User, part.WithoutData())).Text.Should().Be(
            """[{"type":"data","media_type":"image/png","hash":"039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81","size":3}]""");
    }

    [Theory]
    [InlineData("""{"type":"data","media_type":"image/png"}""")]
    [InlineData("""{"type":"data","media_type":"image","data":""}""")]
    [InlineData("""{"type":"data","media_type":"image/png","data":"*"}""")]
    [InlineData("""{"type":"data","media_type":"image/png","hash":"00","size":3}""")]
    [InlineData("""{"type":"data","media_type":"image/png","hash":"039058C6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81","size":3}""")]
    [InlineData("""{"type":"data","media_type":"image/png","hash":"039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81","size":-3}""")]
    [InlineData("""{"type":"data","media_type":"image/png","hash":"039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81","size":3e10}""")]
    public void Read_of_data_that_are_not_whole_is_damage(string part) =>
        MessageContent.Read(ContentFormat.Json, $"[{part}]", out _).Should().Equal(MessageContent.Damaged);

    [Theory]
    [InlineData("""{ "type":"reasoning", "summary":[  ]}""")]
    [InlineData("""{"type":"reasoning","text":["a", "b"]}""")]
    [InlineData("""{"type":"reasoning","text":null}""")]
    [InlineData("""{"type":"reasoning","text":"a","id":"rs_1"}""")]
    [InlineData("""{"type":"reasoning","text":"a","protected_data":null}""")]
    [InlineData("""{"type":"reasoning","text":"a","metadata":"m"}""")]
    [InlineData("""{"type":"reasoning","text":"a","text":"b"}""")]
    [InlineData("""{"type":"reasoning","text":"a\ud800"}""")]
    [InlineData("""{"type":"reasoning","text":"a","protected_data":"\ud800"}""")]
    [InlineData("""{"type":"reasoning","protected_data":"a"}""")]
    [InlineData("""{"type":"reasoning","Text":"a"}""")]
    public void Read_keeps_raw_reasoning_of_earlier_versions_to_the_letter(string part)
    {
        var json = $$"""[{{part}},{"type":"text","text":"x"}]""";

        var parts = MessageContent.Read(ContentFormat.Json, json, out _);

        parts[0].Should().BeOfType<RawPart>().Which.Should().BeEquivalentTo(new { Type = "reasoning", Json = part });
        MessageContent.Write(new ConversationMessage(MessageRole.Assistant, parts)).Should().Be((ContentFormat.Json, json));
    }

    [Fact]
    public void Read_returns_a_reasoning_part_for_raw_reasoning_with_known_properties()
    {
        const string Json = """[ { "text":"a", "type":"reasoning" },{"type":"reasoning","metadata":{ "n":1},"protected_data":"","text":""}]""";

        var parts = MessageContent.Read(ContentFormat.Json, Json, out _);

        parts.Should().Equal(new ReasoningPart("a"), new ReasoningPart("") { ProtectedData = "", Metadata = """{ "n":1}""" });
    }

    [Fact]
    public void Read_ignores_properties_of_a_newer_version()
    {
        MessageContent.Read(ContentFormat.Json, """[{"type":"text","text":"x","language":"en"}]""", out _).Should().Equal(new TextPart("x"));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void Read_of_an_unknown_format_is_damaged(int format)
    {
        MessageContent.Read((ContentFormat)format, """[{"type":"text","text":"x"}]""", out _).Should().Equal(MessageContent.Damaged);
    }

    [Theory]
    [InlineData("")]
    [InlineData("secret")]
    [InlineData("\"secret\"")]
    [InlineData("""{"type":"secret"}""")]
    [InlineData("""["secret"]""")]
    [InlineData("""[{"secret":"x"}]""")]
    [InlineData("""[{"type":7,"text":"secret"}]""")]
    [InlineData("""[{"type":null,"text":"secret"}]""")]
    [InlineData("""[{"type":"text"}]""")]
    [InlineData("""[{"type":"text","text":null,"x":"secret"}]""")]
    [InlineData("""[{"type":"text","text":"secret"}""")]
    [InlineData("""[{"type":"text","text":"secret\ud800"}]""")]
    [InlineData("""[{"type":"tool_call","id":"secret"}]""")]
    [InlineData("""[{"type":"tool_result","id":"a","content":"b","is_error":"secret"}]""")]
    public void Read_of_damaged_text_is_an_error_without_the_content(string text)
    {
        var parts = MessageContent.Read(ContentFormat.Json, text, out var metadata);

        var error = parts.Should().ContainSingle().Which.Should().BeOfType<ErrorPart>().Which;
        error.Code.Should().Be(ConversationErrorCodes.StoreCorrupt);
        error.Message.Should().NotContain("secret");
        metadata.Should().BeNull();
    }
}

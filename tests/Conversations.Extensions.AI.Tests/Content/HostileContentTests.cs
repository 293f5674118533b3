using System.Text.Json;
using System.Text.Json.Nodes;
using Conversations.Storage;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Content;

/// <summary>What cannot be written loses no turn, and what cannot be read spoils nothing around it.</summary>
public sealed class HostileContentTests
{
    private const string Secret = "tangerine";

    public static TheoryData<string> Unwritable => new("stream", "delegate", "cycle", "list in itself", "properties in themselves", "content in itself", "two ways round", "cycle behind contents", "dictionaries without end", "throwing", "undefined", "object", "too deep");

    [Theory]
    [MemberData(nameof(Unwritable))]
    public async Task Property_that_cannot_be_written_is_marked_and_affects_no_other(string kind)
    {
        AIContent[] contents =
        [
            new TextContent("t") { AdditionalProperties = new() { ["a"] = "b", ["bad"] = Value(kind), ["c"] = "d" } },
            new UriContent("https://example.com", "text/html") { AdditionalProperties = new() { ["a"] = "b", ["bad"] = Value(kind), ["c"] = "d" } },
            new McpServerToolCallContent("c", "look", "s") { Arguments = new Dictionary<string, object?> { ["a"] = "b", ["bad"] = Value(kind) }, AdditionalProperties = new() { ["a"] = "b", ["c"] = "d" } },
        ];

        var read = await RoundTrip.ThroughFileAsync(contents);

        read.Select(content => content.GetType()).Should().Equal(contents.Select(content => content.GetType()));
        read.Should().OnlyContain(content => Equals(content.AdditionalProperties!["a"], "b") && Equals(content.AdditionalProperties["c"], "d"));
    }

    [Fact]
    public async Task Mark_of_a_value_that_cannot_be_written_is_the_name_of_its_type()
    {
        var read = (await RoundTrip.ThroughFileAsync(new TextContent("t") { AdditionalProperties = new() { ["bad"] = new MemoryStream() } })).Single();

        read.AdditionalProperties!["bad"].Should().BeOfType<JsonElement>().Which.GetRawText().Should().Be("""{"$lost":"System.IO.MemoryStream"}""");
    }

    [Theory]
    [MemberData(nameof(Unwritable))]
    public async Task Arguments_and_results_that_cannot_be_written_are_marked(string kind)
    {
        var read = await RoundTrip.ThroughFileAsync(
            new FunctionCallContent("c", "look", new Dictionary<string, object?> { ["a"] = "b", ["bad"] = Value(kind) }),
            new FunctionResultContent("c", Value(kind)),
            new TextContent("after"));

        ((FunctionCallContent)read[0]).Arguments!["a"].Should().BeOfType<JsonElement>().Which.GetString().Should().Be("b");
        read[1].Should().BeOfType<FunctionResultContent>();
        read[2].Should().BeOfType<TextContent>();
    }

    [Fact]
    public async Task Escaped_lone_surrogates_are_repaired_everywhere()
    {
        const string Broken = """{"\uD83D":"a\ud83db\ude00","pair":"\ud83d\ude00","backslash":"\\ud83d"}""";
        var json = JsonElement.Parse(Broken);

        var written = await RoundTrip.ThroughFileAsync(
            new FunctionCallContent("c", "look", new Dictionary<string, object?> { ["a"] = json }),
            new FunctionResultContent("c", json),
            new TextContent("t") { AdditionalProperties = new() { ["a"] = json } },
            new ErrorContent("e") { AdditionalProperties = new() { ["a"] = json } });
        var stored = await RoundTrip.StoredAsync([new ConversationMessage(
            MessageRole.Assistant,
            new ToolCallPart("c", "look", Broken),
            RawPart.OfAdapter("""{"type":"ai_content","content":{"$type":"error","message":"m","additionalProperties":""" + Broken + "}}"),
            new TextPart("t") { Metadata = """{"\ud83d":1,"$ai":{"additionalProperties":""" + Broken + "}}" })]);

        var values = new[] { ((FunctionCallContent)written[0]).Arguments!["a"], ((FunctionResultContent)written[1]).Result, written[2].AdditionalProperties!["a"], written[3].AdditionalProperties!["a"] };
        values.Cast<JsonElement>().Should().OnlyContain(value => IsRepaired(value));
        var read = stored.Single().ToChatMessage();
        IsRepaired(JsonSerializer.SerializeToElement(((FunctionCallContent)read.Contents[0]).Arguments)).Should().BeTrue();
        IsRepaired(JsonSerializer.SerializeToElement(read.Contents[1].AdditionalProperties)).Should().BeTrue();
        IsRepaired(JsonSerializer.SerializeToElement(read.Contents[2].AdditionalProperties)).Should().BeTrue();
        read.ToConversationMessage().Parts.Select(part => part.GetType()).Should().Equal(stored.Single().Parts.Select(part => part.GetType()));
    }

    [Fact]
    public async Task Numbers_that_JSON_lacks_are_written_as_their_names()
    {
        var read = (await RoundTrip.ThroughFileAsync(new FunctionResultContent("c", new[] { double.NaN, double.PositiveInfinity, 1 }))).Single();

        ((FunctionResultContent)read).Result.Should().BeOfType<JsonElement>().Which.GetRawText().Should().Be("""["NaN","Infinity",1]""");
    }

    [Fact]
    public async Task Content_that_cannot_be_written_keeps_its_place_and_its_common_properties()
    {
        var read = await RoundTrip.ThroughFileAsync(
            new TextContent("before"),
            new BrokenContent { AdditionalProperties = new() { ["a"] = "b" }, Annotations = [new CitationAnnotation { Title = "t" }] },
            new McpServerToolResultContent("c") { Outputs = [new BrokenContent(), new TextContent("inner")] });

        var broken = read[1].Should().BeOfType<UnknownContent>().Subject;
        (broken.TypeName, broken.IsDamaged, broken.AdditionalProperties!["a"]).Should().Be((typeof(BrokenContent).FullName, true, "b"));
        broken.Annotations!.Single().Should().BeOfType<CitationAnnotation>();
        ((McpServerToolResultContent)read[2]).Outputs!.Select(output => output.GetType()).Should().Equal(typeof(UnknownContent), typeof(TextContent));
    }

    [Fact]
    public async Task Content_that_contains_itself_is_written_once()
    {
        var loop = new McpServerToolResultContent("c");
        loop.Outputs = [loop, loop, new TextContent("inner")];

        var read = (await RoundTrip.ThroughFileAsync(loop)).Single();

        ((McpServerToolResultContent)read).Outputs!.Select(output => output.GetType()).Should().Equal(typeof(UnknownContent), typeof(UnknownContent), typeof(TextContent));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(400)]
    public async Task Deep_JSON_comes_back(int depth)
    {
        var deep = JsonElement.Parse(new string('[', depth) + new string(']', depth), new JsonDocumentOptions { MaxDepth = depth });

        var read = await RoundTrip.ThroughFileAsync(
            new FunctionResultContent("c", deep),
            new FunctionCallContent("c", "look", new Dictionary<string, object?> { ["deep"] = deep }),
            new ErrorContent("e") { AdditionalProperties = new() { ["deep"] = deep } },
            new TextContent("t") { AdditionalProperties = new() { ["deep"] = deep } });

        ((FunctionResultContent)read[0]).Result.Should().BeOfType<JsonElement>().Which.GetRawText().Should().HaveLength(2 * depth);
        ((FunctionCallContent)read[1]).Arguments!["deep"].Should().BeOfType<JsonElement>().Which.GetRawText().Should().HaveLength(2 * depth);
        read[2].AdditionalProperties!["deep"].Should().BeOfType<JsonElement>().Which.GetRawText().Should().HaveLength(2 * depth);
        read[3].AdditionalProperties!["deep"].Should().BeOfType<JsonElement>().Which.GetRawText().Should().HaveLength(2 * depth);
    }

    [Fact]
    public async Task Nested_contents_come_back_up_to_the_depth_limit_of_a_part()
    {
        AIContent nested = new TextContent("innermost");
        for (var level = 0; level < 200; level++)
            nested = new McpServerToolResultContent("c") { Outputs = [nested] };

        var read = (await RoundTrip.ThroughFileAsync(nested)).Single();

        while (read is McpServerToolResultContent result)
            read = result.Outputs!.Single();
        read.Should().BeOfType<TextContent>().Which.Text.Should().Be("innermost");
    }

    [Fact]
    public async Task Nested_contents_are_marked_beyond_the_depth_limit_of_a_part()
    {
        AIContent nested = new TextContent("innermost");
        for (var level = 0; level < 400; level++)
            nested = new McpServerToolResultContent("c") { Outputs = [nested] };

        var read = await RoundTrip.ThroughFileAsync(nested, new TextContent("after"), new TextContent("t") { AdditionalProperties = new() { ["deep"] = nested } });

        read[0].Should().Match<AIContent>(content => content is UnknownContent || content is McpServerToolResultContent);
        read[1].Should().BeOfType<TextContent>().Which.Text.Should().Be("after");
        read[2].Should().BeOfType<TextContent>().Which.Text.Should().Be("t");
    }

    [Fact]
    public void Nested_contents_do_not_overflow_a_small_stack()
    {
        AIContent nested = new TextContent("innermost");
        for (var level = 0; level < 200; level++)
            nested = new McpServerToolResultContent("c") { Outputs = [nested] };
        var message = new ChatMessage(ChatRole.Assistant, [nested, new TextContent("after") { AdditionalProperties = new() { ["deep"] = Value("dictionaries without end"), ["cycle"] = Value("cycle behind contents") } }]);
        var stored = message.ToConversationMessage();
        string? read = null;
        string? written = null;

        var thread = new Thread(
            () =>
            {
                read = stored.ToChatMessage().Text;
                written = message.ToConversationMessage().Text;
            },
            maxStackSize: 256 * 1024);
        thread.Start();
        thread.Join();

        (read, written).Should().Be(("after", "after"));
    }

    [Theory]
    [InlineData("""{"type":"ai_content","content":{"$type":"data","uri":"data:image/png;base64,@@tangerine"}}""", "data")]
    [InlineData("""{"type":"ai_content","content":{"$type":"uri","uri":7}}""", "uri")]
    [InlineData("""{"type":"ai_content","content":{"$type":"functionResult","result":"tangerine"}}""", "functionResult")]
    [InlineData("""{"type":"ai_content","content":{"$type":"usage","details":"tangerine"}}""", "usage")]
    [InlineData("""{"type":"ai_content","content":{"$type":"error","message":"tangerine","annotations":3}}""", "error")]
    [InlineData("""{"type":"ai_content","content":{"$type":"inputRequest","requestId":"tangerine"}}""", "inputRequest")]
    [InlineData("""{"type":"ai_content","content":"tangerine"}""", "ai_content")]
    public async Task Content_that_cannot_be_read_is_marked_and_kept_to_the_letter(string json, string name)
    {
        var message = new ConversationMessage(MessageRole.Assistant, new TextPart("before"), RawPart.OfAdapter(json), new TextPart("after"));

        var read = (await RoundTrip.StoredAsync([message])).Single().ToChatMessage();

        var damaged = read.Contents[1].Should().BeOfType<UnknownContent>().Subject;
        (damaged.TypeName, damaged.IsDamaged).Should().Be((name, true));
        damaged.ToString().Should().NotContain(Secret);
        read.Text.Should().Be("beforeafter");
        read.ToConversationMessage().Parts.Should().Equal(message.Parts);
    }

    [Theory]
    [InlineData("""{"$ai":7}""")]
    [InlineData("""{"$ai":{"annotations":"x","additionalProperties":[],"$result":{},"$failed":"no","$arguments":1,"informationalOnly":1,"content":[]}}""")]
    [InlineData("""{"$ai":{"annotations":[null,3,{"$type":"citation","url":5},{"$type":7},{"annotatedRegions":3}],"$result":"contents","$failed":true,"$arguments":{},"content":{"$type":"functionCall"}}}""")]
    [InlineData("""{"$ai":{"authorName":{},"role":"","empty":true,"$result":"content"}}""")]
    public async Task Damaged_metadata_affects_no_message(string metadata)
    {
        var message = new ConversationMessage(
            MessageRole.Assistant,
            new TextPart("t") { Metadata = metadata },
            new ReasoningPart("r") { Metadata = metadata },
            new ToolCallPart("c", "look", "{}") { Metadata = metadata },
            new ToolResultPart("c", "not JSON") { Metadata = metadata })
        { Metadata = metadata };

        var read = (await RoundTrip.StoredAsync([message])).Single().ToChatMessage();

        read.Contents.Select(content => content.GetType()).Should().Equal(typeof(TextContent), typeof(TextReasoningContent), typeof(FunctionCallContent), typeof(FunctionResultContent));
        read.Text.Should().Be("t");
    }

    [Fact]
    public async Task Damaged_row_affects_no_other()
    {
        var read = await RoundTrip.ThroughFileAsync(
            [new ChatMessage(ChatRole.User, "one"), new ChatMessage(ChatRole.Assistant, [new ErrorContent("two")]), new ChatMessage(ChatRole.User, "three")],
            options: null,
            "UPDATE messages SET content = substr(content, 1, length(content) - 5) WHERE format = 1");

        read.Select(message => message.Text).Should().Equal("one", "", "three");
        read[1].Contents.Single().Should().BeOfType<ErrorContent>().Which.ErrorCode.Should().Be(ConversationErrorCodes.StoreCorrupt);
    }

    [Fact]
    public async Task Type_names_are_found_anywhere_in_their_objects()
    {
        var sent = ContentSamples.Contents();
        var parts = new ChatMessage(ChatRole.Assistant, [.. sent]).ToConversationMessage().Parts.Select(part => part is RawPart raw ? RawPart.OfAdapter(Reversed(JsonNode.Parse(raw.Json))!.ToJsonString()) : part);

        var read = (await RoundTrip.StoredAsync([new ConversationMessage(MessageRole.Assistant, parts)])).Single().ToChatMessage();

        Differences.Between(sent, read.Contents).Should().BeEmpty();
    }

    [Fact]
    public void Rows_with_reordered_properties_are_read()
    {
        var sent = new UriContent("https://example.com", "text/html") { AdditionalProperties = new() { ["a"] = "b" } };
        var (format, text) = MessageContent.Write(new ChatMessage(ChatRole.User, [sent]).ToConversationMessage());

        var parts = MessageContent.Read(format, Reversed(JsonNode.Parse(text))!.ToJsonString(), out _);

        Differences.Between(sent, new ConversationMessage(MessageRole.User, parts).ToChatMessage().Contents.Single()).Should().BeEmpty();
    }

    private static bool IsRepaired(JsonElement json) =>
        json.GetProperty("\ufffd").GetString() == "a\ufffdb\ufffd" && json.GetProperty("pair").GetString() == "😀" && json.GetProperty("backslash").GetString() == "\\ud83d";

    private static JsonNode? Reversed(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields.Reverse().Select(field => KeyValuePair.Create(field.Key, Reversed(field.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Reversed)]),
        _ => node?.DeepClone(),
    };

    private static object Value(string kind)
    {
        var dictionary = new Dictionary<string, object?>();
        var properties = new AdditionalPropertiesDictionary();
        var list = new List<object?>();
        var content = new TextContent(Secret);
        switch (kind)
        {
            case "stream":
                return new MemoryStream();
            case "delegate":
                return () => Secret;
            case "cycle":
                dictionary["self"] = dictionary;
                return dictionary;
            case "list in itself":
                list.Add(list);
                return list;
            case "properties in themselves":
                properties["self"] = properties;
                properties["again"] = properties;
                return properties;
            case "content in itself":
                content.AdditionalProperties = new() { ["self"] = content, ["again"] = content };
                return content;
            case "two ways round":
                dictionary["one"] = list;
                dictionary["two"] = list;
                list.AddRange([dictionary, dictionary]);
                return dictionary;
            case "cycle behind contents":
                dictionary["self"] = dictionary;
                content.AdditionalProperties = new() { ["cycle"] = dictionary };
                for (var level = 0; level < 40; level++)
                    content = new TextContent(Secret) { AdditionalProperties = new() { ["next"] = content } };
                return content;
            case "dictionaries without end":
                for (var level = 0; level < 5_000; level++)
                    dictionary = new Dictionary<string, object?> { ["next"] = dictionary };
                return dictionary;
            case "throwing":
                return new BrokenContent();
            case "undefined":
                return default(JsonElement);
            case "object":
                return new object();
            default:
                return JsonElement.Parse(new string('[', 490) + new string(']', 490), new JsonDocumentOptions { MaxDepth = 500 });
        }
    }
}

using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Content;

/// <summary>Content of types that the abstractions don't have: registered, not registered, registered later, of a newer version, of the host's own parts.</summary>
public sealed class UnknownContentTests
{
    private static readonly JsonSerializerOptions Registered = HostTypes.Registered();

    [Fact]
    public async Task Content_of_a_registered_type_comes_back_as_it()
    {
        var read = (await RoundTrip.ThroughFileAsync([Message(Map())], Registered)).Single().Contents.Single();

        read.Should().BeOfType<MapContent>().Which.Should().BeEquivalentTo(Map(), options => options.Excluding(map => map.Layers).Excluding(map => map.AdditionalProperties));
        Differences.Between(Map().Layers, ((MapContent)read).Layers).Should().BeEmpty();
        Differences.Between(Map().AdditionalProperties, read.AdditionalProperties).Should().BeEmpty();
    }

    [Fact]
    public async Task Content_of_an_unregistered_type_comes_back_as_unknown()
    {
        var read = (await RoundTrip.ThroughFileAsync(Map())).Single();

        var unknown = read.Should().BeOfType<UnknownContent>().Subject;
        unknown.TypeName.Should().Be(typeof(MapContent).FullName);
        unknown.IsDamaged.Should().BeFalse();
        unknown.Json.Should().Contain("\"place\":\"Bled\"").And.Contain("\"coordinates\":[46.36,14.09]");
        Differences.Between(Map().AdditionalProperties, unknown.AdditionalProperties).Should().BeEmpty();
    }

    [Fact]
    public async Task Content_of_a_type_that_is_registered_later_comes_back_as_it()
    {
        var first = await RoundTrip.ThroughFileAsync([Message(Map())]);

        var second = await RoundTrip.ThroughFileAsync(first);
        var third = await RoundTrip.ThroughFileAsync(second, Registered);

        var map = third.Single().Contents.Single().Should().BeOfType<MapContent>().Subject;
        map.Place.Should().Be("Bled");
        map.Coordinates.Should().Equal(46.36, 14.09);
        Differences.Between(Map().AdditionalProperties, map.AdditionalProperties).Should().BeEmpty();
    }

    [Fact]
    public async Task Content_of_a_type_that_is_no_longer_registered_is_kept_to_the_letter()
    {
        var first = Message(Map()).ToConversationMessage(Registered);

        var second = (await RoundTrip.StoredAsync([first])).Single().ToChatMessage().ToConversationMessage();

        second.Parts.Should().Equal(first.Parts);
        second.ToChatMessage().Contents.Single().Should().BeOfType<UnknownContent>().Which.TypeName.Should().Be("map");
        second.ToChatMessage(Registered).Contents.Single().Should().BeOfType<MapContent>();
    }

    [Fact]
    public async Task Content_of_a_newer_version_is_kept_to_the_letter()
    {
        var newer = RawPart.OfAdapter("""{"type":"ai_content","content":{"a":1.50, "$type":"hologram","annotations":[{"$type":"hunch","b":2e+1}],"additionalProperties":{"k":"v"}}}""");

        var read = (await RoundTrip.StoredAsync([new ConversationMessage(MessageRole.Assistant, newer)])).Single().ToChatMessage();

        var unknown = read.Contents.Single().Should().BeOfType<UnknownContent>().Subject;
        (unknown.TypeName, unknown.IsDamaged, unknown.AdditionalProperties!["k"]).Should().Be(("hologram", false, "v"));
        read.ToConversationMessage().Parts.Should().Equal(newer);
    }

    [Theory]
    [InlineData("""{"type":"image_url","url":"https://example.com/a.png", "n":1.0}""")]
    [InlineData("""{"type":"ai_content"}""")]
    [InlineData("""{"content":{"$type":"text"} ,"type":"mine"}""")]
    public async Task Parts_of_the_host_come_back_to_the_letter(string json)
    {
        var part = RawPart.OfAdapter(json);

        var read = (await RoundTrip.StoredAsync([new ConversationMessage(MessageRole.User, part)])).Single().ToChatMessage();

        read.Contents.Single().Should().BeOfType<UnknownContent>().Which.Should().Match<UnknownContent>(unknown => unknown.Json == json && unknown.TypeName == part.Type);
        read.ToConversationMessage().Parts.Should().Equal(part);
    }

    [Fact]
    public async Task Unknown_content_within_others_comes_back_within_them()
    {
        var read = await RoundTrip.ThroughFileAsync(new McpServerToolResultContent("c") { Outputs = [new TextContent("before"), Map(), new TextContent("after")] });

        var outputs = read.Single().Should().BeOfType<McpServerToolResultContent>().Subject.Outputs!;
        outputs.Select(output => output.GetType()).Should().Equal(typeof(TextContent), typeof(UnknownContent), typeof(TextContent));
    }

    [Fact]
    public async Task Unknown_content_within_others_comes_back_once_it_is_registered()
    {
        var first = await RoundTrip.ThroughFileAsync([Message(new McpServerToolResultContent("c") { Outputs = [Map()] })]);

        var second = await RoundTrip.ThroughFileAsync(first, Registered);

        ((McpServerToolResultContent)second.Single().Contents.Single()).Outputs!.Single().Should().BeOfType<MapContent>();
    }

    [Fact]
    public async Task Calls_of_the_hosts_type_are_calls_and_come_back_as_their_type()
    {
        var call = new PricedCallContent("c", "buy", new Dictionary<string, object?> { ["n"] = 1 }) { Price = 7 };
        var result = new PricedResultContent("c", "bought") { Price = 7 };

        var stored = Message(call, result).ToConversationMessage();
        var unregistered = (await RoundTrip.StoredAsync([stored])).Single().ToChatMessage();
        var registered = (await RoundTrip.ThroughFileAsync([unregistered], Registered)).Single();

        stored.Parts.Select(part => part.GetType()).Should().Equal(typeof(ToolCallPart), typeof(ToolResultPart));
        unregistered.Contents.Select(content => content.GetType()).Should().Equal(typeof(FunctionCallContent), typeof(FunctionResultContent));
        unregistered.ToConversationMessage().Parts.Should().Equal(stored.Parts);
        registered.Contents[0].Should().BeOfType<PricedCallContent>().Which.Price.Should().Be(7);
        registered.Contents[1].Should().BeOfType<PricedResultContent>().Which.Should().Match<PricedResultContent>(back => back.Price == 7 && Equals(back.Result, "bought"));
    }

    [Fact]
    public async Task Results_that_a_converter_of_the_host_writes_come_back_as_it_reads_them()
    {
        var read = await RoundTrip.ThroughFileAsync([Message(new McpServerToolResultContent("m") { Outputs = [new ShapedResultContent("c", "bought")] })], Registered);

        ((McpServerToolResultContent)read.Single().Contents.Single()).Outputs!.Single().Should().BeOfType<ShapedResultContent>().Which.Result.Should().Be("bought");
    }

    [Fact]
    public async Task Requests_of_the_hosts_type_come_back()
    {
        var read = (await RoundTrip.ThroughFileAsync([Message(new QuestionContent("q") { Question = "Sure?" })], Registered)).Single().Contents.Single();

        read.Should().BeOfType<QuestionContent>().Which.Should().Match<QuestionContent>(back => back.RequestId == "q" && back.Question == "Sure?");
    }

    [Fact]
    public async Task Content_that_is_no_JSON_object_comes_back()
    {
        var registered = (await RoundTrip.ThroughFileAsync([Message(new StampContent("s"))], Registered)).Single().Contents.Single();
        var unregistered = (await RoundTrip.ThroughFileAsync(new StampContent("s"))).Single();

        registered.Should().BeOfType<StampContent>().Which.Stamp.Should().Be("s");
        unregistered.Should().BeOfType<UnknownContent>().Which.Json.Should().Be("""{"$class":"Conversations.Extensions.AI.Tests.Content.StampContent","$value":"s"}""");
    }

    [Fact]
    public async Task Annotations_and_regions_of_unknown_types_are_kept()
    {
        var text = new TextContent("t")
        {
            Annotations = [new MoodAnnotation { Mood = "gay", AnnotatedRegions = [new TextSpanAnnotatedRegion { StartIndex = 1 }, new BoxRegion { Width = 3 }], AdditionalProperties = new() { ["k"] = "v" } }],
        };
        var stored = Message(text).ToConversationMessage();

        var read = (await RoundTrip.StoredAsync([stored])).Single().ToChatMessage();

        var annotation = read.Contents.Single().Annotations!.Single();
        annotation.AdditionalProperties!["k"].Should().Be("v");
        annotation.AnnotatedRegions![0].Should().BeOfType<TextSpanAnnotatedRegion>().Which.StartIndex.Should().Be(1);
        stored.Parts.Single().Metadata.Should().Contain("\"mood\":\"gay\"").And.Contain("\"width\":3");
        read.ToConversationMessage().Parts.Should().Equal(stored.Parts);
    }

    [Fact]
    public void Settings_of_the_host_that_are_not_about_its_types_change_nothing()
    {
        var options = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseUpper, WriteIndented = true, MaxDepth = 3 };

        var parts = Message([.. ContentSamples.Contents()]).ToConversationMessage(options).Parts;

        parts.Should().Equal(Message([.. ContentSamples.Contents()]).ToConversationMessage().Parts);
    }

    [Fact]
    public void Options_without_contracts_are_accepted()
    {
        var message = Message(new UriContent("https://example.com", "text/html")).ToConversationMessage(new JsonSerializerOptions());

        message.ToChatMessage().Contents.Single().Should().BeOfType<UriContent>();
    }

    private static MapContent Map() => new("Bled")
    {
        Coordinates = [46.36, 14.09],
        Layers = [new TextContent("roads")],
        AdditionalProperties = ContentSamples.Properties(),
    };

    private static ChatMessage Message(params AIContent[] contents) => new(ChatRole.Assistant, [.. contents]);
}

using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Content;

/// <summary>At least one of every content, annotation and region, each with every property set.</summary>
internal static class ContentSamples
{
    /// <summary>All contents.</summary>
    public static IReadOnlyList<AIContent> Contents() =>
    [
        Common(new AIContent()),
        Common(new TextContent("It rains in Ljubljana.\0\r\n😀 \" \\ ")),
        Common(new TextReasoningContent("I look at the sky.") { ProtectedData = "c2ln/+==" }),
        Common(Call("plain")),
        Common(new FunctionCallContent("call_2", "no_arguments") { Exception = new InvalidOperationException("secret"), InformationalOnly = false }),
        Common(new FunctionResultContent("call_1", "14 degrees")),
        Common(new FunctionResultContent("call_2", Json("""{"a":[1,2.50,null]}""")) { Exception = new TimeoutException("secret") }),
        Common(new DataContent(new byte[] { 0, 1, 254, 255 }, "image/png") { Name = "sky.png" }),
        Common(new UriContent("https://example.com/sky%20one.png?a=b&c=d", "image/*")),
        Common(new ErrorContent("It went wrong.") { ErrorCode = "E42", Details = "All of it." }),
        Common(new HostedFileContent("file_1")
        {
            MediaType = "text/csv",
            Name = "figures.csv",
            SizeInBytes = 5_000_000_000,
            CreatedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)).AddTicks(1234567),
            Purpose = "assistants",
            Scope = "project",
        }),
        Common(new HostedVectorStoreContent("store_1")),
        Common(new UsageContent(Usage())),
        Common(new ToolCallContent("call_3")),
        Common(new ToolResultContent("call_3")),
        Common(new McpServerToolCallContent("call_4", "search", "deepwiki") { Arguments = new Dictionary<string, object?> { ["q"] = "rain", ["n"] = 3, ["none"] = null } }),
        Common(new McpServerToolResultContent("call_4") { Outputs = Nested() }),
        Common(new CodeInterpreterToolCallContent("call_5") { Inputs = Nested() }),
        Common(new CodeInterpreterToolResultContent("call_5") { Outputs = Nested() }),
        Common(new ImageGenerationToolCallContent("call_6")),
        Common(new ImageGenerationToolResultContent("call_6") { Outputs = Nested() }),
        Common(new WebSearchToolCallContent("call_7") { Queries = ["rain", ""] }),
        Common(new WebSearchToolResultContent("call_7") { Outputs = Nested() }),
        Common(new ToolApprovalRequestContent("request_1", Common(Call("asked"))) { RequiresConfirmation = true }),
        Common(new ToolApprovalRequestContent("request_2", new McpServerToolCallContent("call_8", "write", "files")) { RequiresConfirmation = false }),
        Common(new ToolApprovalResponseContent("request_1", approved: true, Call("asked")) { Reason = "I saw it." }),
        Common(new ToolApprovalResponseContent("request_2", approved: false, new ToolCallContent("call_8")) { Reason = "Not mine." }),
    ];

    public static IReadOnlyList<AIAnnotation> Annotations() =>
    [
        new AIAnnotation { AnnotatedRegions = [new AnnotatedRegion()], AdditionalProperties = Properties() },
        new CitationAnnotation
        {
            Title = "Weather",
            Url = new Uri("https://example.com/a%20b?ü"),
            FileId = "file_2",
            ToolName = "search",
            Snippet = "It rains.",
            AnnotatedRegions = [.. Regions()],
            AdditionalProperties = Properties(),
        },
    ];

    public static IReadOnlyList<AnnotatedRegion> Regions() => [new AnnotatedRegion(), new TextSpanAnnotatedRegion { StartIndex = 3, EndIndex = 8 }];

    /// <summary>All kinds of JSON.</summary>
    public static AdditionalPropertiesDictionary Properties() => new()
    {
        ["text"] = "a \"b\" \\ \n",
        ["empty"] = "",
        ["true"] = true,
        ["false"] = false,
        ["null"] = null,
        ["whole"] = 42,
        ["large"] = long.MaxValue,
        ["fraction"] = 0.1,
        ["decimal"] = 12345678901234567890.123456789m,
        ["letter"] = Json("1.50e+3"),
        ["list"] = Json("[1,[],{},\"x\",null]"),
        ["object"] = Json("""{"b":{"c":[true]},"a":"","$type":"text"}"""),
        ["dictionary"] = new Dictionary<string, object?> { ["x"] = "y" },
        ["array"] = new[] { "p", "q" },
        [""] = "no name",
    };

    public static JsonElement Json(string json) => JsonElement.Parse(json);

    public static UsageDetails Usage() => new()
    {
        InputTokenCount = 1,
        OutputTokenCount = 2,
        TotalTokenCount = 3,
        CachedInputTokenCount = 4,
        ReasoningTokenCount = 5,
        InputAudioTokenCount = 6,
        InputTextTokenCount = 7,
        OutputAudioTokenCount = 8,
        OutputTextTokenCount = 9,
        AdditionalCounts = new() { ["pages"] = 10 },
    };

    private static FunctionCallContent Call(string name) => new("call_1", name, new Dictionary<string, object?> { ["city"] = "Ljubljana", ["days"] = 3, ["none"] = null, ["deep"] = Json("""{"x":[1.0]}""") })
    {
        InformationalOnly = true,
        Exception = new FormatException("secret"),
    };

    private static List<AIContent> Nested() =>
    [
        new TextContent("nested") { Annotations = [.. Annotations()] },
        new DataContent(new byte[] { 9, 8 }, "audio/wav"),
        new FunctionCallContent("call_9", "inner", new Dictionary<string, object?>()) { Exception = new FormatException("secret") },
        new FunctionResultContent("call_9", new TextContent("a content")) { Exception = new FormatException("secret") },
        new FunctionResultContent("call_10", new List<AIContent> { new TextContent("one of two"), new UriContent("https://example.com", "text/html") }),
        new FunctionResultContent("call_11", "123"),
        new FunctionResultContent("call_12", 123),
        new FunctionResultContent("call_13", null),
        new FunctionResultContent("call_14", Json("\"text as JSON\"")),
        new McpServerToolResultContent("call_15") { Outputs = [new ErrorContent("deep")] },
    ];

    private static T Common<T>(T content)
        where T : AIContent
    {
        content.Annotations = [.. Annotations()];
        content.AdditionalProperties = Properties();
        return content;
    }
}

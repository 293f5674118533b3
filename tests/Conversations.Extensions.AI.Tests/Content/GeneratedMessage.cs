using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Content;

/// <summary>Messages at random: of any contents, with any properties.</summary>
internal sealed class GeneratedMessage(Random random)
{
    private static readonly ChatRole[] Roles = [ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.Tool, new("developer"), new("critic")];

    private static readonly string[] Texts = ["", " ", "null", "123", "{}", "[1]", "\0", "\r\n\t", "\"", "\\u0041", "😀 ž", "\uffff", "العربية", "$type", "$ai", "<b>&amp;</b>", "{\"$type\":\"text\"}"];

    public ChatMessage Make() => new(Pick(Roles), Many(4, () => Content(3)))
    {
        AuthorName = random.Next(3) == 0 ? Text() : null,
        AdditionalProperties = Properties(),
    };

    private AIContent Content(int depth)
    {
        AIContent content = random.Next(depth > 0 ? 16 : 9) switch
        {
            0 or 1 => new TextContent(Text()),
            // Protected data that is empty is none, and comes back as none.
            2 => new TextReasoningContent(Text()) { ProtectedData = Maybe(Text) is { Length: > 0 } data ? data : null },
            3 => Call(),
            4 => new FunctionResultContent(Text(), Value()) { Exception = Maybe(() => new InvalidOperationException("secret")) },
            5 => new DataContent(Bytes(), "image/png") { Name = Maybe(Text) },
            6 => new UriContent($"https://example.com/{Uri.EscapeDataString(Text())}", "text/html"),
            7 => new ErrorContent(Text()) { ErrorCode = Maybe(Text), Details = Maybe(Text) },
            8 => new UsageContent(new UsageDetails { InputTokenCount = random.NextInt64(), OutputAudioTokenCount = random.Next(2) == 0 ? null : 3 }),
            9 => new McpServerToolResultContent(NonEmpty()) { Outputs = random.Next(4) == 0 ? null : Many(3, () => Content(depth - 1)) },
            10 => new McpServerToolCallContent(NonEmpty(), NonEmpty(), Maybe(Text)) { Arguments = Maybe(Arguments) },
            11 => new CodeInterpreterToolCallContent(Text()) { Inputs = Many(3, () => Content(depth - 1)) },
            12 => new WebSearchToolCallContent(Text()) { Queries = Many(3, Text) },
            13 => new ToolApprovalRequestContent(NonEmpty(), Call()) { RequiresConfirmation = random.Next(2) == 0 },
            14 => new ToolApprovalResponseContent(NonEmpty(), random.Next(2) == 0, Call()) { Reason = Maybe(Text) },
            _ => new FunctionResultContent(Text(), random.Next(2) == 0 ? Content(depth - 1) : Many(3, () => Content(depth - 1))),
        };
        content.AdditionalProperties = Properties();
        content.Annotations = random.Next(5) == 0 ? Many(3, Annotation) : null;
        return content;
    }

    private FunctionCallContent Call() => new(Text(), Text(), Maybe(Arguments))
    {
        InformationalOnly = random.Next(3) == 0,
        Exception = Maybe(() => new InvalidOperationException("secret")),
    };

    private AIAnnotation Annotation()
    {
        var annotation = random.Next(3) == 0 ? new AIAnnotation() : new CitationAnnotation { Title = Maybe(Text), Snippet = Maybe(Text), Url = Maybe(() => new Uri("https://example.com/" + random.Next())) };
        annotation.AdditionalProperties = Properties();
        annotation.AnnotatedRegions = random.Next(2) == 0 ? null : Many(3, () => random.Next(3) == 0 ? new AnnotatedRegion() : new TextSpanAnnotatedRegion { StartIndex = random.Next(), EndIndex = random.Next(2) == 0 ? null : -1 });
        return annotation;
    }

    private AdditionalPropertiesDictionary? Properties()
    {
        if (random.Next(3) > 0)
            return null;

        var properties = new AdditionalPropertiesDictionary { ["always"] = Text() };
        foreach (var name in Many(4, Text))
            properties[name] = Value();
        return properties;
    }

    private Dictionary<string, object?> Arguments()
    {
        var arguments = new Dictionary<string, object?>();
        foreach (var name in Many(4, Text))
            arguments[name] = Value();
        return arguments;
    }

    private object? Value() => random.Next(8) switch
    {
        0 => null,
        1 or 2 => Text(),
        3 => random.Next(2) == 0,
        4 => random.NextInt64(),
        5 => random.NextDouble(),
        6 => new Dictionary<string, object?> { [Text()] = Text() },
        _ => JsonElement.Parse(Json(4)),
    };

    private string Json(int depth) => random.Next(depth > 0 ? 7 : 5) switch
    {
        0 => "null",
        1 => "true",
        2 => random.NextDouble().ToString("E5", CultureInfo.InvariantCulture),
        3 => random.Next(-5, 5).ToString(CultureInfo.InvariantCulture),
        4 => JsonSerializer.Serialize(Text()),
        5 => $"[{string.Join(", ", Many(4, () => Json(depth - 1)))}]",
        _ => $"{{{string.Join(",", Many(4, Text).Distinct().Select(name => $"{JsonSerializer.Serialize(name)} : {Json(depth - 1)}"))}}}",
    };

    private byte[] Bytes()
    {
        var bytes = new byte[random.Next(40)];
        random.NextBytes(bytes);
        return bytes;
    }

    private string NonEmpty() => "r" + Text();

    private string Text()
    {
        if (random.Next(2) == 0)
            return Pick(Texts);

        var text = new StringBuilder();
        for (var length = random.Next(12); length > 0; length--)
        {
            var value = random.Next(4) switch { 0 => random.Next(0x80), 1 => random.Next(0xD800), 2 => random.Next(0xE000, 0x110000), _ => random.Next(0x20, 0x7F) };
            text.Append(new Rune(value));
        }

        return text.ToString();
    }

    private T? Maybe<T>(Func<T> make)
        where T : class => random.Next(2) == 0 ? make() : null;

    private List<T> Many<T>(int most, Func<T> make) => [.. Enumerable.Range(0, random.Next(most + 1)).Select(_ => make())];

    private T Pick<T>(IReadOnlyList<T> all) => all[random.Next(all.Count)];
}

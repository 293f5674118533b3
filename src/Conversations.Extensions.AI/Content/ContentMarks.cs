using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The properties that this package adds to the JSON of a content. They are stored in databases and never change.</summary>
/// <remarks>The marks of a call or result that is a part are in the metadata of the part, except those that the part states itself.</remarks>
internal static class ContentMarks
{
    /// <summary>The registered name of the type, as System.Text.Json writes it.</summary>
    public const string Type = "$type";

    /// <summary>The full name of a .NET type that is not registered.</summary>
    public const string Class = "$class";

    /// <summary>The value, if it is not a JSON object.</summary>
    public const string Value = "$value";

    /// <summary>The name of the .NET type of a value that could not be written.</summary>
    public const string Lost = "$lost";

    // A call or result that had an exception.
    private const string Failed = "$failed";

    // The text of a call's arguments that could not be read.
    private const string Arguments = "$arguments";

    // The kind of a function's result whose JSON does not identify its type. A string has none.
    private const string Result = "$result";
    private const string Null = "null";
    private const string Json = "json";
    private const string Content = "content";
    private const string Contents = "contents";

    // As System.Text.Json writes it.
    private const string InformationalOnly = "informationalOnly";

    /// <summary>Writes the marks of a call or result. Other values have none.</summary>
    public static void Write(Utf8JsonWriter json, object value, bool isPart = false)
    {
        if (value is FunctionResultContent result)
        {
            if (result.Exception is not null && !isPart)
                json.WriteBoolean(Failed, value: true);
            if (KindOf(result.Result) is { } kind)
                json.WriteString(Result, kind);
        }
        else if (value is FunctionCallContent call)
        {
            var unreadable = (call.Exception as FunctionFailedException)?.Arguments;
            if (call.Exception is not null && (unreadable is null || !isPart))
                json.WriteBoolean(Failed, value: true);
            if (unreadable is not null && !isPart)
                json.WriteString(Arguments, unreadable);
            if (call.InformationalOnly && isPart)
                json.WriteBoolean(InformationalOnly, value: true);
        }
    }

    /// <summary>Reads the marks of a call or result within other JSON.</summary>
    public static void Read(JsonElement element, object value, ContentJson contents)
    {
        if (value is FunctionCallContent call)
        {
            ReadInformational(element, call);
            if (IsTrue(element, Failed))
                call.Exception = FunctionFailedException.OfCall(StringOf(element, Arguments));
        }
        else if (value is FunctionResultContent result)
        {
            if (IsTrue(element, Failed))
                result.Exception = FunctionFailedException.OfResult();

            // A converter of the host can write another shape, and has read it then.
            if (element.TryGetProperty("result", out var written))
                result.Result = ReadResult(element, written, contents);
        }
    }

    /// <summary>Reads the marks of a call that is a part. Its arguments are those of the part.</summary>
    public static void ReadOfPart(JsonElement marks, FunctionCallContent call)
    {
        ReadInformational(marks, call);
        if (IsTrue(marks, Failed))
            call.Exception = FunctionFailedException.OfCall(arguments: null);
    }

    /// <summary>Reads the result of a part: its text, or the JSON of a value. The marks state how the text is read and never what the result is.</summary>
    public static object? ReadResult(JsonElement? marks, string text, ContentJson contents) =>
        marks is { } found && StringOf(found, Result) is not null && StoredJson.TryParse(text, out var written) ? ReadResult(found, written, contents) : text;

    private static object? ReadResult(JsonElement marks, JsonElement written, ContentJson contents) => StringOf(marks, Result) switch
    {
        Null when written.ValueKind == JsonValueKind.Null => null,
        Content => contents.Read(written, typeof(AIContent)),
        Contents when written.ValueKind == JsonValueKind.Array => written.EnumerateArray().Select(content => (AIContent)contents.Read(content, typeof(AIContent))).ToList(),
        null when written.ValueKind == JsonValueKind.String => written.GetString(),
        _ => written,
    };

    private static string? KindOf(object? result) => result switch
    {
        null => Null,
        string => null,
        AIContent => Content,
        IEnumerable<AIContent> => Contents,
        _ => Json,
    };

    private static void ReadInformational(JsonElement marks, FunctionCallContent call) => call.InformationalOnly |= IsTrue(marks, InformationalOnly);

    private static bool IsTrue(JsonElement marks, string name) => marks.TryGetProperty(name, out var mark) && mark.ValueKind == JsonValueKind.True;

    private static string? StringOf(JsonElement marks, string name) => marks.TryGetProperty(name, out var mark) && mark.ValueKind == JsonValueKind.String ? mark.GetString() : null;
}

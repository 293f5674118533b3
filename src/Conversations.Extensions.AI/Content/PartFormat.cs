using System.Text.Json;

namespace Conversations;

/// <summary>How parts of this package are written. All names are part of every database: they never change.</summary>
internal static class PartFormat
{
    /// <summary>The type of the <see cref="RawPart"/> that holds a content.</summary>
    public const string Type = "ai_content";

    /// <summary>The arguments of a call that has none, as opposed to an empty object.</summary>
    public const string NoArguments = "null";

    // In the metadata of calls and results.
    public const string InformationalOnly = "informationalOnly";
    public const string Failed = "failed";
    public const string Result = "result";
    public const string Derived = "content";

    private const string Content = "content";

    /// <summary>The JSON of a part that holds a content.</summary>
    public static string Wrap(string content) => $$"""{"type":"{{Type}}","{{Content}}":{{content}}}""";

    /// <summary>The content in a part of this package; null if there is none.</summary>
    public static JsonElement? Unwrap(RawPart part) =>
        string.Equals(part.Type, Type, StringComparison.Ordinal) && JsonElement.Parse(part.Json, ContentJson.Reading).TryGetProperty(Content, out var content) && content.ValueKind == JsonValueKind.Object
            ? content
            : null;
}

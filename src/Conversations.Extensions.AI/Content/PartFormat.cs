using System.Text.Json;

namespace Conversations;

/// <summary>The format of the parts of this package. All names are stored in databases and never change.</summary>
internal static class PartFormat
{
    /// <summary>The type of the <see cref="RawPart"/> that contains a content.</summary>
    public const string Type = "ai_content";

    /// <summary>The arguments of a call without arguments, as distinct from an empty object.</summary>
    public const string NoArguments = "null";

    // Names in the metadata of calls and results.
    public const string InformationalOnly = "informationalOnly";
    public const string Failed = "failed";
    public const string Result = "result";
    public const string Derived = "content";

    private const string Content = "content";

    /// <summary>Creates the JSON of a part that contains a content.</summary>
    public static string Wrap(string content) => $$"""{"type":"{{Type}}","{{Content}}":{{content}}}""";

    /// <summary>Returns the content in a part of this package; null if there is none.</summary>
    public static JsonElement? Unwrap(RawPart part) =>
        string.Equals(part.Type, Type, StringComparison.Ordinal) && StoredJson.Parse(part.Json).TryGetProperty(Content, out var content) && content.ValueKind == JsonValueKind.Object
            ? content
            : null;
}

using System.Text.Json;

namespace Conversations;

/// <summary>A part of a kind that the library doesn't know, kept as it was written: an image reference, a citation, a part of a newer version.</summary>
public sealed record RawPart : ContentPart
{
    /// <summary>Makes a part from JSON.</summary>
    /// <param name="json">A JSON object with a text property <c>type</c> that is none of the library's own:
    /// <c>text</c>, <c>reasoning</c>, <c>tool_call</c>, <c>tool_result</c>, <c>error</c>. At most 512 levels deep.</param>
    /// <exception cref="ArgumentException"><paramref name="json"/> is no such object.</exception>
    public RawPart(string json)
    {
        Json = WellFormed.Content(json, nameof(json)).Trim(' ', '\t', '\r', '\n');
        Type = TypeOf(Json);
    }

    private RawPart(string json, string type) => (Json, Type) = (json, type);

    /// <summary>The value of the JSON's <c>type</c> property.</summary>
    public string Type { get; }

    /// <summary>The JSON as it was given, to the letter, but for white space around it.</summary>
    public string Json { get; }

    internal override MessageKind Kind => MessageKind.Message;

    /// <summary>A part that was stored when its type was none of the library's own yet.</summary>
    internal static RawPart Stored(string json, string type) => new(json, type);

    private static string TypeOf(string json)
    {
        var type = JsonObjectText.TryRead(json, static root => root.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null);
        if (type is null)
            throw new ArgumentException("It is not a JSON object with a text property 'type'.", nameof(json));

        return PartTypes.IsKnown(type)
            ? throw new ArgumentException("Its type is one of the library's own; use the class for it.", nameof(json))
            : type;
    }
}

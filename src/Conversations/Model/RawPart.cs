using System.Text.Json;
using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>A part of a type that the library does not define, stored unchanged: an image reference, a citation, a part of a newer version.</summary>
/// <remarks>If the JSON has a text property <c>media_type</c>, the part refers to a picture, audio, video or a file, and costs what <see cref="ITokenCounter.CountMedia"/> allows for it. Otherwise its JSON is counted. If only one model can read it (<c>model_bound</c>), its protected data cost nothing, as those of reasoning do: texts of base64 characters alone, 64 and more.</remarks>
[JsonConverter(typeof(MessageJsonConverter))]
public sealed record RawPart : ContentPart
{
    /// <summary>Initializes a part from JSON.</summary>
    /// <param name="json">A JSON object with a text property <c>type</c> that is none of the library's own:
    /// <c>text</c>, <c>reasoning</c>, <c>tool_call</c>, <c>tool_result</c>, <c>data</c>, <c>approval_request</c>, <c>approval_response</c>, <c>error</c>, <c>ai_content</c>. Its maximum depth is 512. If the object has a property <c>model_bound</c> with the value <c>true</c>, prompts contain the part only if the run that wrote it names the model of the turn
    /// (<see cref="ConversationTurn.Model"/>): for what only one model can read, such as the encrypted items of a provider.</param>
    /// <exception cref="ArgumentException"><paramref name="json"/> is not such an object.</exception>
    public RawPart(string json)
    {
        Json = WellFormed.Content(json, nameof(json)).Trim(' ', '\t', '\r', '\n');
        (Type, IsModelBound) = TypeOf(Json);
        if (string.Equals(Type, PartTypes.OfAdapter, StringComparison.Ordinal))
            throw new ArgumentException("The type is reserved for Conversations.Extensions.AI. Convert the content with ToConversationMessage, or call RawPart.OfAdapter for JSON that the package wrote.", nameof(json));
    }

    private RawPart(string json, string type, bool isModelBound) => (Json, Type, IsModelBound) = (json, type, isModelBound);

    /// <summary>Gets the value of the <c>type</c> property of the JSON.</summary>
    public string Type { get; }

    /// <summary>Gets the JSON, unchanged except for leading and trailing white space.</summary>
    public string Json { get; }

    internal override MessageKind Kind => MessageKind.Message;

    /// <summary>Gets whether the JSON has a property <c>model_bound</c> with the value true.</summary>
    internal override bool IsModelBound { get; }

    /// <summary>Creates a part that may also be of the type <c>ai_content</c>, which Conversations.Extensions.AI writes and reads.</summary>
    /// <param name="json">JSON as for the constructor. Never pass JSON of a caller: the package trusts what it reads from such a part.</param>
    /// <returns>The part.</returns>
    /// <exception cref="ArgumentException"><paramref name="json"/> is not such an object.</exception>
    public static RawPart OfAdapter(string json)
    {
        var text = WellFormed.Content(json, nameof(json)).Trim(' ', '\t', '\r', '\n');
        var (type, isModelBound) = TypeOf(text);
        return new RawPart(text, type, isModelBound);
    }

    /// <summary>A part that was stored when its type was none of the library's own yet.</summary>
    internal static RawPart Stored(string json, string type) => new(json, type, isModelBound: false);

    private static (string Type, bool IsModelBound) TypeOf(string json)
    {
        var isModelBound = false;
        var type = JsonObjectText.TryRead(json, root =>
        {
            isModelBound = root.TryGetProperty("model_bound", out var bound) && bound.ValueKind == JsonValueKind.True;
            return root.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null;
        });
        if (type is null)
            throw new ArgumentException("The text is not a JSON object with a text property 'type'.", nameof(json));

        return PartTypes.IsKnown(type)
            ? throw new ArgumentException("The library defines this type. Use the class for it.", nameof(json))
            : (type, isModelBound);
    }
}

using System.Text.Json;

namespace Conversations;

/// <summary>The fields that the metadata of a conversation must have. Equal to another filter of the same text.</summary>
internal sealed class MetadataFilter : IEquatable<MetadataFilter>
{
    private readonly JsonElement _wanted;

    public MetadataFilter(string text)
    {
        Text = text;
        _wanted = JsonObjectText.Parse(text);
    }

    /// <summary>The JSON object.</summary>
    public string Text { get; }

    /// <summary>Whether an object has each field of the filter at its top level, with an equal value. What is no JSON object has no fields.</summary>
    public bool Matches(string? metadata) => JsonObjectText.TryRead(metadata ?? "{}", HasWantedFields) is not null;

    public bool Equals(MetadataFilter? other) => string.Equals(Text, other?.Text, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as MetadataFilter);

    public override int GetHashCode() => string.GetHashCode(Text, StringComparison.Ordinal);

    private string? HasWantedFields(JsonElement actual)
    {
        foreach (var field in _wanted.EnumerateObject())
        {
            if (!actual.TryGetProperty(field.Name, out var value) || !JsonElement.DeepEquals(field.Value, value))
                return null;
        }

        return "";
    }
}

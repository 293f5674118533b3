using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Conversations;

/// <summary>The registered types of one family (contents, annotations or regions), and their names in JSON.</summary>
internal sealed class ContentTypes
{
    private readonly Dictionary<object, Type> _types = [];
    private readonly Dictionary<string, Type> _typesByName = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, object> _names = [];

    /// <summary>Adds the registered derived types of a base type of the family.</summary>
    public void Add(JsonPolymorphismOptions? registered)
    {
        foreach (var derived in registered?.DerivedTypes ?? [])
        {
            if (derived.TypeDiscriminator is { } name)
            {
                _types.TryAdd(name, derived.DerivedType);
                _names.TryAdd(derived.DerivedType, name);
            }

            if (derived.DerivedType.FullName is { } fullName)
                _typesByName.TryAdd(fullName, derived.DerivedType);
        }
    }

    /// <summary>Writes the property that names the type: its registered name, or the name of its class. The root of the family has no name.</summary>
    public void WriteName(Utf8JsonWriter json, Type type, Type root)
    {
        if (type == root)
            return;
        if (!_names.TryGetValue(type, out var name))
            json.WriteString(ContentMarks.Class, type.FullName);
        else if (name is int number)
            json.WriteNumber(ContentMarks.Type, number);
        else
            json.WriteString(ContentMarks.Type, (string)name);
    }

    /// <summary>Reads the property that names the type, at any place in the object.</summary>
    /// <returns>The type, if it is registered, and the name, if there is one.</returns>
    public (Type? Type, string? Name) ReadName(JsonElement element)
    {
        if (element.TryGetProperty(ContentMarks.Type, out var mark))
        {
            object? name = mark.ValueKind switch
            {
                JsonValueKind.String => mark.GetString(),
                JsonValueKind.Number when mark.TryGetInt32(out var number) => number,
                _ => null,
            };
            return (name is null ? null : _types.GetValueOrDefault(name), name as string ?? mark.GetRawText());
        }

        return element.TryGetProperty(ContentMarks.Class, out mark) && mark.ValueKind == JsonValueKind.String
            ? (_typesByName.GetValueOrDefault(mark.GetString()!), mark.GetString())
            : (null, null);
    }
}

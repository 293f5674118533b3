using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Conversations;

/// <summary>Reads a property of an object that is neither a dictionary nor JSON.</summary>
internal delegate (bool IsThere, object? Value) ReadProperty(object record, string name);

/// <summary>Looks into dictionaries, lists and JSON, without reflection.</summary>
internal static class RecordMembers
{
    public static bool IsDictionary([NotNullWhen(true)] object? value) =>
        value is JsonElement { ValueKind: JsonValueKind.Object } or JsonObject or IReadOnlyDictionary<string, object?> or IDictionary<string, object?> or IDictionary;

    public static (bool IsThere, object? Value) Entry(object dictionary, string name) => dictionary switch
    {
        JsonElement json => (json.TryGetProperty(name, out var value), value),
        JsonObject json => (json.TryGetPropertyValue(name, out var value), value),
        IReadOnlyDictionary<string, object?> entries => (entries.TryGetValue(name, out var value), value),
        IDictionary<string, object?> entries => (entries.TryGetValue(name, out var value), value),
        IDictionary entries => entries.Contains(name) ? (true, entries[name]) : default,
        _ => default,
    };

    /// <summary>Whether it is what a dictionary of any kind is a list of.</summary>
    public static bool IsEntry([NotNullWhen(true)] object? value) =>
        value?.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>);

    /// <summary>What is in a wrapper of JSON; anything else as it is.</summary>
    public static object? Unwrap(object? value) => value switch
    {
        JsonDocument document => Unwrap(document.RootElement),
        JsonValue json => json.TryGetValue<string>(out var text) ? text : JsonElement.Parse(json.ToJsonString()),
        JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => null,
        _ => value,
    };

    public static bool IsList([NotNullWhen(true)] object? value) =>
        value is JsonElement { ValueKind: JsonValueKind.Array } || (value is IEnumerable and not string && !IsDictionary(value));

    public static bool TryGetFirst(object list, out object? first)
    {
        var elements = (list is JsonElement json ? json.EnumerateArray() : (IEnumerable)list).GetEnumerator();
        using var end = elements as IDisposable;
        first = null;
        if (!elements.MoveNext())
            return false;

        first = elements.Current;
        return true;
    }
}

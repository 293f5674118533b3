using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;

namespace Conversations.StoreSpecification;

/// <summary>Describes a value by the values of its properties and items, so that two values can be compared and each difference be named.</summary>
internal static class Description
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Properties = new();

    /// <summary>Returns the text of each simple value by its path, such as <c>Conversation.Title</c> or <c>[2].Position</c>.</summary>
    public static SortedDictionary<string, string> Of(object? value)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Add(result, "", value);
        return result;
    }

    private static void Add(SortedDictionary<string, string> result, string path, object? value)
    {
        switch (value)
        {
            case null:
                result[path] = "null";
                break;
            case string text:
                result[path] = $"\"{text}\"";
                break;
            case DateTimeOffset time:
                result[path] = time.ToString("O", CultureInfo.InvariantCulture);
                break;
            case DataPart { IsLoaded: false } data:
                // Its bytes cannot be asked for.
                Add(result, path, new { data.MediaType, data.Name, data.Size, data.Width, data.Height, data.Hash, data.Metadata });
                break;
            case ReadOnlyMemory<byte> bytes:
                result[path] = Convert.ToHexString(bytes.Span);
                break;
            case bool or IFormattable:
                result[path] = Convert.ToString(value, CultureInfo.InvariantCulture)!;
                break;
            case IEnumerable items:
                AddItems(result, path, items);
                break;
            default:
                foreach (var property in Properties.GetOrAdd(value.GetType(), type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)))
                    Add(result, path.Length == 0 ? property.Name : $"{path}.{property.Name}", property.GetValue(value));
                break;
        }
    }

    private static void AddItems(SortedDictionary<string, string> result, string path, IEnumerable items)
    {
        var count = 0;
        foreach (var item in items)
            Add(result, $"{path}[{count++}]", item);
        result[$"{path}.Count"] = count.ToString(CultureInfo.InvariantCulture);
    }
}

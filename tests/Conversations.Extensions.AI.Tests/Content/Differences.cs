using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Content;

/// <summary>Compares two things property by property, however deep, without any serializer of theirs. Values that may be anything are equal if they are the same JSON.</summary>
internal static class Differences
{
    // What a thing was made of is not kept.
    private static readonly string[] NotKept = [nameof(AIContent.RawRepresentation)];

    /// <summary>The paths at which the two differ; empty if they are the same.</summary>
    public static IReadOnlyList<string> Between(object? expected, object? actual)
    {
        var found = new List<string>();
        Compare(expected, actual, typeof(void), "", found);
        return found;
    }

    /// <summary>The properties that are compared.</summary>
    public static IEnumerable<PropertyInfo> Of(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanRead && property.GetIndexParameters().Length == 0 && !NotKept.Contains(property.Name));

    private static void Compare(object? expected, object? actual, Type declared, string path, List<string> found)
    {
        switch (expected, actual)
        {
            case (null, null):
                break;
            // Only that there was one is kept.
            case (Exception, Exception):
                break;
            // A dictionary of anything is compared as such.
            case (IDictionary<string, object?> left, IDictionary<string, object?> right):
                Compare(Sorted(left), Sorted(right), path, found);
                break;
            case (AIContent or AIAnnotation or AnnotatedRegion or UsageDetails or ChatMessage, not null) when expected.GetType() == actual.GetType():
                foreach (var property in Of(expected.GetType()))
                    Compare(property.GetValue(expected), property.GetValue(actual), property.PropertyType, $"{path}.{property.Name}", found);
                break;
            case (ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right):
                Note(left.Span.SequenceEqual(right.Span), path, found);
                break;
            case (ReadOnlyMemory<char> left, ReadOnlyMemory<char> right):
                Note(left.Span.SequenceEqual(right.Span), path, found);
                break;
            // An empty list of annotations is none.
            case (null, ICollection { Count: 0 }) or (ICollection { Count: 0 }, null) when declared == typeof(IList<AIAnnotation>):
                break;
            case (IEnumerable<AIContent> or IEnumerable<AIAnnotation> or IEnumerable<AnnotatedRegion> or IEnumerable<string>, IEnumerable) when expected is not string:
                Compare(((IEnumerable)expected).Cast<object?>().ToList(), ((IEnumerable)actual).Cast<object?>().ToList(), path, found);
                break;
            case (Uri left, Uri right):
                Note(left == right && left.OriginalString == right.OriginalString, path, found);
                break;
            case (not null, not null) when declared == typeof(object):
                // A string and a JSON text are not the same: providers send them differently.
                Note(expected is string == actual is string && JsonNode.DeepEquals(Node(expected), Node(actual)), path, found);
                break;
            default:
                Note(Equals(expected, actual) || (expected is IEnumerable<KeyValuePair<string, long>> left2 && actual is IEnumerable<KeyValuePair<string, long>> right2 && left2.SequenceEqual(right2)), path, found);
                break;
        }
    }

    private static void Compare(List<object?> expected, List<object?> actual, string path, List<string> found)
    {
        Note(expected.Count == actual.Count, $"{path}.Count", found);
        for (var index = 0; index < Math.Min(expected.Count, actual.Count); index++)
            Compare(expected[index], actual[index], typeof(void), $"{path}[{index.ToString(CultureInfo.InvariantCulture)}]", found);
    }

    private static void Compare(List<KeyValuePair<string, object?>> expected, List<KeyValuePair<string, object?>> actual, string path, List<string> found)
    {
        Note(expected.Select(pair => pair.Key).SequenceEqual(actual.Select(pair => pair.Key)), $"{path}.Keys", found);
        foreach (var ((name, left), (_, right)) in expected.Zip(actual))
            Note(JsonNode.DeepEquals(Node(left), Node(right)), $"{path}.{name}", found);
    }

    private static List<KeyValuePair<string, object?>> Sorted(IDictionary<string, object?> dictionary) => [.. dictionary.OrderBy(pair => pair.Key, StringComparer.Ordinal)];

    private static JsonNode? Node(object? value) => JsonSerializer.SerializeToNode(value, AIJsonUtilities.DefaultOptions);

    private static void Note(bool isSame, string path, List<string> found)
    {
        if (!isSame)
            found.Add(path);
    }
}

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Conversations;

/// <summary>Writes nested values separately, so that a value that cannot be written does not affect its surroundings. A value that contains itself, or is deeper than a part may be, cannot be written.</summary>
/// <remarks>Each failure is caught at its value: an exception that passes through the serializer once per level would overflow the stack. Serialization does not leave its thread.</remarks>
internal static class Nested
{
    [ThreadStatic]
    private static HashSet<object>? _path;

    [ThreadStatic]
    private static int _depth;

    /// <summary>Gets the number of values around the one that is being written.</summary>
    public static int Level => _path?.Count ?? 0;

    /// <summary>Returns the JSON of a value; null if it cannot be written.</summary>
    public static ArrayBufferWriter<byte>? Try(Utf8JsonWriter outer, object value, Action<Utf8JsonWriter> write)
    {
        var path = _path ??= new HashSet<object>(ReferenceEqualityComparer.Instance);
        var depthBefore = _depth;
        var depth = depthBefore + outer.CurrentDepth;
        if (depth >= ContentJson.Writing.MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack() || !path.Add(value))
            return null;

        _depth = depth;
        var buffer = new ArrayBufferWriter<byte>();
        try
        {
            using var writer = new Utf8JsonWriter(buffer, ContentJson.Writing with { MaxDepth = ContentJson.Writing.MaxDepth - depth });
            write(writer);
            writer.Flush();
            return buffer;
        }
        catch (Exception exception) when (ContentJson.IsOfTheValue(exception))
        {
            // An exception of the host's types can quote content, so it is not passed on.
            return null;
        }
        finally
        {
            _depth = depthBefore;
            path.Remove(value);
        }
    }
}

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Conversations;

/// <summary>Writes values within values, each by itself, so that one that cannot be written harms nothing around it. What holds itself, or is deeper than a part may be, cannot be written.</summary>
/// <remarks>Each is given up where it stands: an exception that passed through the serializer once a level would take more stack than there is. Serialization does not leave its thread.</remarks>
internal static class Nested
{
    [ThreadStatic]
    private static HashSet<object>? _path;

    [ThreadStatic]
    private static int _depth;

    /// <summary>How many values are being written around what is to be written.</summary>
    public static int Level => _path?.Count ?? 0;

    /// <summary>What was written of a value; null if it cannot be.</summary>
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
            // What is thrown by whatever the host put in can quote it, so it is not passed on.
            return null;
        }
        finally
        {
            _depth = depthBefore;
            path.Remove(value);
        }
    }
}

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Converts contents, annotations and regions to JSON and back. The format is that of System.Text.Json, with <c>$type</c> and with properties that it omits.</summary>
/// <remarks>A value that cannot be read or written is kept or marked as close to its place as possible, and does not affect its surroundings. Thread-safe.</remarks>
internal sealed class ContentJson
{
    /// <summary>The maximum depth of the JSON; the parts and metadata that contain it may be 512 levels deep.</summary>
    private const int MaxDepth = 480;

    private readonly Family _contents;
    private readonly Family _annotations;
    private readonly Family _regions;

    public ContentJson(JsonSerializerOptions? options)
    {
        Values = new ValueConverter(this);
        var inner = options?.TypeInfoResolver is { } own && own != AIJsonUtilities.DefaultOptions.TypeInfoResolver
            ? JsonTypeInfoResolver.Combine(own, AIJsonUtilities.DefaultOptions.TypeInfoResolver)
            : AIJsonUtilities.DefaultOptions.TypeInfoResolver!;
        var named = new ContentResolver(this, inner);
        Options = Settings(options, named);
        Options.MakeReadOnly();
        _contents = FamilyOf(typeof(AIContent), options, named, inner);
        _annotations = FamilyOf(typeof(AIAnnotation), options, named, inner);
        _regions = FamilyOf(typeof(AnnotatedRegion), options, named, inner);
    }

    /// <summary>The settings with which JSON for a part or its metadata is written.</summary>
    public static JsonWriterOptions Writing { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxDepth,
        SkipValidation = true,
    };

    /// <summary>The settings with which JSON of a part or its metadata is read.</summary>
    public static JsonDocumentOptions Reading { get; } = new() { MaxDepth = 512 };

    public ValueConverter Values { get; }

    public JsonSerializerOptions Options { get; }

    /// <summary>Returns the root of the family: the declared type of properties.</summary>
    public static Type RootOf(Type type) =>
        typeof(AIContent).IsAssignableFrom(type) ? typeof(AIContent)
        : typeof(AIAnnotation).IsAssignableFrom(type) ? typeof(AIAnnotation)
        : typeof(AnnotatedRegion);

    /// <summary>Determines whether an exception concerns the value, and not the process.</summary>
    public static bool IsOfTheValue(Exception exception) => exception is not OutOfMemoryException;

    /// <summary>Returns the contract by which a value of the type is written as itself.</summary>
    public JsonTypeInfo ContractOf(Type type) => (ContentResolver.Bases.Contains(type) ? FamilyOf(RootOf(type)).Bases : Options).GetTypeInfo(type);

    /// <summary>Returns the written JSON as text.</summary>
    public static string Text(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Writing))
            write(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes the property that names the type of a value.</summary>
    public void WriteName(Utf8JsonWriter json, object value)
    {
        var root = RootOf(value.GetType());
        FamilyOf(root).Types.WriteName(json, value.GetType(), root);
    }

    /// <summary>Writes a content, an annotation or a region; if that fails, a mark with its type.</summary>
    public void Write(Utf8JsonWriter json, object value)
    {
        if (KeptJson.Of(value) is { } kept)
        {
            json.WriteRawValue(kept, skipInputValidation: true);
            return;
        }

        if (Nested.Try(json, value, inner => JsonSerializer.Serialize(inner, value, ContractOf(value.GetType()))) is { } body)
            json.WriteRawValue(Marked(value, body), skipInputValidation: true);
        else
            KeptJson.WriteLost(json, value, this);
    }

    /// <summary>Reads a content, an annotation or a region.</summary>
    /// <param name="element">The JSON.</param>
    /// <param name="root">The root of its family.</param>
    /// <returns>The value; if it is unknown or cannot be read, one that keeps the JSON.</returns>
    public object Read(JsonElement element, Type root)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return KeptJson.Read(element, root, typeName: null, isDamaged: true, this);

        var (type, name) = FamilyOf(root).Types.ReadName(element);
        if (name is null && IsPlain(element, root))
            type = root;
        var isLost = element.TryGetProperty(ContentMarks.Lost, out _);
        if (type is null || isLost)
            return KeptJson.Read(element, root, name, isLost, this);

        try
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            var value = (element.TryGetProperty(ContentMarks.Value, out var bare) ? bare : element).Deserialize(ContractOf(type));
            if (value is not null)
                ContentMarks.Read(element, value, this);
            return value ?? KeptJson.Read(element, root, name, isDamaged: true, this);
        }
        catch (Exception exception) when (IsOfTheValue(exception))
        {
            return KeptJson.Read(element, root, name, isDamaged: true, this);
        }
    }

    private static JsonSerializerOptions Settings(JsonSerializerOptions? options, IJsonTypeInfoResolver resolver)
    {
        // Only the settings that define how the host's types are written are used: stored JSON must remain readable whatever other settings change.
        var settings = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions)
        {
            TypeInfoResolver = resolver,
            WriteIndented = false,
            AllowOutOfOrderMetadataProperties = true,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            MaxDepth = Reading.MaxDepth,
        };
        settings.NumberHandling |= JsonNumberHandling.AllowNamedFloatingPointLiterals;
        for (var index = 0; index < (options?.Converters.Count ?? 0); index++)
            settings.Converters.Insert(index, options!.Converters[index]);
        return settings;
    }

    private static Family FamilyOf(Type root, JsonSerializerOptions? options, ContentResolver named, IJsonTypeInfoResolver inner)
    {
        var types = new ContentTypes();
        var registered = Settings(options, inner);
        foreach (var type in ContentResolver.Bases.Where(type => RootOf(type) == root))
            types.Add(registered.GetTypeInfo(type).PolymorphismOptions);

        var bases = Settings(options, new BaseResolver(root, named, inner));
        bases.MakeReadOnly();
        return new Family(types, bases);
    }

    private Family FamilyOf(Type root) => root == typeof(AIContent) ? _contents : root == typeof(AIAnnotation) ? _annotations : _regions;

    /// <summary>Returns the JSON of the value, preceded by its marks.</summary>
    private ReadOnlySpan<byte> Marked(object value, ArrayBufferWriter<byte> body)
    {
        var isObject = body.WrittenSpan[0] == (byte)'{';
        var whole = new ArrayBufferWriter<byte>(body.WrittenCount + 64);
        using (var json = new Utf8JsonWriter(whole, Writing))
        {
            json.WriteStartObject();
            WriteName(json, value);
            ContentMarks.Write(json, value);
            if (!isObject)
            {
                json.WritePropertyName(ContentMarks.Value);
                json.WriteRawValue(body.WrittenSpan, skipInputValidation: true);
                json.WriteEndObject();
            }
        }

        if (isObject)
        {
            if (whole.WrittenCount > 1 && body.WrittenCount > 2)
                whole.Write(","u8);
            whole.Write(body.WrittenSpan[1..]);
        }

        return whole.WrittenSpan;
    }

    private static bool IsPlain(JsonElement element, Type root) => root switch
    {
        _ when root == typeof(AIContent) => element.EnumerateObject().All(property => property.Name is "annotations" or "additionalProperties"),
        _ when root == typeof(AIAnnotation) => element.EnumerateObject().All(property => property.Name is "annotatedRegions" or "additionalProperties"),
        _ => !element.EnumerateObject().Any(),
    };

    /// <summary>The types of a family, and the contracts by which derived types are written as themselves.</summary>
    private sealed record Family(ContentTypes Types, JsonSerializerOptions Bases);
}

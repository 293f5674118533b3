using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Contents, annotations and regions as JSON: as System.Text.Json writes them, with <c>$type</c>, and beside that what it leaves out.</summary>
/// <remarks>Whatever cannot be read or written is kept or marked as closely to its place as can be, and spoils nothing around it. Safe from any thread.</remarks>
internal sealed class ContentJson
{
    /// <summary>How deep what is written may be; the parts and metadata that it goes into may be 512 levels deep.</summary>
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

    /// <summary>How JSON is written that goes into a part or its metadata.</summary>
    public static JsonWriterOptions Writing { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxDepth,
        SkipValidation = true,
    };

    /// <summary>How JSON is read that stands in a part or its metadata.</summary>
    public static JsonDocumentOptions Reading { get; } = new() { MaxDepth = 512 };

    public ValueConverter Values { get; }

    public JsonSerializerOptions Options { get; }

    /// <summary>The family's root: what a property is declared as.</summary>
    public static Type RootOf(Type type) =>
        typeof(AIContent).IsAssignableFrom(type) ? typeof(AIContent)
        : typeof(AIAnnotation).IsAssignableFrom(type) ? typeof(AIAnnotation)
        : typeof(AnnotatedRegion);

    /// <summary>Whether an exception says something of the value, and nothing of the process.</summary>
    public static bool IsOfTheValue(Exception exception) => exception is not OutOfMemoryException;

    /// <summary>The contract by which a value of the type is written as itself.</summary>
    public JsonTypeInfo ContractOf(Type type) => (ContentResolver.Bases.Contains(type) ? FamilyOf(RootOf(type)).Bases : Options).GetTypeInfo(type);

    /// <summary>Writes a content by itself; at the worst, what it was and that it could not be written.</summary>
    public string Write(AIContent content) => Text(json => Write(json, content));

    /// <summary>Writes what a content was and that it could not be written.</summary>
    public string WriteLost(AIContent content) => Text(json => WriteLost(json, content, writeMore: null));

    /// <summary>What is written, as text.</summary>
    public static string Text(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Writing))
            write(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes a content, an annotation or a region where it stands.</summary>
    public void Write(Utf8JsonWriter json, object value)
    {
        if (KeptJsonOf(value) is { } kept)
        {
            json.WriteRawValue(kept, skipInputValidation: true);
            return;
        }

        if (Nested.Try(json, value, inner => JsonSerializer.Serialize(inner, value, ContractOf(value.GetType()))) is { } body)
            json.WriteRawValue(Marked(value, body), skipInputValidation: true);
        else
            WriteLost(json, value);
    }

    /// <summary>Reads a content, an annotation or a region.</summary>
    /// <param name="element">The JSON.</param>
    /// <param name="root">Which of the three it is, by its root.</param>
    /// <returns>The thing; one that keeps the JSON if it is unknown or cannot be read.</returns>
    public object Read(JsonElement element, Type root)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return Unknown(element, root, typeName: null, isDamaged: true);

        var (type, name) = FamilyOf(root).Types.ReadName(element);
        if (name is null && IsPlain(element, root))
            type = root;
        if (type is null || element.TryGetProperty(JsonMarkers.Lost, out _))
            return Unknown(element, root, name, isDamaged: type is not null || element.TryGetProperty(JsonMarkers.Lost, out _));

        try
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            var value = (element.TryGetProperty(JsonMarkers.Value, out var bare) ? bare : element).Deserialize(ContractOf(type));
            if (value is null)
                return Unknown(element, root, name, isDamaged: true);
            FunctionMarkers.Read(element, value, this);
            return value;
        }
        catch (Exception exception) when (IsOfTheValue(exception))
        {
            return Unknown(element, root, name, isDamaged: true);
        }
    }

    private static JsonSerializerOptions Settings(JsonSerializerOptions? options, IJsonTypeInfoResolver resolver)
    {
        // Of the host's settings only what says how its own types are written: what is stored must be readable whatever else is set later.
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
        var asking = Settings(options, inner);
        foreach (var type in ContentResolver.Bases.Where(type => RootOf(type) == root))
            types.Add(asking.GetTypeInfo(type).PolymorphismOptions);

        var bases = Settings(options, new BaseResolver(root, named, inner));
        bases.MakeReadOnly();
        return new Family(types, bases);
    }

    private Family FamilyOf(Type root) => root == typeof(AIContent) ? _contents : root == typeof(AIAnnotation) ? _annotations : _regions;

    private static string? KeptJsonOf(object value) => value switch
    {
        UnknownContent unknown => unknown.Json,
        AIAnnotation { RawRepresentation: KeptJson kept } => kept.Json,
        UnknownRegion region => region.Json,
        _ => null,
    };

    /// <summary>The value's JSON with its marks in front.</summary>
    private ReadOnlySpan<byte> Marked(object value, ArrayBufferWriter<byte> body)
    {
        var isObject = body.WrittenSpan[0] == (byte)'{';
        var whole = new ArrayBufferWriter<byte>(body.WrittenCount + 64);
        using (var json = new Utf8JsonWriter(whole, Writing))
        {
            json.WriteStartObject();
            WriteName(json, value);
            FunctionMarkers.Write(json, value);
            if (!isObject)
            {
                json.WritePropertyName(JsonMarkers.Value);
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

    /// <summary>Writes what is left of a value that cannot be written: what it was, and what every content has.</summary>
    private void WriteLost(Utf8JsonWriter json, object value)
    {
        // Deeper within, what every content has is not tried again: it would be written twice as often at every level.
        var written = Nested.Level < 2 && value is AIContent content
            ? Nested.Try(json, value, inner => WriteLost(inner, value, () => CommonProperties.Write(inner, content.Annotations, content.AdditionalProperties, this)))
            : null;
        if (written is not null)
            json.WriteRawValue(written.WrittenSpan, skipInputValidation: true);
        else
            WriteLost(json, value, writeMore: null);
    }

    private void WriteLost(Utf8JsonWriter json, object value, Action? writeMore)
    {
        json.WriteStartObject();
        WriteName(json, value);
        json.WriteString(JsonMarkers.Lost, value.GetType().FullName);
        writeMore?.Invoke();
        json.WriteEndObject();
    }

    private void WriteName(Utf8JsonWriter json, object value)
    {
        var root = RootOf(value.GetType());
        FamilyOf(root).Types.WriteName(json, value.GetType(), root);
    }

    private static bool IsPlain(JsonElement element, Type root) => root switch
    {
        _ when root == typeof(AIContent) => element.EnumerateObject().All(property => property.Name is "annotations" or "additionalProperties"),
        _ when root == typeof(AIAnnotation) => element.EnumerateObject().All(property => property.Name is "annotatedRegions" or "additionalProperties"),
        _ => !element.EnumerateObject().Any(),
    };

    private object Unknown(JsonElement element, Type root, string? typeName, bool isDamaged)
    {
        var json = element.GetRawText();
        if (root == typeof(AnnotatedRegion))
            return new UnknownRegion(json);
        if (root == typeof(AIAnnotation))
        {
            var annotation = CommonProperties.TryRead<AIAnnotation>(element, this) ?? new AIAnnotation();
            annotation.RawRepresentation = new KeptJson(json);
            return annotation;
        }

        var common = CommonProperties.TryRead<AIContent>(element, this);
        return new UnknownContent(json, typeName, isDamaged, isPart: false) { Annotations = common?.Annotations, AdditionalProperties = common?.AdditionalProperties };
    }

    /// <summary>The types of a family, and how those that are derived from are written as themselves.</summary>
    private sealed record Family(ContentTypes Types, JsonSerializerOptions Bases);
}

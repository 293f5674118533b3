using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The contracts of the host and the abstractions, but for those of types that are told apart by name (contents, annotations, regions) and that may hold any value: these are ours.</summary>
internal sealed class ContentResolver(ContentJson json, IJsonTypeInfoResolver inner) : IJsonTypeInfoResolver
{
    /// <summary>The types that are derived from under a name.</summary>
    public static IReadOnlyList<Type> Bases { get; } =
    [
        typeof(AIContent), typeof(ToolCallContent), typeof(ToolResultContent), typeof(InputRequestContent), typeof(InputResponseContent), typeof(AIAnnotation), typeof(AnnotatedRegion),
    ];

    public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options) =>
        type == typeof(AIContent) ? Named<AIContent>(options)
        : type == typeof(ToolCallContent) ? Named<ToolCallContent>(options)
        : type == typeof(ToolResultContent) ? Named<ToolResultContent>(options)
        : type == typeof(InputRequestContent) ? Named<InputRequestContent>(options)
        : type == typeof(InputResponseContent) ? Named<InputResponseContent>(options)
        : type == typeof(AIAnnotation) ? Named<AIAnnotation>(options)
        : type == typeof(AnnotatedRegion) ? Named<AnnotatedRegion>(options)
        : type == typeof(object) ? JsonMetadataServices.CreateValueInfo<object>(options, json.Values)
        : type == typeof(AdditionalPropertiesDictionary) ? JsonMetadataServices.CreateValueInfo<AdditionalPropertiesDictionary>(options, new PropertiesConverter(json.Values))
        : type == typeof(IDictionary<string, object?>) ? JsonMetadataServices.CreateValueInfo<IDictionary<string, object?>>(options, new ArgumentsConverter(json.Values))
        : Unnamed(inner.GetTypeInfo(type, options));

    /// <summary>The contract without names: we write them.</summary>
    public static JsonTypeInfo? Unnamed(JsonTypeInfo? contract)
    {
        if (contract is not null && Bases.Any(type => type.IsAssignableFrom(contract.Type)))
            contract.PolymorphismOptions = null;
        return contract;
    }

    private JsonTypeInfo? Named<T>(JsonSerializerOptions options)
        where T : class => Unnamed(JsonMetadataServices.CreateValueInfo<T>(options, new NamedConverter<T>(json)));
}

/// <summary>The contracts of the types of one family that are derived from, as what they are themselves; of all others those of another resolver.</summary>
internal sealed class BaseResolver(Type root, IJsonTypeInfoResolver others, IJsonTypeInfoResolver inner) : IJsonTypeInfoResolver
{
    public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options) =>
        ContentResolver.Bases.Contains(type) && ContentJson.RootOf(type) == root ? ContentResolver.Unnamed(inner.GetTypeInfo(type, options)) : others.GetTypeInfo(type, options);
}

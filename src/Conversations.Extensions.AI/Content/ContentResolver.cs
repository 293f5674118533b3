using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Resolves the contracts of the host and the abstractions. The contracts of polymorphic types (contents, annotations, regions) and of types with values of any kind are replaced.</summary>
internal sealed class ContentResolver(ContentJson json, IJsonTypeInfoResolver inner) : IJsonTypeInfoResolver
{
    /// <summary>The polymorphic base types.</summary>
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

    /// <summary>Returns the contract without type names, because this package writes them.</summary>
    public static JsonTypeInfo? Unnamed(JsonTypeInfo? contract)
    {
        if (contract is not null && Bases.Any(type => type.IsAssignableFrom(contract.Type)))
            contract.PolymorphismOptions = null;
        return contract;
    }

    private JsonTypeInfo? Named<T>(JsonSerializerOptions options)
        where T : class => Unnamed(JsonMetadataServices.CreateValueInfo<T>(options, new NamedConverter<T>(json)));
}

/// <summary>Resolves derived types of one family by their own contracts, and all other types with another resolver.</summary>
internal sealed class BaseResolver(Type root, IJsonTypeInfoResolver others, IJsonTypeInfoResolver inner) : IJsonTypeInfoResolver
{
    public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options) =>
        ContentResolver.Bases.Contains(type) && ContentJson.RootOf(type) == root ? ContentResolver.Unnamed(inner.GetTypeInfo(type, options)) : others.GetTypeInfo(type, options);
}

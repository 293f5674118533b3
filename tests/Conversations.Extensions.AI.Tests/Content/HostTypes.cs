using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Content;

/// <summary>Content of a type of the host's own.</summary>
public sealed class MapContent(string place) : AIContent
{
    public string Place { get; } = place;

    public double[]? Coordinates { get; set; }

    public IList<AIContent>? Layers { get; set; }
}

/// <summary>A call of a type of the host's own.</summary>
public sealed class PricedCallContent(string callId, string name, IDictionary<string, object?>? arguments = null) : FunctionCallContent(callId, name, arguments)
{
    public int Price { get; set; }
}

/// <summary>A result of a type of the host's own.</summary>
public sealed class PricedResultContent(string callId, object? result) : FunctionResultContent(callId, result)
{
    public int Price { get; set; }
}

/// <summary>A question of the host's own to a person.</summary>
public sealed class QuestionContent(string requestId) : InputRequestContent(requestId)
{
    public string? Question { get; set; }
}

/// <summary>An annotation of the host's own.</summary>
public sealed class MoodAnnotation : AIAnnotation
{
    public string? Mood { get; set; }
}

/// <summary>A region of the host's own.</summary>
public sealed class BoxRegion : AnnotatedRegion
{
    public int Width { get; set; }
}

/// <summary>Content that cannot be written.</summary>
public sealed class BrokenContent : AIContent
{
    public string? Secret
    {
        get => field ?? throw new InvalidOperationException("secret");
        set;
    }
}

/// <summary>Content that is no JSON object.</summary>
[JsonConverter(typeof(StampConverter))]
public sealed class StampContent(string stamp) : AIContent
{
    public string Stamp { get; } = stamp;

    private sealed class StampConverter : JsonConverter<StampContent>
    {
        public override StampContent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, StampContent value, JsonSerializerOptions options) => writer.WriteStringValue(value.Stamp);
    }
}

/// <summary>A result that a converter of the host writes in a shape of its own.</summary>
[JsonConverter(typeof(ShapedConverter))]
public sealed class ShapedResultContent(string callId, object? result) : FunctionResultContent(callId, result)
{
    private sealed class ShapedConverter : JsonConverter<ShapedResultContent>
    {
        public override ShapedResultContent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var shape = JsonElement.ParseValue(ref reader);
            return new ShapedResultContent(shape.GetProperty("call").GetString()!, shape.GetProperty("answer").GetString());
        }

        public override void Write(Utf8JsonWriter writer, ShapedResultContent value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            writer.WriteString("call", value.CallId);
            writer.WriteString("answer", (string?)value.Result);
            writer.WriteEndObject();
        }
    }
}

internal static class HostTypes
{
    public static JsonSerializerOptions Registered()
    {
        var options = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions);
        options.AddAIContentType<MapContent>("map");
        options.AddAIContentType<PricedCallContent>("pricedCall");
        options.AddAIContentType<PricedResultContent>("pricedResult");
        options.AddAIContentType<QuestionContent>("question");
        options.AddAIContentType<StampContent>("stamp");
        options.AddAIContentType<ShapedResultContent>("shapedResult");
        options.MakeReadOnly();
        return options;
    }
}

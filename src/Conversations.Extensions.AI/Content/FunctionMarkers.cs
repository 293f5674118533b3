using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Writes what System.Text.Json omits of calls and results within other contents: exceptions, and the kind of a result.</summary>
internal static class FunctionMarkers
{
    public static void Write(Utf8JsonWriter json, object value)
    {
        if (value is FunctionResultContent result)
        {
            if (result.Exception is not null)
                json.WriteBoolean(JsonMarkers.Failed, value: true);
            if (ResultKinds.Of(result.Result) is { } kind)
                json.WriteString(JsonMarkers.Result, kind);
        }
        else if (value is FunctionCallContent { Exception: { } exception })
        {
            json.WriteBoolean(JsonMarkers.Failed, value: true);
            if (exception is FunctionFailedException { Arguments: { } arguments })
                json.WriteString(JsonMarkers.Arguments, arguments);
        }
    }

    public static void Read(JsonElement element, object value, ContentJson contents)
    {
        var isFailed = element.TryGetProperty(JsonMarkers.Failed, out var failed) && failed.ValueKind == JsonValueKind.True;
        if (value is FunctionCallContent call)
        {
            if (isFailed)
                call.Exception = FunctionFailedException.OfCall(element.TryGetProperty(JsonMarkers.Arguments, out var text) ? text.GetString() : null);
        }
        else if (value is FunctionResultContent result)
        {
            if (isFailed)
                result.Exception = FunctionFailedException.OfResult();
            result.Result = element.TryGetProperty("result", out var written)
                ? ReadResult(written, element.TryGetProperty(JsonMarkers.Result, out var kind) ? kind.GetString() : null, contents)
                : null;
        }
    }

    /// <summary>Creates a result from its JSON and its kind.</summary>
    public static object? ReadResult(JsonElement written, string? kind, ContentJson contents) => kind switch
    {
        ResultKinds.Null => null,
        ResultKinds.Content => contents.Read(written, typeof(AIContent)),
        ResultKinds.Contents when written.ValueKind == JsonValueKind.Array => written.EnumerateArray().Select(content => (AIContent)contents.Read(content, typeof(AIContent))).ToList(),
        null when written.ValueKind == JsonValueKind.String => written.GetString(),
        _ => written,
    };
}

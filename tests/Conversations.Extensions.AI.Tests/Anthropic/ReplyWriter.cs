using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Conversations.Extensions.AI.Tests;

/// <summary>Writes an answer to a connection, and ends the connection as the answer says.</summary>
internal static class ReplyWriter
{
    // Characters go as they are, in UTF-8, so that a write can end in the middle of one.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteErrorAsync(HttpResponse response, ReplyError error, string requestId, CancellationToken cancellationToken)
    {
        response.StatusCode = error.Status;
        response.ContentType = "application/json";

        if (error.RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        await response.WriteAsync(ReplyEvents.Error(error.Type, error.Message, requestId).ToJsonString(Plain), cancellationToken);
    }

    public static async Task WriteMessageAsync(HttpResponse response, AnthropicReply reply, string id, string model, CancellationToken cancellationToken)
    {
        if (reply.Ending.Kind == EndingKind.Hang)
        {
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        }

        await (reply.Gate?.WaitAsync(cancellationToken) ?? Task.CompletedTask);

        if (reply.Ending.Kind == EndingKind.Cut)
        {
            response.HttpContext.Abort();

            return;
        }

        response.ContentType = "application/json";
        await response.WriteAsync(ReplyEvents.Message(reply, id, model).ToJsonString(Plain), cancellationToken);
    }

    public static Task WriteStreamAsync(HttpResponse response, AnthropicReply reply, string id, string model, CancellationToken cancellationToken) => EventStream.WriteAsync(
        response,
        ReplyEvents.Stream(reply, id, model).Select(Line),
        reply.Ending,
        error => Line(ReplyEvents.Error(error.Type, error.Message)),
        reply.Gate,
        reply.BytesPerWrite,
        cancellationToken);

    private static string Line(JsonObject @event) => $"event: {@event["type"]}\ndata: {@event.ToJsonString(Plain)}\n\n";
}

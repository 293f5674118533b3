using System.Globalization;
using System.Text;
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

    public static async Task WriteStreamAsync(HttpResponse response, AnthropicReply reply, string id, string model, CancellationToken cancellationToken)
    {
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";

        foreach (var @event in ReplyEvents.Stream(reply, id, model).Take(reply.Ending.AfterEvents))
        {
            await (reply.Gate?.WaitAsync(cancellationToken) ?? Task.CompletedTask);
            await WriteEventAsync(response, @event, reply.BytesPerWrite, cancellationToken);
        }

        switch (reply.Ending.Kind)
        {
            case EndingKind.Error:
                await WriteEventAsync(response, ReplyEvents.Error(reply.Ending.Error!.Type, reply.Ending.Error.Message), 0, cancellationToken);
                break;
            case EndingKind.Cut when !response.HasStarted:
                response.HttpContext.Abort();
                break;
            case EndingKind.Cut:
                // Kestrel then closes the connection without the last chunk, but after all that was written; a reset could overtake it.
                throw new IOException("The stream is cut here.");
            case EndingKind.Hang:
                await response.Body.FlushAsync(cancellationToken);
                await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
                break;
        }
    }

    private static async Task WriteEventAsync(HttpResponse response, JsonObject @event, int bytesPerWrite, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes($"event: {@event["type"]}\ndata: {@event.ToJsonString(Plain)}\n\n");
        var length = bytesPerWrite > 0 ? bytesPerWrite : bytes.Length;

        for (var start = 0; start < bytes.Length; start += length)
        {
            await response.Body.WriteAsync(bytes.AsMemory(start, Math.Min(length, bytes.Length - start)), cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
        }
    }
}

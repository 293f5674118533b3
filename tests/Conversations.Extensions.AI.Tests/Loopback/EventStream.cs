using System.Text;
using Microsoft.AspNetCore.Http;

namespace Conversations.Extensions.AI.Tests;

/// <summary>Writes a stream of server-sent events, and ends it as the test asks.</summary>
internal static class EventStream
{
    /// <summary>Writes events.</summary>
    /// <param name="response">The response.</param>
    /// <param name="events">The events, with their blank lines.</param>
    /// <param name="ending">How the stream ends. One that breaks off never has its last event.</param>
    /// <param name="error">The event with which it breaks off.</param>
    /// <param name="gate">What lets the events out; null for nothing.</param>
    /// <param name="bytesPerWrite">How many bytes are written at a time; 0 for whole events.</param>
    /// <param name="cancellationToken">Ends when the client goes away.</param>
    public static async Task WriteAsync(
        HttpResponse response, IEnumerable<string> events, StreamEnding ending, Func<ReplyError, string> error, ReplyGate? gate, int bytesPerWrite, CancellationToken cancellationToken)
    {
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";

        var all = events.ToList();
        foreach (var @event in all.Take(ending.Kind == EndingKind.Complete ? all.Count : Math.Min(ending.AfterEvents, all.Count - 1)))
        {
            await (gate?.WaitAsync(cancellationToken) ?? Task.CompletedTask);
            await WriteAsync(response, @event, bytesPerWrite, cancellationToken);
        }

        switch (ending.Kind)
        {
            case EndingKind.Error:
                await WriteAsync(response, error(ending.Error!), 0, cancellationToken);
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

    private static async Task WriteAsync(HttpResponse response, string @event, int bytesPerWrite, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(@event);
        var length = bytesPerWrite > 0 ? bytesPerWrite : bytes.Length;

        for (var start = 0; start < bytes.Length; start += length)
        {
            await response.Body.WriteAsync(bytes.AsMemory(start, Math.Min(length, bytes.Length - start)), cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
        }
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Conversations.Samples.Tests.ChatWithModel;

/// <summary>A local server that imitates OpenAI: it answers each request as configured and records the requests.</summary>
internal sealed class FakeOpenAI : IAsyncDisposable
{
    private const string Usage = """{"prompt_tokens":20,"completion_tokens":5,"total_tokens":25,"prompt_tokens_details":{"cached_tokens":8}}""";

    private readonly HttpListener _listener;
    private readonly Task _serving;
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<Func<HttpListenerResponse, Task>> _replies = [];

    public FakeOpenAI()
    {
        (_listener, Address) = Listen();
        _serving = ServeAsync();
    }

    public List<JsonNode> Requests { get; } = [];

    public Uri Address { get; }

    /// <summary>A port without a listener.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>A piece of text, as JSON.</summary>
    public static string Text(string text) => JsonSerializer.Serialize(new { content = text });

    public async ValueTask DisposeAsync()
    {
        _end.SetResult();
        _listener.Close();
        await _serving;
    }

    /// <summary>Refuses.</summary>
    public void Refuse(int status) => _replies.Enqueue(response =>
    {
        response.StatusCode = status;
        return SendAsync(response, """{"error":{"message":"no","type":"error"}}""");
    });

    /// <summary>Answers piece by piece, with the usage in the end.</summary>
    /// <param name="deltas">The pieces, as JSON.</param>
    /// <param name="finishReason">Why it ends; null to say nothing more and never end.</param>
    public void Stream(IEnumerable<string> deltas, string? finishReason = "stop") => _replies.Enqueue(async response =>
    {
        response.ContentType = "text/event-stream";
        response.SendChunked = true;
        foreach (var delta in deltas)
            await SendChoiceAsync(response, $$"""{"index":0,"delta":{{delta}},"finish_reason":null}""", "null");
        if (finishReason is null)
        {
            await _end.Task;
            return;
        }

        await SendChoiceAsync(response, $$"""{"index":0,"delta":{},"finish_reason":"{{finishReason}}"}""", "null");
        await SendChoiceAsync(response, "", Usage);
        await SendAsync(response, "data: [DONE]\n\n");
    });

    // Another process may have taken the port meanwhile.
    private static (HttpListener Listener, Uri Address) Listen()
    {
        for (var tries = 1; ; tries++)
        {
            var address = new Uri($"http://127.0.0.1:{FreePort()}/v1");
            var listener = new HttpListener { Prefixes = { address + "/" } };
            try
            {
                listener.Start();
                return (listener, address);
            }
            catch (HttpListenerException) when (tries < 10)
            {
                listener.Close();
            }
        }
    }

    private static Task SendChoiceAsync(HttpListenerResponse response, string choice, string usage) =>
        SendAsync(response, $$"""data: {"id":"c1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-test-1","usage":{{usage}},"choices":[{{choice}}]}""" + "\n\n");

    private static async Task SendAsync(HttpListenerResponse response, string text)
    {
        await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text));
        await response.OutputStream.FlushAsync();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                Requests.Add((await JsonNode.ParseAsync(context.Request.InputStream))!);
                context.Response.ContentType = "application/json";
                _ = AnswerAsync(context.Response, _replies.Dequeue());
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // It was closed.
        }
    }

    private static async Task AnswerAsync(HttpListenerResponse response, Func<HttpListenerResponse, Task> reply)
    {
        try
        {
            await reply(response);
            response.Close();
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or IOException)
        {
            // The client has left, or the test is over.
        }
    }
}

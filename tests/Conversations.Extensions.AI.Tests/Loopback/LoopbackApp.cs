using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Conversations.Extensions.AI.Tests;

/// <summary>An HTTP server on a free port of this machine, and a client for it.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class LoopbackApp : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping = new();
    private bool _isDisposed;

    private LoopbackApp(WebApplication app) => _app = app;

    /// <summary>Where it listens, without a slash at the end.</summary>
    public string Address { get; private set; } = "";

    /// <summary>A client. By itself it would read on for two seconds where its caller has left a stream, and the server learn of that only then.</summary>
    public HttpClient Http { get; } = new(new SocketsHttpHandler { MaxResponseDrainSize = 0 });

    /// <summary>Starts a server.</summary>
    /// <param name="handleAsync">Answers a request with this body. Its token ends when the client goes away or the server stops.</param>
    public static async Task<LoopbackApp> StartAsync(Func<HttpContext, string, CancellationToken, Task> handleAsync)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0);
            options.Limits.MaxRequestBodySize = null;
        });

        var app = builder.Build();
        var server = new LoopbackApp(app);
        app.Run(context => server.HandleAsync(context, handleAsync));
        await app.StartAsync();
        server.Address = app.Urls.Single();

        return server;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        // Streams that hang, and gates that no test opens, end here.
        await _stopping.CancelAsync();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _stopping.Dispose();
        Http.Dispose();
    }

    private async Task HandleAsync(HttpContext context, Func<HttpContext, string, CancellationToken, Task> handleAsync)
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token);

        try
        {
            await handleAsync(context, text, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The client has gone.
            context.Abort();
        }
    }
}

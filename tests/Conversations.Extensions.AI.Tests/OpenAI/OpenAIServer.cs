using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Conversations.Extensions.AI.Tests;

/// <summary>
/// A server on this machine that speaks OpenAI's chat completions and responses APIs, plain and streamed, and enforces their rules: what breaks one
/// is refused as the API refuses it, and recorded. It keeps no responses. Thread-safe; takes many requests at once.
/// </summary>
internal sealed class OpenAIServer : IAsyncDisposable
{
    private const string ChatPath = "/v1/chat/completions";
    private const string ResponsesPath = "/v1/responses";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _lock = new();
    private readonly List<OpenAIRequest> _requests = [];
    private readonly List<RuleViolation> _violations = [];
    private readonly ReasoningRules _reasoning = new();
    private LoopbackApp _app = null!;
    private int _numbers;

    private OpenAIServer()
    {
    }

    /// <summary>Where it listens, without a slash at the end.</summary>
    public string Address => _app.Address;

    /// <summary>Whether <see cref="Requests"/> keeps them.</summary>
    public bool KeepsRequests { get; private init; }

    /// <summary>Answers requests. It may be called for several at once.</summary>
    public Func<OpenAIRequest, OpenAIReply> Answer { get; set; } = static _ => OpenAIReply.Text("hi");

    /// <summary>How many requests there were.</summary>
    public int RequestCount => Volatile.Read(ref _numbers);

    /// <summary>Every request so far, in the order of their numbers, also those that were refused.</summary>
    public IReadOnlyList<OpenAIRequest> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests.OrderBy(request => request.Number)];
            }
        }
    }

    /// <summary>Every rule that was broken so far.</summary>
    public IReadOnlyList<RuleViolation> Violations
    {
        get
        {
            lock (_lock)
            {
                return [.. _violations];
            }
        }
    }

    private OpenAIClient Client => new(new ApiKeyCredential("a-key"), new OpenAIClientOptions
    {
        Endpoint = new Uri($"{_app.Address}/v1"),
        RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
        Transport = new HttpClientPipelineTransport(_app.Http),
    });

    /// <summary>Starts a server on a free port.</summary>
    public static async Task<OpenAIServer> StartAsync(bool keepsRequests = true)
    {
        var server = new OpenAIServer { KeepsRequests = keepsRequests };
        server._app = await LoopbackApp.StartAsync(server.HandleAsync);

        return server;
    }

    /// <summary>The adapter of Microsoft.Extensions.AI over the provider's client of chat completions. It does not retry.</summary>
    public IChatClient CreateChatClient(string model = "gpt-test") => Client.GetChatClient(model).AsIChatClient();

    /// <summary>The adapter of Microsoft.Extensions.AI over the provider's client of responses. It does not retry.</summary>
    public IChatClient CreateResponsesClient(string model = "gpt-test") => Client.GetResponsesClient().AsIChatClient(model);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context, string text, CancellationToken cancellationToken)
    {
        var isResponses = context.Request.Path == ResponsesPath;
        var request = Read(context.Request.Path, text);
        var reply = request.Violations is [var first, ..] ? new OpenAIReply { Error = new(400, "invalid_request_error", first.Message) } : Answer(request);
        if (reply.Error is { } error)
        {
            await WriteAsync(context.Response, error.Status, OpenAIError.Body(error), cancellationToken);

            return;
        }

        reply = Complete(reply, request, isResponses);
        if (request.IsStreamed)
        {
            var events = isResponses ? ResponseEvents.Stream(reply, request) : ChatEvents.Stream(reply, request);
            await EventStream.WriteAsync(context.Response, events, reply.Ending, OpenAIError.Event, gate: null, bytesPerWrite: 0, cancellationToken);
        }
        else if (reply.Ending.Kind == EndingKind.Hang)
        {
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        }
        else if (reply.Ending.Kind != EndingKind.Complete)
        {
            context.Abort();
        }
        else
        {
            var message = isResponses ? ResponseEvents.Response(reply, request, "completed") : ChatEvents.Completion(reply, request);
            await WriteAsync(context.Response, 200, message.ToJsonString(Plain), cancellationToken);
        }
    }

    private static Task WriteAsync(HttpResponse response, int status, string body, CancellationToken cancellationToken)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";

        return response.WriteAsync(body, cancellationToken);
    }

    private OpenAIRequest Read(string path, string text)
    {
        var findings = new Findings();
        using var document = JsonDocument.Parse(text);
        var body = document.RootElement.Clone();
        switch (path)
        {
            case ChatPath:
                ChatRules.Check(body, findings);
                break;
            case ResponsesPath:
                ResponseRules.Check(body, _reasoning, findings);
                break;
            default:
                findings.Add("not-found", $"Invalid URL (POST {path})");
                break;
        }

        lock (_lock)
        {
            var request = new OpenAIRequest(++_numbers, text, body);
            request = request with { Violations = [.. findings.Violations.Select(violation => violation with { Request = request.Number })] };
            _violations.AddRange(request.Violations);
            if (KeepsRequests)
            {
                _requests.Add(request);
            }

            return request;
        }
    }

    private OpenAIReply Complete(OpenAIReply reply, OpenAIRequest request, bool isResponses)
    {
        List<ReplyBlock> blocks = [.. reply.Blocks.Select((block, index) => block is ToolUseReply { Id: null } call ? call with { Id = $"call_{request.Number:D4}_{index}" } : block)];
        reply = reply with { Blocks = blocks };

        return isResponses && request.TakesEncryptedReasoning ? reply with { Encrypted = _reasoning.Issue(blocks, request) } : reply;
    }
}

using Anthropic;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests;

/// <summary>
/// A server on this machine that speaks the Messages API (<c>POST /v1/messages</c>, plain and streamed) and enforces its rules: what
/// breaks one is refused as the API refuses it, and recorded. Answers come from a queue, or from a function of the request.
/// Thread-safe; takes many requests at once.
/// </summary>
public sealed class AnthropicServer : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<AnthropicRequest> _requests = [];
    private readonly List<RuleViolation> _violations = [];
    private readonly Dictionary<int, TaskCompletionSource<AnthropicRequest>> _arrivals = [];
    private readonly Queue<AnthropicReply> _replies = [];
    private readonly ThinkingRules _thinking = new();
    private LoopbackApp _app = null!;
    private int _numbers;

    private AnthropicServer()
    {
    }

    /// <summary>Where it listens, without a slash at the end.</summary>
    public string Address => _app.Address;

    /// <summary>What it is lenient about. To be set before the first request.</summary>
    public AnthropicRules Rules { get; init; } = new();

    /// <summary>Whether <see cref="Requests"/> keeps them. To be set before the first request.</summary>
    public bool KeepsRequests { get; init; } = true;

    /// <summary>Answers what the queue has no answer for. It may be called for several requests at once.</summary>
    public Func<AnthropicRequest, AnthropicReply>? Answer { get; set; }

    /// <summary>How many requests there were.</summary>
    public int RequestCount => Volatile.Read(ref _numbers);

    /// <summary>Every request so far, in the order of their numbers, also those that were refused.</summary>
    public IReadOnlyList<AnthropicRequest> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests.OrderBy(request => request.Number)];
            }
        }
    }

    /// <summary>Every rule that was broken so far, and every request that no answer was there for.</summary>
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

    /// <summary>Starts a server on a free port.</summary>
    public static async Task<AnthropicServer> StartAsync(AnthropicRules? rules = null, bool keepsRequests = true)
    {
        var server = new AnthropicServer { Rules = rules ?? new(), KeepsRequests = keepsRequests };
        server._app = await LoopbackApp.StartAsync(server.HandleAsync);

        return server;
    }

    /// <summary>Adds answers to the queue. A request that is refused takes none.</summary>
    public void Enqueue(params AnthropicReply[] replies)
    {
        lock (_lock)
        {
            Array.ForEach(replies, _replies.Enqueue);
        }
    }

    /// <summary>The request of this number, from 1, once it is there.</summary>
    public Task<AnthropicRequest> RequestAsync(int number)
    {
        lock (_lock)
        {
            return ArrivalOf(number).Task;
        }
    }

    /// <summary>The provider's own client, connected to this server. By default, it does not retry.</summary>
    public AnthropicClient CreateClient(int retries = 0) =>
        new() { ApiKey = "a-key", BaseUrl = Address, MaxRetries = retries, HttpClient = _app.Http };

    /// <summary>The provider's own adapter over <see cref="CreateClient"/>.</summary>
    public IChatClient CreateChatClient(string model = "claude-test", int retries = 0) => CreateClient(retries).AsIChatClient(model);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context, string text, CancellationToken cancellationToken)
    {
        var request = Read(context.Request, text);
        await using var disconnected = context.RequestAborted.Register(request.Disconnect);
        await AnswerAsync(context.Response, request, cancellationToken);
    }

    private AnthropicRequest Read(HttpRequest received, string text)
    {
        var findings = new Findings();
        var headers = received.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var body = RequestRules.Read(received.Path, headers, text, findings);

        if (findings.Violations.Count == 0)
        {
            RequestRules.Check(body, headers, Rules, _thinking, findings);
        }

        lock (_lock)
        {
            var request = new AnthropicRequest(++_numbers, headers, text, body)
            {
                Violations = [.. findings.Violations.Select(violation => violation with { Request = _numbers })],
            };

            _violations.AddRange(request.Violations);

            if (KeepsRequests)
            {
                _requests.Add(request);
                ArrivalOf(request.Number).TrySetResult(request);
            }

            return request;
        }
    }

    private async Task AnswerAsync(HttpResponse response, AnthropicRequest request, CancellationToken cancellationToken)
    {
        var requestId = $"req_{request.Number:D8}";
        response.Headers["request-id"] = requestId;
        var error = request.Violations.Count > 0 ? ErrorFor(request.Violations[0]) : null;
        var reply = error is null ? ReplyTo(request) : new() { Error = error };

        if (reply.Error is not null)
        {
            await (reply.Gate?.WaitAsync(cancellationToken) ?? Task.CompletedTask);
            await ReplyWriter.WriteErrorAsync(response, reply.Error, requestId, cancellationToken);

            return;
        }

        reply = Complete(reply, request.Number);
        var id = $"msg_{request.Number:D8}";
        var model = request.Body.GetProperty("model").GetString()!;
        _thinking.Issue(reply, model);

        await (request.IsStreamed
            ? ReplyWriter.WriteStreamAsync(response, reply, id, model, cancellationToken)
            : ReplyWriter.WriteMessageAsync(response, reply, id, model, cancellationToken));
    }

    private static ReplyError ErrorFor(RuleViolation violation) => violation.Rule switch
    {
        "not-found" => new(404, "not_found_error", violation.Message),
        "api-key" => new(401, "authentication_error", violation.Message),
        _ => new(400, "invalid_request_error", violation.Message),
    };

    private AnthropicReply ReplyTo(AnthropicRequest request)
    {
        lock (_lock)
        {
            if (_replies.TryDequeue(out var reply))
            {
                return reply;
            }

            if (Answer is null)
            {
                _violations.Add(new("no-answer", "The test has no answer for this request.") { Request = request.Number });

                return AnthropicReply.InternalError();
            }
        }

        try
        {
            return Answer(request);
        }
        catch (Exception failure)
        {
            lock (_lock)
            {
                _violations.Add(new("no-answer", $"The test's answer failed: {failure}") { Request = request.Number });
            }

            return AnthropicReply.InternalError();
        }
    }

    private static AnthropicReply Complete(AnthropicReply reply, int number) => reply with
    {
        Blocks =
        [
            .. reply.Blocks.Select((block, index) => block switch
            {
                ThinkingReply { Signature: null } thinking => thinking with { Signature = $"sig+{number}/{index}==" },
                ToolUseReply { Id: null } call => call with { Id = $"toolu_{number:D4}_{index}" },
                _ => block,
            }),
        ],
    };

    private TaskCompletionSource<AnthropicRequest> ArrivalOf(int number)
    {
        if (!_arrivals.TryGetValue(number, out var arrival))
        {
            _arrivals[number] = arrival = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return arrival;
    }
}

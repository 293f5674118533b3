using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Summaries;

/// <summary>A model that returns the given summaries and records its requests.</summary>
internal sealed class SummaryModel : IChatClient
{
    public List<(IReadOnlyList<ChatMessage> Messages, ChatOptions Options)> Requests { get; } = [];

    public Func<int, CancellationToken, Task<ChatResponse>> Answer { get; set; } = static (_, _) => Task.FromResult(Saying("They spoke."));

    public string System => Requests[^1].Messages[0].Text;

    public string Quotation => Requests[^1].Messages[1].Text;

    public static ChatResponse Saying(string text, ChatFinishReason? finishReason = null, UsageDetails? usage = null) =>
        new(new ChatMessage(ChatRole.Assistant, text)) { FinishReason = finishReason ?? ChatFinishReason.Stop, Usage = usage };

    /// <summary>Says one after the other.</summary>
    public void Say(params ChatResponse[] responses) => Answer = (request, _) => Task.FromResult(responses[request - 1]);

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        lock (Requests)
            Requests.Add(([.. messages], options!));
        return Answer(Requests.Count, cancellationToken);
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}

using System.Runtime.CompilerServices;

namespace Guide;

/// <summary>Replaces a model: it calls the first tool if it has one, states what the tool returned, and otherwise answers with the number of messages that it got.</summary>
internal sealed class CountingChatClient : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [AnswerTo([.. messages], options)])));

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        yield return new ChatResponseUpdate(ChatRole.Assistant, [AnswerTo([.. messages], options)]);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private static AIContent AnswerTo(IReadOnlyList<ChatMessage> messages, ChatOptions? options) =>
        messages[^1].Contents is [FunctionResultContent result, ..] ? new TextContent($"The tool returned: {result.Result}")
        : options?.Tools is [{ } tool, ..] ? new FunctionCallContent("call_1", tool.Name, new Dictionary<string, object?> { ["amount"] = "42.00" })
        : new TextContent($"The model has got {messages.Count} message(s).");
}

using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>A model that returns given answers and records its requests.</summary>
internal sealed class FakeModel : IChatClient
{
    private readonly List<(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options)> _requests = [];

    public IReadOnlyList<(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options)> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    public IReadOnlyList<ChatMessage> LastPrompt => Requests[^1].Messages;

    public ChatOptions? LastOptions => Requests[^1].Options;

    public Func<IReadOnlyList<ChatMessage>, CancellationToken, Task<ChatResponse>> Answer { get; set; } = static (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi")));

    /// <summary>Null to stream what <see cref="Answer"/> says.</summary>
    public Func<IReadOnlyList<ChatMessage>, CancellationToken, IAsyncEnumerable<ChatResponseUpdate>>? Stream { get; set; }

    public static Func<IReadOnlyList<ChatMessage>, CancellationToken, Task<ChatResponse>> Saying(params AIContent[] contents) =>
        (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [.. contents])));

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await Answer(Note(messages, options), cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var noted = Note(messages, options);
        if (Stream is not null)
        {
            await foreach (var update in Stream(noted, cancellationToken).WithCancellation(cancellationToken))
                yield return update;
            yield break;
        }

        foreach (var update in (await Answer(noted, cancellationToken)).ToChatResponseUpdates())
            yield return update;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private List<ChatMessage> Note(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        List<ChatMessage> all = [.. messages];
        lock (_requests)
            _requests.Add((all, options));
        return all;
    }
}

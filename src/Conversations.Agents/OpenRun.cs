using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The model of a turn that a history provider begins before the agent calls the model, and commits afterwards: it gives the prompt away and waits for the answer.</summary>
internal sealed class OpenRun : IChatClient
{
    private readonly TaskCompletionSource<IReadOnlyList<ChatMessage>> _prompt = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ChatResponse> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ChatClientMetadata? _metadata;
    private Task<ChatResponse> _turn = null!;

    private OpenRun(AgentRunContext? run, ChatClientMetadata? metadata) => (Run, _metadata) = (run, metadata);

    /// <summary>Gets the run of the agent.</summary>
    public AgentRunContext? Run { get; }

    /// <summary>Gets whether the turn has ended, by itself or because it was stopped.</summary>
    public bool IsOver => _turn.IsCompleted;

    /// <summary>Begins a turn.</summary>
    /// <returns>The turn, and the prompt for the agent.</returns>
    /// <exception cref="InvalidOperationException">The model is not to be called: other requests for approvals have no response yet.</exception>
    public static async Task<(OpenRun Run, IReadOnlyList<ChatMessage> Prompt)> BeginAsync(
        SessionTurns turns, AgentInput input, ConversationChatOptions options, AgentRunContext? run, ChatClientMetadata? metadata, CancellationToken cancellationToken)
    {
        var open = new OpenRun(run, metadata);
        open._turn = turns.ClientOf(open).GetResponseAsync(input.Messages, options, cancellationToken);
        if (await Task.WhenAny(open._prompt.Task, open._turn).ConfigureAwait(false) == open._turn)
        {
            await open._turn.ConfigureAwait(false);
            throw new InvalidOperationException("The response is stored, and the model is not called: other requests of the same answer have no response yet. Send their responses, too.");
        }

        // No one waits for the turn of a stream whose reader has left; its run records how it ended.
        _ = open._turn.ContinueWith(static turn => _ = turn.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return (open, await open._prompt.Task.ConfigureAwait(false));
    }

    /// <summary>Ends the turn with the answer of the agent.</summary>
    public Task<ChatResponse> CommitAsync(ChatResponse answer)
    {
        _answer.TrySetResult(answer);
        return _turn;
    }

    /// <summary>Ends the turn with the failure of the agent, which the agent throws itself.</summary>
    public async Task FailAsync(Exception cause)
    {
        _answer.TrySetException(cause);
        try
        {
            await _turn.ConfigureAwait(false);
        }
        catch (Exception exception) when (ReferenceEquals(exception, cause) || exception is OperationCanceledException)
        {
            // The agent throws the cause, or the turn was stopped before.
        }
    }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        _prompt.SetResult([.. messages]);
        return await _answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("The agent calls the model.");

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType == typeof(ChatClientMetadata) ? _metadata : null;

    public void Dispose()
    {
    }
}

namespace Conversations;

/// <summary>The agents that a provider finds, each kept for a time. Thread-safe.</summary>
/// <param name="provider">Finds them.</param>
/// <param name="lifetime">How long an answer is used.</param>
/// <param name="timeProvider">The clock of the lifetime.</param>
/// <param name="create">Checks options, and creates the agent.</param>
internal sealed class FoundAgents(IAgentOptionsProvider provider, TimeSpan lifetime, TimeProvider timeProvider, Func<string, AgentOptions, AgentDefinition> create)
{
    /// <summary>The most agents that are kept. The one that was not used for the longest time is dropped.</summary>
    public const int Most = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Answer>> _answers = new(StringComparer.Ordinal);
    private readonly LinkedList<Answer> _byUse = [];
    private readonly Dictionary<string, Task<AgentDefinition?>> _asked = new(StringComparer.Ordinal);

    // Never disposed, because late requests still use its token.
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Finds an agent; null if there is none. It completes synchronously while an answer is kept.</summary>
    public ValueTask<AgentDefinition?> FindAsync(string name, CancellationToken cancellationToken)
    {
        Task<AgentDefinition?>? asked;
        lock (_gate)
        {
            if (FindKept(name) is { } kept)
                return ValueTask.FromResult<AgentDefinition?>(kept);
            if (!_asked.TryGetValue(name, out asked))
                _asked.Add(name, asked = BeginAskingAsync(name));
        }

        return new ValueTask<AgentDefinition?>(asked.WaitAsync(cancellationToken));
    }

    /// <summary>Cancels what is being asked, and does not wait for it.</summary>
    public void Close() => _ = _closing.CancelAsync();

    private AgentDefinition? FindKept(string name)
    {
        if (!_answers.TryGetValue(name, out var node) || timeProvider.GetElapsedTime(node.Value.AskedAt) >= lifetime)
            return null;

        _byUse.Remove(node);
        _byUse.AddFirst(node);
        return node.Value.Agent;
    }

    private Task<AgentDefinition?> BeginAskingAsync(string name)
    {
        var asked = RunWithoutContextAsync(() => AskAsync(name));

        // Every request that waits for it may have been cancelled.
        _ = asked.ContinueWith(static failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return asked;
    }

    /// <summary>Runs a function without the execution context of the request: who asks first must not matter.</summary>
    private static Task<AgentDefinition?> RunWithoutContextAsync(Func<Task<AgentDefinition?>> function)
    {
        if (ExecutionContext.IsFlowSuppressed())
            return Task.Run(function);

        using (ExecutionContext.SuppressFlow())
            return Task.Run(function);
    }

    private async Task<AgentDefinition?> AskAsync(string name)
    {
        try
        {
            // What changes while the provider answers may not be in its answer.
            var askedAt = timeProvider.GetTimestamp();
            var agent = await provider.FindAsync(name, _closing.Token).ConfigureAwait(false) is { } options ? create(name, options) : null;
            lock (_gate)
                Keep(name, agent, askedAt);
            return agent;
        }
        finally
        {
            lock (_gate)
                _asked.Remove(name);
        }
    }

    private void Keep(string name, AgentDefinition? agent, long askedAt)
    {
        if (_answers.Remove(name, out var before))
            _byUse.Remove(before);
        if (agent is null)
            return;

        _answers.Add(name, _byUse.AddFirst(new Answer(agent, askedAt)));
        if (_answers.Count > Most)
        {
            _answers.Remove(_byUse.Last!.Value.Agent.Name);
            _byUse.RemoveLast();
        }
    }

    private sealed record Answer(AgentDefinition Agent, long AskedAt);
}

using System.Collections.Concurrent;

namespace Conversations.Tests.Manager;

/// <summary>Agents that a test adds, changes and removes.</summary>
internal sealed class FakeAgents : IAgentOptionsProvider
{
    private readonly ConcurrentDictionary<string, Func<CancellationToken, ValueTask<AgentOptions?>>> _agents = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _asked = new();

    /// <summary>Gets the names that were asked for, in order.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    public void Set(string name, Action<AgentOptions>? configure = null) => Set(name, _ =>
    {
        var options = new AgentOptions();
        configure?.Invoke(options);
        return ValueTask.FromResult<AgentOptions?>(options);
    });

    public void Set(string name, Func<CancellationToken, ValueTask<AgentOptions?>> find) => _agents[name] = find;

    public void Remove(string name) => _agents.TryRemove(name, out _);

    public ValueTask<AgentOptions?> FindAsync(string agent, CancellationToken cancellationToken = default)
    {
        _asked.Enqueue(agent);
        return _agents.TryGetValue(agent, out var find) ? find(cancellationToken) : default;
    }
}

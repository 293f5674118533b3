using System.Collections.Concurrent;
using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>The services that a manager and its views share.</summary>
internal sealed class ConversationServices(IConversationStore store, AgentCatalog agents, TimeProvider timeProvider, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, bool> _warned = new(StringComparer.Ordinal);
    private Task? _closed;

    public IConversationStore Store { get; } = store;

    public AgentCatalog Agents { get; } = agents;

    public TimeProvider TimeProvider { get; } = timeProvider;

    public ILogger Logger { get; } = logger;

    public TurnStarter Turns { get; } = new(store, timeProvider, logger, agents.Limits.MaxWaitingTurns, agents.Limits.MaxConcurrentSummaries);

    /// <summary>Ends the open turns and the summaries in progress.</summary>
    /// <param name="isDisposed">Whether the manager is disposed, and not only closing because its host stops.</param>
    public Task CloseAsync(bool isDisposed)
    {
        if (isDisposed)
            Turns.SetDisposed();
        Agents.Close();
        lock (_gate)
            return _closed ??= Turns.CloseAsync(Agents.ShutdownTimeout, System.TimeProvider.System);
    }

    public void WarnNothingStored(string agent)
    {
        if (_warned.TryAdd(agent, value: true))
            Log.RunsStateless(Logger, agent);
    }
}

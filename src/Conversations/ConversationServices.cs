using System.Collections.Concurrent;
using Conversations.Storage;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>The services that a manager and its views share.</summary>
internal sealed class ConversationServices(IConversationStore store, AgentCatalog agents, TimeProvider timeProvider, ILogger logger)
{
    private readonly ConcurrentDictionary<string, bool> _warned = new(StringComparer.Ordinal);

    public IConversationStore Store { get; } = store;

    public AgentCatalog Agents { get; } = agents;

    public TimeProvider TimeProvider { get; } = timeProvider;

    public ILogger Logger { get; } = logger;

    public TurnStarter Turns { get; } = new(store, timeProvider, logger);

    public void WarnNothingStored(string agent)
    {
        if (_warned.TryAdd(agent, value: true))
            Log.RunsStateless(Logger, agent);
    }
}

using Conversations.Storage;

namespace Conversations.Soak.Schedules;

/// <summary>A process of a schedule: its store, its manager and its open turns.</summary>
internal sealed class SoakProcess
{
    public SoakProcess(IConversationStore store, TimeProvider clock)
    {
        Store = new HaltingStore(store);
        Manager = new ConversationManager(Store, Agents.Options(agent =>
        {
            agent.LeaseDuration = ModelLease.Duration;
            agent.MaxTurnDuration = TimeSpan.MaxValue;
        }), clock);
    }

    public HaltingStore Store { get; }

    public ConversationManager Manager { get; }

    public List<OpenTurn> Turns { get; } = [];
}

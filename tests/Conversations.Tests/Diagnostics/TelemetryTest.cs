using System.Runtime.CompilerServices;
using Conversations.Storage;
using Conversations.StoreSpecification;
using Conversations.Tests.Manager;

namespace Conversations.Tests.Diagnostics;

/// <summary>The base class of tests of telemetry: an agent that no other test has, one kind of store, and a listener.</summary>
public abstract class TelemetryTest<TStore> : IAsyncDisposable
    where TStore : IStoreUnderTest, new()
{
    private readonly TStore _stores = new();
    private readonly ConversationManager _summarizing;

    protected TelemetryTest()
    {
        Store = _stores.Open(Time);
        Manager = new ConversationManager(Store, new ConversationOptions().AddAgent(Agent, agent => agent.HistoryLimit = 4), Time, Log);
        _summarizing = new ConversationManager(
            Store,
            new ConversationOptions().AddAgent(Agent, agent =>
            {
                agent.HistoryLimit = 4;
                agent.Summarizer = Summarizer;
                agent.SummaryThreshold = 2;
            }),
            Time,
            Log);
    }

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected ManualTimeProvider Time { get; } = new();

    protected RecordingLogger Log { get; } = new();

    protected string Agent { get; } = TelemetryWatch.NewAgent();

    protected IConversationStore Store { get; }

    protected ConversationManager Manager { get; }

    protected ScopedConversations Alice => Manager.ForIdentity(ConversationIdentity.ForUser("alice"));

    protected ScopedConversations Summarizing => _summarizing.ForIdentity(ConversationIdentity.ForUser("alice"));

    private protected FakeSummarizer Summarizer { get; } = new();

    private protected TelemetryWatch Watch { get; } = new();

    public async ValueTask DisposeAsync()
    {
        Watch.Dispose();
        await Store.DisposeAsync();
        _stores.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static Task Answer(ConversationTurn turn, CancellationToken cancellationToken)
    {
        turn.Model = "model-1";
        turn.FinishReason = "stop";
        turn.Usage = new TokenUsage { InputTokens = 100, OutputTokens = 10, CachedInputTokens = 50, CacheWriteInputTokens = 20, ReasoningTokens = 4 };
        turn.Add(ConversationMessage.Assistant("hi"));
        return Task.CompletedTask;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    protected static Task DropTurnAsync(ScopedConversations view, string agent) =>
        Task.Run(() => view.BeginTurnAsync(new TurnRequest(agent, "dropped")), Cancellation).ContinueWith(_ => { }, TaskScheduler.Default);

    protected Task SummariesAsync() => _summarizing.WaitForSummariesAsync(Cancellation);
}

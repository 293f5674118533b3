using Conversations.Extensions.AI.Tests.Client;
using Conversations.Storage;
using Conversations.StoreSpecification;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Conversations.Agents.Tests;

/// <summary>The ways to give conversations to an agent.</summary>
public enum Way
{
    /// <summary>A history provider of the agent.</summary>
    Provider,

    /// <summary>An agent around the agent.</summary>
    Around,
}

/// <summary>The base class of tests of agents: the agents are real, the model has given answers, the store is a SQLite file, and only tests move the clock.</summary>
public abstract class AgentTest : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conversations-");

    protected AgentTest() => (Store, Manager) = Open();

    /// <summary>Gets each way, plain and streamed.</summary>
    public static TheoryData<Way, bool> Ways => new() { { Way.Provider, false }, { Way.Provider, true }, { Way.Around, false }, { Way.Around, true } };

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected ManualTimeProvider Time { get; } = new();

    protected IConversationStore Store { get; private set; }

    protected ConversationManager Manager { get; private set; }

    protected ScopedConversations Alice => Manager.ForIdentity(ConversationIdentity.ForUser("alice"));

    private protected FakeModel Model { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the store and opens it again, as another process does.</summary>
    protected async Task RestartAsync()
    {
        await Store.DisposeAsync();
        (Store, Manager) = Open();
    }

    protected AIAgent Agent(Way way, ConversationAgentOptions? options = null, Action<ChatClientAgentOptions>? change = null, IChatClient? model = null, string name = "bot", ConversationView? conversations = null)
    {
        var view = conversations ?? Alice;
        var settings = new ChatClientAgentOptions { Id = name, Name = name, ChatOptions = new ChatOptions { Instructions = "Be brief." } };
        change?.Invoke(settings);
        if (way == Way.Provider)
            settings.ChatHistoryProvider = view.AsChatHistoryProvider(name, options);
        var agent = new ChatClientAgent(model ?? Model, settings);
        return way == Way.Provider ? agent : agent.AsBuilder().UseConversations(view, name, options).Build();
    }

    protected static Task<AgentResponse> RunAsync(AIAgent agent, string text, AgentSession? session, bool streamed, AgentRunOptions? options = null) =>
        RunAsync(agent, [new ChatMessage(ChatRole.User, text)], session, streamed, options);

    protected static Task<AgentResponse> RunAsync(AIAgent agent, IEnumerable<ChatMessage> messages, AgentSession? session, bool streamed, AgentRunOptions? options = null) => streamed
        ? agent.RunStreamingAsync(messages, session, options, Cancellation).ToAgentResponseAsync(Cancellation)
        : agent.RunAsync(messages, session, options, Cancellation);

    protected static List<string> Texts(IEnumerable<ChatMessage> messages) => [.. messages.Select(message => $"{message.Role}: {message.Text}")];

    protected static Func<IReadOnlyList<ChatMessage>, CancellationToken, Task<ChatResponse>> Saying(params string[] texts)
    {
        var answers = new Queue<string>(texts);
        return (_, _) =>
        {
            lock (answers)
                return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, answers.Dequeue())));
        };
    }

    protected async Task<List<StoredMessage>> StoredAsync(AgentSession session) =>
        await Manager.GetMessagesAsync(session.GetConversationId()!, cancellationToken: Cancellation).ToListAsync(Cancellation);

    protected async Task<List<string>> StoredTextsAsync(AgentSession session) => [.. (await StoredAsync(session)).Select(message => $"{message.Role}: {message.Text}")];

    protected async Task<List<ConversationRun>> RunsAsync(AgentSession session) => await Manager.GetRunsAsync(session.GetConversationId()!, Cancellation).OrderBy(run => run.Number).ToListAsync(Cancellation);

    protected async Task<List<Conversation>> ConversationsAsync() => await Manager.ListAsync(cancellationToken: Cancellation).ToListAsync(Cancellation);

    private (IConversationStore Store, ConversationManager Manager) Open()
    {
        var store = new SqliteConversationStore($"Data Source={Path.Combine(_folder.FullName, "test.db")}", Time);
        var options = new ConversationOptions()
            .AddAgent("bot")
            .AddAgent("other")
            .AddAgent("critic")
            .AddAgent("prompted", agent => agent.SystemPrompt = "You are kind.");
        return (store, new ConversationManager(store, options, Time));
    }
}

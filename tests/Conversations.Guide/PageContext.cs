using System.Runtime.CompilerServices;

namespace Guide;

/// <summary>The members that every page uses: a manager with the agents of the guide on an empty store, the view of one user, and the answer to a first question.</summary>
/// <remarks>A page that needs something else has a class with this name in its namespace. The names of the members are those that the pages use.</remarks>
#pragma warning disable IDE1006, SA1300 // Members that stand for the variables of a page.
public abstract class PageContext : IAsyncDisposable
{
    private readonly ServiceProvider _provider;

    protected PageContext()
    {
        var registered = new ServiceCollection();
        registered.AddConversations(Configure).UseInMemory();
        _provider = registered.BuildServiceProvider();
    }

    protected ServiceCollection services { get; } = [];

    protected HostApplicationBuilder builder { get; } = Host.CreateApplicationBuilder();

    protected IServiceProvider provider => _provider;

    protected ConversationManager conversations => _provider.GetRequiredService<ConversationManager>();

    protected ConversationMaintenance maintenance => _provider.GetRequiredService<ConversationMaintenance>();

    protected ScopedConversations mine => conversations.ForIdentity(ConversationIdentity.ForUser("user_123"));

    protected TurnResult result { get; private set; } = null!;

    protected CancellationToken cancellationToken => CancellationToken.None;

    protected ConversationIdentity caller { get; } = ConversationIdentity.ForUser("user_123");

    protected IChatClient yourChatClient { get; } = new CountingChatClient();

    protected IChatClient client => yourChatClient.WithConversations(mine, "support-bot");

    protected IList<AITool> tools { get; } = [];

    public abstract Task RunAsync();

    public async Task BeginAsync() => result = await mine.RunTurnAsync("support-bot", "Can you check my last invoice?", AnswerAsync);

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    protected static Task AnswerAsync(ConversationTurn turn, CancellationToken cancellationToken)
    {
        turn.Add(ConversationMessage.Assistant($"I have read {turn.Prompt.Count} message(s)."));
        return Task.CompletedTask;
    }

    protected static Task<string> CallYourModelAsync(IReadOnlyList<ConversationMessage> prompt, CancellationToken cancellationToken) =>
        Task.FromResult($"I have read {prompt.Count} message(s).");

    protected static async IAsyncEnumerable<string> StreamYourModelAsync(IReadOnlyList<ConversationMessage> prompt, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var piece in (string[])["Once ", "upon ", "a time."])
        {
            await Task.Yield();
            yield return piece;
        }
    }

    protected virtual void Configure(ConversationOptions options) => options
        .AddAgent("support-bot")
        .AddAgent("team-bot", agent => agent.Mode = PersistenceMode.Shared)
        .AddAgent("translator", agent => agent.Mode = PersistenceMode.Stateless)
        .AddAgent("crm-agent")
        .AddAgent("brief-bot", agent => agent.HistoryLimit = 40)
        .AddPrice("gpt-5", inputPerMillion: 1.25m, outputPerMillion: 10m, cachedInputPerMillion: 0.125m);
}

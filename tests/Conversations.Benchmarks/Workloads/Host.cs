using Conversations.Storage;

namespace Conversations.Benchmarks.Workloads;

/// <summary>The library as a host uses it: full turns through the manager, each with an agent that reads its prompt and answers.</summary>
internal sealed class Host : IAsyncDisposable
{
    public const string Agent = "support-bot";

    private readonly Dictionary<int, ScopedConversations> _views = [];
    private long _keys;

    public Host(IConversationStore store)
    {
        Store = store;
        Manager = new ConversationManager(store, new ConversationOptions().AddAgent(Agent));
    }

    public IConversationStore Store { get; }

    public ConversationManager Manager { get; }

    public static Host OnSqlite(string path) => new(new SqliteConversationStore($"Data Source={path}"));

    public static ConversationIdentity IdentityOf(int user) => ConversationIdentity.ForUser($"user_{user:D7}");

    /// <summary>Gives a user a conversation with so many messages.</summary>
    public async Task<Conversation> AddAsync(int user, int messages)
    {
        _views[user] = Manager.ForIdentity(IdentityOf(user));
        if (messages == 0)
            return await _views[user].CreateAsync(Agent);

        return await Manager.ImportAsync(new ConversationImport(Agent, Enumerable.Range(1, messages).Select(position => position % 2 == 1
            ? ConversationMessage.User(Texts.Question)
            : ConversationMessage.Assistant(Texts.Answer)))
        {
            Identity = IdentityOf(user),
        });
    }

    /// <summary>A full turn of a user's conversation.</summary>
    public Task TurnAsync(int user) => _views[user].RunTurnAsync(Agent, Texts.Question, AnswerAsync);

    /// <summary>A full turn with an idempotency key.</summary>
    public Task KeyedTurnAsync(int user) =>
        _views[user].RunTurnAsync(new TurnRequest(Agent, Texts.Question) { IdempotencyKey = $"request-{Interlocked.Increment(ref _keys):D10}" }, AnswerAsync);

    /// <summary>A turn that is begun, to be committed by hand.</summary>
    public Task<ConversationTurn> BeginAsync(int user) => _views[user].BeginTurnAsync(new TurnRequest(Agent, Texts.Question));

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    private static Task AnswerAsync(ConversationTurn turn, CancellationToken cancellationToken)
    {
        _ = turn.Prompt;
        turn.Add(ConversationMessage.Assistant(Texts.Answer));
        return Task.CompletedTask;
    }
}

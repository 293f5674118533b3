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

        return await ImportAsync(user, Enumerable.Range(1, messages).Select(Copy));
    }

    /// <summary>Gives a user a conversation of these messages.</summary>
    public Task<Conversation> ImportAsync(int user, IEnumerable<ConversationMessage> messages) =>
        Manager.ImportAsync(new ConversationImport(Agent, messages) { Identity = IdentityOf(user) });

    /// <summary>A question or an answer, by its position, with a separate text.</summary>
    public static ConversationMessage Copy(int position) => position % 2 == 1
        ? ConversationMessage.User(new string(Texts.Question.AsSpan()))
        : ConversationMessage.Assistant(new string(Texts.Answer.AsSpan()));

    /// <summary>A full turn of a user's conversation.</summary>
    public Task TurnAsync(int user) => _views[user].RunTurnAsync(Agent, Texts.Question, AnswerAsync);

    /// <summary>A full turn with an idempotency key.</summary>
    public Task KeyedTurnAsync(int user) =>
        _views[user].RunTurnAsync(new TurnRequest(Agent, Texts.Question) { IdempotencyKey = $"request-{Interlocked.Increment(ref _keys):D10}" }, AnswerAsync);

    /// <summary>A full turn whose question and answer are new objects.</summary>
    public Task NewTurnAsync(int user) => _views[user].RunTurnAsync(new TurnRequest(Agent, Copy(1)), static (turn, cancellationToken) =>
    {
        _ = turn.Prompt;
        turn.Add(Copy(2));
        return Task.CompletedTask;
    });

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

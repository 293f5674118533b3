using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.Tests.Rules;

/// <summary>The base of the tests of decisions: an empty store on a clock that the test moves, and short ways to use it.</summary>
/// <remarks>The tests run on <see cref="InMemoryConversationStore"/>. A derived class can run them on another store.</remarks>
public abstract class RulesTest : IAsyncLifetime
{
    /// <summary>The duration of the leases.</summary>
    protected static readonly TimeSpan LeaseDuration = TimeSpan.FromMinutes(1);

    /// <summary>A finish reason that is longer than usual.</summary>
    private protected static readonly string LongFinishReason = string.Concat(Enumerable.Repeat("content_filter: 👍 ", 100));

    private int _lastId;
    private long _lastToken;

    /// <summary>The access of the host to the default project.</summary>
    protected static ConversationAccess Host { get; } = new(ConversationScope.DefaultProject, audiences: null);

    /// <summary>The clock of <see cref="Store"/>.</summary>
    protected ManualTimeProvider Time { get; } = new();

    /// <summary>The clock that <see cref="Store"/> reads.</summary>
    private protected virtual TimeProvider StoreClock => Time;

    /// <summary>The store; empty when a test begins.</summary>
    private protected RulesStore Store { get; private set; } = null!;

    public virtual async ValueTask InitializeAsync() => Store = new RulesStore(await CreateStoreAsync(StoreClock), StoreClock);

    public virtual async ValueTask DisposeAsync()
    {
        await Store.Inner.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Creates an empty store.</summary>
    protected virtual ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => ValueTask.FromResult<IConversationStore>(new InMemoryConversationStore(timeProvider));

    /// <summary>The scope of a user.</summary>
    protected static ConversationScope ScopeOf(string user = "user_1", string agent = "agent", string channel = ConversationChannels.Chat, string project = ConversationScope.DefaultProject) =>
        new(project, agent, ConversationOwner.Of(ConversationIdentity.ForUser(user)), channel);

    /// <summary>The access of a scope's own audience.</summary>
    protected static ConversationAccess AccessOf(ConversationScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return new ConversationAccess(scope.Project, [scope.Owner.Audience]);
    }

    /// <summary>A user's message of now.</summary>
    protected ConversationMessage User(string text) => ConversationMessage.User(text) with { CreatedAt = Time.GetUtcNow() };

    /// <summary>A model's message of now.</summary>
    protected ConversationMessage Assistant(string text) => ConversationMessage.Assistant(text) with { CreatedAt = Time.GetUtcNow() };

    /// <summary>An error message of now.</summary>
    protected ConversationMessage Error(string text) => ConversationMessage.Error(text) with { CreatedAt = Time.GetUtcNow() };

    /// <summary>An id that was not used before; later ones are greater, ordinally.</summary>
    protected string NewId() => $"conv_{Interlocked.Increment(ref _lastId):D6}";

    /// <summary>A turn by scope.</summary>
    private protected BeginTurnCommand Turn(ConversationScope? scope = null, string text = "hello")
    {
        scope ??= ScopeOf();
        return new BeginTurnCommand
        {
            Access = AccessOf(scope),
            Agent = scope.Agent,
            Scope = scope,
            NewConversationId = NewId(),
            Input = [User(text)],
            Caller = scope.Owner.Audience,
            LeaseDuration = LeaseDuration,
            Token = Interlocked.Increment(ref _lastToken),
            SegmentRetention = Piece.Retention,
        };
    }

    /// <summary>A turn by id.</summary>
    private protected BeginTurnCommand TurnIn(string conversationId, ConversationScope? scope = null, string text = "hello") =>
        Turn(scope, text) with { Scope = null, ConversationId = conversationId };

    /// <summary>A turn by scope with an idempotency key.</summary>
    private protected BeginTurnCommand Keyed(string key = "key", ConversationScope? scope = null) =>
        Turn(scope) with { IdempotencyKey = key, Fingerprint = "fingerprint" };

    /// <summary>A turn by id with the default key of <see cref="Keyed"/>.</summary>
    private protected BeginTurnCommand KeyedIn(string conversationId) => Keyed() with { Scope = null, ConversationId = conversationId };

    /// <summary>Begins a turn that must begin.</summary>
    private protected async Task<TurnBegun> BeginAsync(BeginTurnCommand? command = null)
    {
        var outcome = await Store.BeginTurnAsync(command ?? Turn());
        return outcome.Should().BeOfType<TurnBegun>().Subject;
    }

    /// <summary>Commits a turn, with an answer for each text.</summary>
    private protected Task<bool> CommitAsync(TurnLease lease, params IEnumerable<string> texts) => Store.CommitTurnAsync(Completion(lease, texts));

    /// <summary>The completion of a turn, with an answer for each text.</summary>
    private protected CommitTurnCommand Completion(TurnLease lease, params IEnumerable<string> texts) =>
        new() { Lease = lease, Access = Host, Status = RunStatus.Completed, Messages = [.. texts.Select(Assistant)] };

    /// <summary>Begins a turn and commits it with one answer; both must succeed.</summary>
    private protected async Task<TurnBegun> ExchangeAsync(BeginTurnCommand? command = null)
    {
        var begun = await BeginAsync(command);
        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();
        return begun;
    }

    /// <summary>Begins a turn and closes its run with a status.</summary>
    private protected async Task<TurnBegun> AbandonAsync(BeginTurnCommand command, RunStatus status)
    {
        var begun = await BeginAsync(command);
        (await Store.CommitTurnAsync(Completion(begun.Lease) with { Status = status })).Should().BeTrue();
        return begun;
    }

    /// <summary>A turn that answers existing messages again.</summary>
    private protected BeginTurnCommand Again(string conversationId, long position, int count = 1, ConversationScope? scope = null) =>
        TurnIn(conversationId, scope) with { InputAgain = new MessageSpan(position, count), Input = [] };

    /// <summary>Answers a message again: everything after it is superseded.</summary>
    private protected Task<TurnLease> AnswerAgainAsync(string conversationId, long input, params IEnumerable<string> texts) =>
        SupersedeAsync(conversationId, input, from: input + 1, restore: null, [.. texts.Select(Assistant)]);

    /// <summary>Supersedes, restores, or both, in a run of its own that must be committed.</summary>
    private protected async Task<TurnLease> SupersedeAsync(string conversationId, long input, long? from, long? restore, params IReadOnlyList<ConversationMessage> messages)
    {
        var scope = ConversationScope.Parse((await GetAsync(conversationId)).SessionId);
        var begun = await BeginAsync(Again(conversationId, input, scope: scope));
        var commit = Completion(begun.Lease) with { Messages = messages, SupersedeFrom = from, Restore = restore };
        (await Store.CommitTurnAsync(commit)).Should().BeTrue();
        return begun.Lease;
    }

    /// <summary>Creates a conversation with some exchanges, each with a separate run.</summary>
    private protected async Task<string> ConverseAsync(int exchanges)
    {
        var id = "";
        for (var number = 1; number <= exchanges; number++)
            id = (await ExchangeAsync(Turn(text: $"question {number}"))).Lease.ConversationId;
        return id;
    }

    /// <summary>The creation of a conversation.</summary>
    private protected CreateConversationCommand Creation(ConversationScope? scope = null, params IEnumerable<ConversationMessage> messages) =>
        new() { ConversationId = NewId(), Scope = scope ?? ScopeOf(), Messages = [.. messages] };

    /// <summary>Creates a conversation with messages.</summary>
    private protected Task<Conversation> CreateAsync(ConversationScope? scope = null, params IEnumerable<ConversationMessage> messages) =>
        Store.CreateConversationAsync(Creation(scope, messages));

    /// <summary>Sets a conversation's status.</summary>
    private protected async Task<Conversation> SetStatusAsync(string conversationId, ConversationStatus status)
    {
        var changed = await Store.UpdateConversationAsync(conversationId, Host, new ConversationChange { Status = status });
        return changed.Should().NotBeNull().And.BeOfType<Conversation>().Subject;
    }

    /// <summary>Reads a conversation that must exist.</summary>
    private protected async Task<Conversation> GetAsync(string conversationId)
    {
        var conversation = await Store.GetConversationAsync(conversationId, Host);
        return conversation.Should().NotBeNull().And.BeOfType<Conversation>().Subject;
    }

    /// <summary>Reads the run of a lease, which must exist.</summary>
    private protected async Task<ConversationRun> RunOfAsync(TurnLease lease)
    {
        var run = await Store.GetRunAsync(lease.ConversationId, lease.RunNumber, Host);
        return run.Should().NotBeNull().And.BeOfType<ConversationRun>().Subject;
    }

    /// <summary>Reads all messages of a conversation, oldest first.</summary>
    private protected Task<IReadOnlyList<StoredMessage>> MessagesAsync(string conversationId, ConversationAccess? access = null) =>
        Store.ReadMessagesAsync(new MessageRange { ConversationId = conversationId, Access = access ?? Host, Limit = int.MaxValue });

    /// <summary>Reads the texts of all messages of a conversation, oldest first.</summary>
    private protected async Task<IEnumerable<string>> TextsAsync(string conversationId) =>
        (await MessagesAsync(conversationId)).Select(message => message.Text);

    /// <summary>Reads the runs of a conversation, newest first.</summary>
    private protected Task<IReadOnlyList<ConversationRun>> RunsAsync(string conversationId, ConversationAccess? access = null) =>
        Store.ListRunsAsync(new RunRange { ConversationId = conversationId, Access = access ?? Host, Limit = int.MaxValue });

    /// <summary>Reads the id of a scope's current conversation.</summary>
    private protected async Task<string?> CurrentIdAsync(ConversationScope? scope = null) => (await Store.GetCurrentAsync(scope ?? ScopeOf()))?.Id;

    /// <summary>Lists the conversations of the default project.</summary>
    private protected Task<IReadOnlyList<Conversation>> ListAsync(ConversationAccess? access = null) =>
        Store.ListConversationsAsync(new ConversationListing { Access = access ?? Host, Limit = int.MaxValue });

    /// <summary>Reads everything in the default project, versions included, to find out whether anything was written.</summary>
    private protected async Task<IReadOnlyList<object?>> StateAsync()
    {
        var state = new List<object?>();
        foreach (var conversation in await ListAsync())
        {
            state.Add(await Store.FindAsync(conversation.Id));
            state.Add(await CurrentIdAsync(ConversationScope.Parse(conversation.SessionId)));
            state.AddRange(await MessagesAsync(conversation.Id));
            state.AddRange(await RunsAsync(conversation.Id));
        }

        return state;
    }

    /// <summary>Does something many times at once.</summary>
    private protected static async Task<IReadOnlyList<T>> RaceAsync<T>(int runners, Func<int, Task<T>> action)
    {
        var ready = 0;
        return await Task.WhenAll(Enumerable.Range(0, runners).Select(runner => Task.Run(async () =>
        {
            Interlocked.Increment(ref ready);
            while (Volatile.Read(ref ready) < runners)
                await Task.Yield();
            return await action(runner);
        })));
    }
}

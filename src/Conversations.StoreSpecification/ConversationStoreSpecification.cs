using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>The base of the specification of a store: an empty store on a clock that the test moves, and brief ways to use it.</summary>
/// <typeparam name="TFixture">How the tests get at the store.</typeparam>
/// <remarks>Derive a public class from each specification, with your fixture for <typeparamref name="TFixture"/>; nothing stands in it.
/// <see cref="StoreSpecificationCoverage.MissingFrom"/> tells what was left out.</remarks>
public abstract class ConversationStoreSpecification<TFixture> : IAsyncLifetime
    where TFixture : StoreFixture, new()
{
    /// <summary>How long the leases of the tests run.</summary>
    protected static readonly TimeSpan LeaseDuration = TimeSpan.FromMinutes(1);

    /// <summary>A finish reason that is longer than those one is used to.</summary>
    private protected static readonly string LongFinishReason = string.Concat(Enumerable.Repeat("content_filter: 👍 ", 100));

    private int _lastId;

    /// <summary>The access of the host to the default project.</summary>
    protected static ConversationAccess Host { get; } = new(ConversationScope.DefaultProject, null);

    /// <summary>The clock of <see cref="Store"/>.</summary>
    protected ManualTimeProvider Time { get; } = new();

    /// <summary>What <see cref="Store"/> is given to read <see cref="Time"/> from.</summary>
    private protected virtual TimeProvider StoreClock => Time;

    /// <summary>Where the stores of the test come from.</summary>
    protected TFixture Fixture { get; } = new();

    /// <summary>The store; empty when a test begins.</summary>
    protected IConversationStore Store { get; private set; } = null!;

    /// <inheritdoc/>
    public virtual async ValueTask InitializeAsync() => Store = await Fixture.CreateAsync(StoreClock);

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await Fixture.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>The scope of a user.</summary>
    protected static ConversationScope ScopeOf(string user = "user_1", string agent = "agent", string channel = ConversationChannels.Chat, string project = ConversationScope.DefaultProject) =>
        new(project, agent, ConversationOwner.Of(ConversationIdentity.ForUser(user)), channel);

    /// <summary>The access of a scope's own audience.</summary>
    protected static ConversationAccess AccessOf(ConversationScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return new ConversationAccess(scope.Project, [scope.Owner.Audience]);
    }

    /// <summary>A user's message, said now.</summary>
    protected ConversationMessage User(string text) => ConversationMessage.User(text) with { CreatedAt = Time.GetUtcNow() };

    /// <summary>A model's message, said now.</summary>
    protected ConversationMessage Assistant(string text) => ConversationMessage.Assistant(text) with { CreatedAt = Time.GetUtcNow() };

    /// <summary>An error message, said now.</summary>
    protected ConversationMessage Error(string text) => ConversationMessage.Error(text) with { CreatedAt = Time.GetUtcNow() };

    /// <summary>An id that was not used before; later ones are greater, ordinally.</summary>
    protected string NewId() => $"conv_{Interlocked.Increment(ref _lastId):D6}";

    /// <summary>A turn by scope.</summary>
    protected BeginTurnCommand Turn(ConversationScope? scope = null, string text = "hello")
    {
        scope ??= ScopeOf();
        return new BeginTurnCommand
        {
            Access = AccessOf(scope),
            Agent = scope.Agent,
            Scope = scope,
            NewConversationId = NewId(),
            Input = [User(text)],
            Caller = scope.Owner.Key,
            LeaseDuration = LeaseDuration,
        };
    }

    /// <summary>A turn by id.</summary>
    protected BeginTurnCommand TurnIn(string conversationId, ConversationScope? scope = null, string text = "hello") =>
        Turn(scope, text) with { Scope = null, ConversationId = conversationId };

    /// <summary>A turn by scope with an idempotency key.</summary>
    protected BeginTurnCommand Keyed(string key = "key", ConversationScope? scope = null) =>
        Turn(scope) with { IdempotencyKey = key, Fingerprint = "fingerprint" };

    /// <summary>A turn by id with the idempotency key that <see cref="Keyed"/> has unless told another.</summary>
    protected BeginTurnCommand KeyedIn(string conversationId) => Keyed() with { Scope = null, ConversationId = conversationId };

    /// <summary>Begins a turn that must begin.</summary>
    protected Task<TurnBegun> BeginAsync(BeginTurnCommand? command = null) => BeginAsync(Store, command ?? Turn());

    /// <summary>Begins a turn that must begin, in another store than <see cref="Store"/>.</summary>
    protected static async Task<TurnBegun> BeginAsync(IConversationStore store, BeginTurnCommand command)
    {
        ArgumentNullException.ThrowIfNull(store);
        var outcome = await store.BeginTurnAsync(command);
        return outcome.Should().BeOfType<TurnBegun>().Subject;
    }

    /// <summary>Commits a turn, with an answer for each text.</summary>
    protected async Task<bool> CommitAsync(TurnLease lease, params IEnumerable<string> texts) =>
        await Store.CommitTurnAsync(Completion(lease, texts));

    /// <summary>The completion of a turn, with an answer for each text.</summary>
    protected CommitTurnCommand Completion(TurnLease lease, params IEnumerable<string> texts) =>
        new() { Lease = lease, Status = RunStatus.Completed, Messages = [.. texts.Select(Assistant)] };

    /// <summary>Begins a turn and commits it with one answer; both must succeed.</summary>
    protected async Task<TurnBegun> ExchangeAsync(BeginTurnCommand? command = null)
    {
        var begun = await BeginAsync(command);
        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();
        return begun;
    }

    /// <summary>Begins a turn and closes its run with a status.</summary>
    protected async Task<TurnBegun> AbandonAsync(BeginTurnCommand command, RunStatus status)
    {
        var begun = await BeginAsync(command);
        (await Store.CommitTurnAsync(new CommitTurnCommand { Lease = begun.Lease, Status = status })).Should().BeTrue();
        return begun;
    }

    /// <summary>A turn that answers again what stands in a conversation.</summary>
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

    /// <summary>Makes a conversation of some exchanges, each a run of its own.</summary>
    private protected async Task<string> ConverseAsync(int exchanges)
    {
        var id = "";
        for (var number = 1; number <= exchanges; number++)
            id = (await ExchangeAsync(Turn(text: $"question {number}"))).Lease.ConversationId;
        return id;
    }

    /// <summary>What creates a conversation.</summary>
    protected CreateConversationCommand Creation(ConversationScope? scope = null, params IEnumerable<ConversationMessage> messages) =>
        new() { ConversationId = NewId(), Scope = scope ?? ScopeOf(), Messages = [.. messages] };

    /// <summary>Creates a conversation with messages.</summary>
    protected async Task<Conversation> CreateAsync(ConversationScope? scope = null, params IEnumerable<ConversationMessage> messages) =>
        await Store.CreateConversationAsync(Creation(scope, messages));

    /// <summary>Sets a conversation's status.</summary>
    protected async Task<Conversation> SetStatusAsync(string conversationId, ConversationStatus status)
    {
        var changed = await Store.UpdateConversationAsync(conversationId, Host, new ConversationChange { Status = status });
        return changed.Should().NotBeNull().And.BeOfType<Conversation>().Subject;
    }

    /// <summary>Reads a conversation that must exist.</summary>
    protected async Task<Conversation> GetAsync(string conversationId)
    {
        var conversation = await Store.GetConversationAsync(conversationId, Host);
        return conversation.Should().NotBeNull().And.BeOfType<Conversation>().Subject;
    }

    /// <summary>Reads the run of a lease, which must exist.</summary>
    protected async Task<ConversationRun> RunOfAsync(TurnLease lease)
    {
        ArgumentNullException.ThrowIfNull(lease);
        var run = await Store.GetRunAsync(lease.ConversationId, lease.Fence, Host);
        return run.Should().NotBeNull().And.BeOfType<ConversationRun>().Subject;
    }

    /// <summary>Reads all messages of a conversation, oldest first.</summary>
    protected async Task<IReadOnlyList<ConversationMessage>> MessagesAsync(string conversationId, ConversationAccess? access = null) =>
        await Store.ReadMessagesAsync(new MessageRange { ConversationId = conversationId, Access = access ?? Host, Limit = int.MaxValue });

    /// <summary>Reads the texts of all messages of a conversation, oldest first.</summary>
    protected async Task<IEnumerable<string>> TextsAsync(string conversationId) =>
        (await MessagesAsync(conversationId)).Select(message => message.Text);

    /// <summary>Reads the id of a scope's current conversation.</summary>
    protected async Task<string?> CurrentIdAsync(ConversationScope? scope = null) => (await Store.GetCurrentAsync(scope ?? ScopeOf()))?.Id;

    /// <summary>Lists the conversations of the default project.</summary>
    protected async Task<IReadOnlyList<Conversation>> ListAsync() =>
        await Store.ListConversationsAsync(new ConversationListing { Access = Host, Limit = int.MaxValue });

    /// <summary>Reads all that can be read of the default project, to tell whether anything was written meanwhile.</summary>
    protected async Task<IReadOnlyList<object?>> StateAsync()
    {
        var state = new List<object?>();
        foreach (var conversation in await ListAsync())
        {
            state.Add(conversation);
            state.Add(await CurrentIdAsync(ConversationScope.Parse(conversation.SessionId)));
            var messages = await MessagesAsync(conversation.Id);
            state.AddRange(messages);
            foreach (var number in messages.Select(message => message.RunNumber).OfType<long>().Distinct())
                state.Add(await Store.GetRunAsync(conversation.Id, number, Host));
        }

        return state;
    }

    /// <summary>Does something many times at once.</summary>
    protected static async Task<IReadOnlyList<T>> RaceAsync<T>(int runners, Func<int, Task<T>> action)
    {
        var there = 0;
        return await Task.WhenAll(Enumerable.Range(0, runners).Select(runner => Task.Run(async () =>
        {
            // Nobody starts before all are there, and then all stand in the same line for the threads.
            Interlocked.Increment(ref there);
            while (Volatile.Read(ref there) < runners)
                await Task.Yield();
            return await action(runner);
        })));
    }
}

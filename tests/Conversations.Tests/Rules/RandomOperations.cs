using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.Tests.Rules;

/// <summary>A random sequence of operations on one scope. The same seed gives the same sequence, if the store gives the same outcomes.</summary>
/// <param name="seed">The seed.</param>
/// <param name="forgets">Whether each operation is done by a process that knows nothing of earlier ones, so that each commit loads.</param>
internal sealed class RandomOperations(int seed, bool forgets)
{
    private const int Operations = 60;

    private static readonly TimeSpan LeaseDuration = TimeSpan.FromMinutes(1);
    private static readonly ConversationScope Scope = new(ConversationScope.DefaultProject, "agent", ConversationOwner.Of(ConversationIdentity.ForUser("user_1")), ConversationChannels.Chat);
    private static readonly ConversationAccess Host = new(ConversationScope.DefaultProject, audiences: null);

    private readonly Random _random = new(seed);
    private readonly ManualTimeProvider _time = new();
    private readonly List<string> _conversations = [];
    private readonly List<TurnLease> _leases = [];
    private readonly HashSet<string> _withDeletions = new(StringComparer.Ordinal);
    private RulesStore _store = null!;

    /// <summary>Each conversation at the end, with its messages and its runs.</summary>
    public List<(StoredConversation Conversation, IReadOnlyList<StoredMessage> Messages, IReadOnlyList<StoredRun> Runs)> State { get; } = [];

    /// <summary>What each operation returned.</summary>
    public List<object?> Outcomes { get; } = [];

    /// <summary>Whether a message of a conversation was deleted.</summary>
    public bool HasDeletions(string conversationId) => _withDeletions.Contains(conversationId);

    public async Task<RandomOperations> RunAsync()
    {
        await using IConversationStore inner = new InMemoryConversationStore(_time);
        _store = new RulesStore(inner, _time);
        for (var i = 0; i < Operations; i++)
        {
            Outcomes.Add(await NextAsync());
            if (forgets)
                _store = new RulesStore(inner, _time);
        }

        foreach (var conversation in await inner.ListConversationsAsync(new ConversationListing { Access = Host, Limit = int.MaxValue }))
        {
            State.Add((
                (await _store.FindAsync(conversation.Id))!,
                await inner.ReadMessagesAsync(new MessageRange { ConversationId = conversation.Id, Access = Host, Limit = int.MaxValue }),
                await inner.ReadRunsAsync(new RunRange { ConversationId = conversation.Id, Access = Host, Limit = int.MaxValue })));
        }

        return this;
    }

    private async Task<object?> NextAsync()
    {
        switch (_random.Next(20))
        {
            case 0 or 1 or 2 or 3:
                return await BeginAsync(Command() with { Scope = Scope, StartNew = _random.Next(8) == 0 });
            case 4 or 5:
                return await BeginAsync(Command() with { ConversationId = Conversation() });
            case 6 or 7:
                return await BeginAsync(Command() with { ConversationId = Conversation(), InputAgain = new MessageSpan(_random.Next(1, 6), _random.Next(1, 3)), Input = [] });
            case 8 or 9 or 10 or 11 or 12:
                return await CommitAsync(Lease());
            case 13:
                return await _store.RenewLeaseAsync(Lease());
            case 14:
                return await _store.InterruptAsync(Lease());
            case 15:
                return await _store.AppendSegmentsAsync(Lease(), Piece.Cut(_time.GetUtcNow(), "a|b", "c"));
            case 16:
                return await DeleteMessageAsync(Conversation(), _random.Next(1, 12));
            case 17:
                return await _store.UpdateConversationAsync(Conversation(), Host, new ConversationChange { Status = (ConversationStatus)_random.Next(3), Title = $"{_random.Next(3)}" });
            case 18:
                return await CreateAsync((CurrentConversationRule)_random.Next(3));
            default:
                _time.Advance(TimeSpan.FromSeconds(_random.Next(90)));
                return null;
        }
    }

    private async Task<object> BeginAsync(BeginTurnCommand command)
    {
        var outcome = await _store.BeginTurnAsync(command);
        if (outcome is not TurnBegun begun)
            return outcome;

        _leases.Add(begun.Lease);
        if (begun.StartReason is not null)
            _conversations.Add(begun.Lease.ConversationId);
        return begun.Lease;
    }

    private async Task<bool> CommitAsync(TurnLease lease) => await _store.CommitTurnAsync(new CommitTurnCommand
    {
        Lease = lease,
        Access = Host,
        Status = (RunStatus)_random.Next((int)RunStatus.Completed, (int)RunStatus.RequiresAction + 1),
        Messages = [.. Enumerable.Range(0, _random.Next(3)).Select(number => ConversationMessage.Assistant($"{number}") with { CreatedAt = _time.GetUtcNow() })],
        SupersedeFrom = _random.Next(3) == 0 ? _random.Next(1, 9) : null,
        Restore = _random.Next(3) == 0 ? _random.Next(1, 9) : null,
        AreSuperseded = _random.Next(6) == 0,
    });

    private async Task<bool> DeleteMessageAsync(string conversationId, long position)
    {
        var isDeleted = await _store.DeleteMessageAsync(conversationId, position, Host);
        if (isDeleted)
            _withDeletions.Add(conversationId);
        return isDeleted;
    }

    private async Task<Conversation> CreateAsync(CurrentConversationRule rule)
    {
        var created = await _store.CreateConversationAsync(new CreateConversationCommand { ConversationId = NewId(), Scope = Scope, Current = rule });
        _conversations.Add(created.Id);
        return created;
    }

    private BeginTurnCommand Command()
    {
        var key = _random.Next(3) == 0 ? $"key_{_random.Next(3)}" : null;
        return new BeginTurnCommand
        {
            Access = Host,
            Agent = Scope.Agent,
            NewConversationId = NewId(),
            Input = [.. Enumerable.Range(0, _random.Next(1, 3)).Select(number => ConversationMessage.User($"{number}") with { CreatedAt = _time.GetUtcNow() })],
            Caller = "user_1",
            IdempotencyKey = key,
            Fingerprint = key is null ? null : "fingerprint",
            LeaseDuration = LeaseDuration,
            Token = Outcomes.Count + 1,
            OnInterruption = (InterruptedOutput)_random.Next(3),
            SegmentRetention = Piece.Retention,
        };
    }

    private string NewId() => $"conv_{Outcomes.Count:D6}";

    private string Conversation() => _conversations.Count == 0 ? "conv_unknown" : _conversations[_random.Next(_conversations.Count)];

    /// <summary>One of the last leases, which may be lost.</summary>
    private TurnLease Lease() => _leases.Count == 0 ? new TurnLease("conv_unknown", 1, 0, LeaseDuration) : _leases[^_random.Next(1, Math.Min(_leases.Count, 3) + 1)];
}

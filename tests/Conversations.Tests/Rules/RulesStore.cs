using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>The operations of the library on one store, in the terms of the tests: decisions go through the engine, reads go to the store.</summary>
/// <remarks>Each lease keeps the <see cref="HeldTurn"/> that belongs to it, so that a turn commits without a load, as in production.</remarks>
internal sealed class RulesStore(IConversationStore store, TimeProvider timeProvider, TimeProvider? delays = null)
{
    private static readonly ConversationAccess Host = new(ConversationScope.DefaultProject, audiences: null);

    private readonly ConcurrentDictionary<TurnLease, HeldTurn> _held = [];
    private readonly ConcurrentDictionary<TurnLease, bool> _streamed = [];

    public IConversationStore Inner => store;

    public ConversationEngine Engine { get; } = new(store, timeProvider, delays);

    public async Task<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command)
    {
        var outcome = await Engine.BeginAsync(command, CancellationToken.None);
        if (outcome is TurnBegun begun)
            _held[begun.Lease] = new HeldTurn(begun.Lease, command.Access, begun.Conversation, begun.State.Now, timeProvider);
        return outcome;
    }

    /// <summary>Commits the turn of a lease. Whether segments are kept is known from what was streamed.</summary>
    public async Task<bool> CommitTurnAsync(CommitTurnCommand command) =>
        await Engine.CommitAsync(HeldBy(command.Lease), command with { HasSegments = _streamed.ContainsKey(command.Lease) }, CancellationToken.None);

    public async Task<bool> RenewLeaseAsync(TurnLease lease) => await RenewAsync(lease) != LeaseState.Lost;

    public async Task<LeaseState> RenewAsync(TurnLease lease) => await Engine.RenewAsync(HeldBy(lease), CancellationToken.None);

    public async Task<LeaseState> ReadStateAsync(TurnLease lease) => await Engine.ReadStateAsync(HeldBy(lease), CancellationToken.None);

    public async Task<StopOutcome> StopAsync(TurnLease lease, ConversationAccess? access = null) =>
        await Engine.StopAsync(lease.ConversationId, lease.RunNumber, access ?? Host, CancellationToken.None);

    public async Task<bool> InterruptAsync(TurnLease lease, ConversationAccess? access = null) =>
        await Engine.InterruptAsync(lease.ConversationId, lease.RunNumber, access ?? Host, CancellationToken.None);

    /// <summary>Appends pieces of output to the run of a lease.</summary>
    public async Task<bool> AppendSegmentsAsync(TurnLease lease, params IEnumerable<Piece> pieces)
    {
        var batch = new SegmentBatch
        {
            ConversationId = lease.ConversationId,
            Access = Host,
            RunNumber = lease.RunNumber,
            Token = lease.Token,
            Segments = [.. pieces.Select(piece => piece.ToSegment())],
        };
        var before = HeldBy(lease).Snapshot;
        if (!await store.GetFeature<IConversationStreamStore>()!.AppendSegmentsAsync(batch, CancellationToken.None))
            return false;

        _streamed[lease] = true;
        HeldBy(lease).AppendedSegments(before);
        return true;
    }

    /// <summary>Reads the texts of the segments that a run has in the store.</summary>
    public async Task<IReadOnlyList<string>> ReadSegmentsAsync(TurnLease lease)
    {
        var range = new SegmentRange { ConversationId = lease.ConversationId, Access = Host, RunNumber = lease.RunNumber, From = -1, Limit = int.MaxValue };
        var segments = await store.GetFeature<IConversationStreamStore>()!.ReadSegmentsAsync(range);
        return [.. Piece.Read(segments).Select(piece => piece.Fragment.Text)];
    }

    public async Task<Conversation> CreateConversationAsync(CreateConversationCommand command) => await Engine.CreateAsync(command, CancellationToken.None);

    public async Task<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change) =>
        await Engine.ChangeAsync(conversationId, access, change, CancellationToken.None);

    public async Task<bool> DeleteConversationAsync(string conversationId, ConversationAccess access) => await store.DeleteConversationAsync(conversationId, access);

    public async Task<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access) =>
        await Engine.DeleteMessageAsync(conversationId, position, access, CancellationToken.None);

    public async Task<bool> SaveSummaryAsync(SaveSummaryCommand command) => await Engine.SaveSummaryAsync(command, CancellationToken.None);

    public async Task<ConversationSummary?> GetSummaryAsync(string conversationId, ConversationAccess access, long before) =>
        (await store.LoadAsync(new ConversationLookup { Access = access, ConversationId = conversationId, SummaryBefore = before })).Summary;

    public async Task<StoredConversation?> FindAsync(string conversationId, ConversationAccess? access = null) =>
        await store.FindAsync(conversationId, access ?? Host, CancellationToken.None);

    public async Task<Conversation?> GetConversationAsync(string conversationId, ConversationAccess access) =>
        (await FindAsync(conversationId, access))?.Conversation;

    public async Task<Conversation?> GetCurrentAsync(ConversationScope scope) =>
        (await store.FindCurrentAsync(scope, Host, CancellationToken.None))?.Conversation;

    public async Task<StoredRun?> FindRunAsync(string conversationId, long number, ConversationAccess? access = null) =>
        await store.FindRunAsync(conversationId, number, access ?? Host, CancellationToken.None);

    /// <summary>Reads a run as applications see it.</summary>
    public async Task<ConversationRun?> GetRunAsync(string conversationId, long number, ConversationAccess access) =>
        (await FindRunAsync(conversationId, number, access))?.AsShown();

    /// <summary>Lists runs as applications see them.</summary>
    public async Task<IReadOnlyList<ConversationRun>> ListRunsAsync(RunRange range) => [.. (await store.ReadRunsAsync(range)).Select(run => run.AsShown())];

    public async Task<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range) => await store.ReadMessagesAsync(range);

    /// <summary>Reads the newest messages that are neither errors nor superseded, oldest first.</summary>
    public async Task<IReadOnlyList<StoredMessage>> ReadWindowAsync(string conversationId, ConversationAccess access, int limit) =>
        (await store.LoadAsync(new ConversationLookup { Access = access, ConversationId = conversationId, Window = new WindowSize(limit) })).Window;

    public async Task<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing listing) => await store.ListConversationsAsync(listing);

    private HeldTurn HeldBy(TurnLease lease) => _held.TryGetValue(lease, out var held) ? held : new HeldTurn(lease, Host, Outdated(lease), default, timeProvider);

    /// <summary>The assumed state of a lease that this store did not return. Its version is never right, so the engine must load.</summary>
    private static StoredConversation Outdated(TurnLease lease) => new()
    {
        Conversation = new Conversation { Id = lease.ConversationId, SessionId = "", Project = "", Agent = "", CreatedAt = default, LastActivityAt = default },
        Version = long.MaxValue,
        OpenRun = new OpenRun
        {
            Run = new ConversationRun { ConversationId = lease.ConversationId, Number = lease.RunNumber, Status = RunStatus.Running, StartedAt = default },
            Token = lease.Token,
            LeaseDuration = lease.Duration,
            LeaseExpiresAt = default,
        },
    };
}

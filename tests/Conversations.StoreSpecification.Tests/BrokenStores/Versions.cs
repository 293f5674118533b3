using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>Data in memory that carry a version. Each step to a newer one is a place to put something wrong.</summary>
public abstract class VersionedFixture : MigratingStoreFixture
{
    private const int Latest = 2;

    private readonly ConcurrentDictionary<string, IConversationStore> _data = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _versions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, OlderClock> _olderClocks = new(StringComparer.Ordinal);

    public override IReadOnlyList<int> OlderVersions => [1];

    public override async ValueTask<IConversationStore> OpenAsync(string name, TimeProvider timeProvider)
    {
        var data = _data.GetOrAdd(name, _ => new InMemoryConversationStore(timeProvider));
        if (_olderClocks.TryGetValue(name, out var clock))
            clock.Show(timeProvider);
        var version = _versions.GetOrAdd(name, Latest);
        if (version > Latest)
            Refuse(name, timeProvider);
        if (version < Latest)
        {
            data = _data[name] = await MigrateAsync(data, timeProvider);
            _versions[name] = Latest;
        }

        return new Kept(data);
    }

    public override ValueTask CopyAsync(string name, string copy)
    {
        _data[copy] = _data[name];
        return ValueTask.CompletedTask;
    }

    public override ValueTask SetVersionAsync(string name, int version)
    {
        _versions[name] = version;
        return ValueTask.CompletedTask;
    }

    public override ValueTask<int> GetVersionAsync(string name) => new(_versions[name]);

    public override async ValueTask<IReadOnlyList<OlderConversation>> CreateOlderAsync(string name, int version)
    {
        var scope = ConversationScope.Parse("chat:ada:agent");
        var host = new ConversationAccess(scope.Project, null);
        var clock = _olderClocks[name] = new OlderClock();
        var store = new InMemoryConversationStore(clock);
        var hello = ConversationMessage.User("hello") with { CreatedAt = DateTimeOffset.UnixEpoch };
        var turn = new BeginTurnCommand { Access = host, Agent = scope.Agent, Scope = scope, NewConversationId = "conv_old", Input = [hello], Caller = "ada", LeaseDuration = TimeSpan.FromMinutes(1) };
        var begun = (TurnBegun)await store.BeginTurnAsync(turn with { IdempotencyKey = "key", Fingerprint = "fingerprint" });
        await store.CommitTurnAsync(new CommitTurnCommand { Lease = begun.Lease, Status = RunStatus.Completed, Messages = [ConversationMessage.Assistant("hello") with { CreatedAt = DateTimeOffset.UnixEpoch }] });
        var open = (TurnBegun)await store.BeginTurnAsync(turn);
        (_data[name], _versions[name]) = (store, version);

        var range = new MessageRange { ConversationId = "conv_old", Access = host, Limit = 9 };
        var runs = new[] { begun.Lease, open.Lease }.Select(async lease => (await store.GetRunAsync(lease.ConversationId, lease.Fence, host))!);
        return [new((await store.GetConversationAsync("conv_old", host))!, await store.ReadMessagesAsync(range), await Task.WhenAll(runs))];
    }

    /// <summary>What is done about data of a newer version.</summary>
    protected virtual void Refuse(string name, TimeProvider timeProvider) =>
        throw new ConversationStoreException(ConversationErrorCodes.SchemaTooNew, "A newer version wrote this.");

    /// <summary>What becomes of the data of an older version.</summary>
    protected virtual ValueTask<IConversationStore> MigrateAsync(IConversationStore data, TimeProvider timeProvider) => new(data);

    protected void MarkAsLatest(string name) => _versions[name] = Latest;

    protected void Replace(string name, IConversationStore data) => _data[name] = data;

    private sealed class Kept(IConversationStore data) : KeptStore(data);

    /// <summary>The clock of the older version, which goes on as that of the newer one that opens its data.</summary>
    private sealed class OlderClock : TimeProvider
    {
        private TimeProvider _shown = new ManualTimeProvider();

        public void Show(TimeProvider clock) => _shown = clock;

        public override DateTimeOffset GetUtcNow() => _shown.GetUtcNow();
    }
}

/// <summary>Right: what the broken ones differ from.</summary>
public sealed class RightVersionedFixture : VersionedFixture;

[Breaks("opens data of a newer version as if it knew them", "17.1")]
public sealed class OpensWhatIsNewer : VersionedFixture
{
    protected override void Refuse(string name, TimeProvider timeProvider)
    {
        // It does not look.
    }
}

[Breaks("marks data of a newer version with its own before it refuses them", "17.1")]
public sealed class MarksWhatIsNewer : VersionedFixture
{
    protected override void Refuse(string name, TimeProvider timeProvider)
    {
        MarkAsLatest(name);
        base.Refuse(name, timeProvider);
    }
}

[Breaks("clears data of a newer version before it refuses them", "17.1")]
public sealed class ClearsWhatIsNewer : VersionedFixture
{
    protected override void Refuse(string name, TimeProvider timeProvider)
    {
        Replace(name, new InMemoryConversationStore(timeProvider));
        base.Refuse(name, timeProvider);
    }
}

[Breaks("refuses data of a newer version as damaged", "17.1")]
public sealed class TakesWhatIsNewerForDamage : VersionedFixture
{
    protected override void Refuse(string name, TimeProvider timeProvider) =>
        throw new ConversationStoreException(ConversationErrorCodes.StoreCorrupt, "The data are damaged.");
}

[Breaks("begins anew where it finds data of an older version", "17.2")]
public sealed class ForgetsWhatIsOlder : VersionedFixture
{
    protected override ValueTask<IConversationStore> MigrateAsync(IConversationStore data, TimeProvider timeProvider) => new(new InMemoryConversationStore(timeProvider));
}

[Breaks("brings the conversations of an older version up to date without their runs", "17.2", "2.3")]
public sealed class DropsOlderRuns : VersionedFixture
{
    protected override async ValueTask<IConversationStore> MigrateAsync(IConversationStore data, TimeProvider timeProvider)
    {
        var migrated = new InMemoryConversationStore(timeProvider);
        var host = new ConversationAccess(ConversationScope.DefaultProject, null);
        foreach (var conversation in await data.ListConversationsAsync(new ConversationListing { Access = host, Limit = 9 }))
        {
            var messages = await data.ReadMessagesAsync(new MessageRange { ConversationId = conversation.Id, Access = host, Limit = 9 });
            var scope = ConversationScope.Parse(conversation.SessionId);
            await migrated.CreateConversationAsync(new CreateConversationCommand { ConversationId = conversation.Id, Scope = scope, Messages = messages });
        }

        return migrated;
    }
}

[Breaks("brings the data of an older version up to date without the keys of its runs", "17.2", "6.2")]
public sealed class ForgetsOlderKeys : VersionedFixture
{
    protected override ValueTask<IConversationStore> MigrateAsync(IConversationStore data, TimeProvider timeProvider) => new(new Keyless(data));

    private sealed class Keyless(IConversationStore data) : DelegatingConversationStore(data)
    {
        public override ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
            base.BeginTurnAsync(command with { IdempotencyKey = command.IdempotencyKey is { } key ? $"new:{key}" : null }, cancellationToken);
    }
}

[Breaks("brings the data of an older version up to date without its leases, and leaves the runs that held them running", "17.2")]
public sealed class ForgetsOlderLeases : VersionedFixture
{
    protected override ValueTask<IConversationStore> MigrateAsync(IConversationStore data, TimeProvider timeProvider) => new(new Unleased(data));

    private sealed class Unleased(IConversationStore data) : DelegatingConversationStore(data)
    {
        private readonly ConcurrentDictionary<long, ConversationRun> _running = [];

        public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
        {
            var outcome = await base.BeginTurnAsync(command, cancellationToken);
            if (outcome is not TurnLocked { HolderRunNumber: var holder, ConversationId: var id } || await base.GetRunAsync(id, holder, command.Access, cancellationToken) is not { } run)
                return outcome;

            _running[holder] = run;
            await base.CommitTurnAsync(new CommitTurnCommand { Lease = new TurnLease(id, holder, command.LeaseDuration), Status = RunStatus.Interrupted }, cancellationToken);
            return await base.BeginTurnAsync(command, cancellationToken);
        }

        public override async ValueTask<ConversationRun?> GetRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
            _running.TryGetValue(number, out var run) ? run : await base.GetRunAsync(conversationId, number, access, cancellationToken);
    }
}

[Breaks("brings data up to date again that another store has just brought up to date, and loses what was written since", "17.2")]
public sealed class MigratesAgain : VersionedFixture
{
    private readonly ConcurrentDictionary<string, int> _openings = new(StringComparer.Ordinal);

    public override ValueTask<IReadOnlyList<OlderConversation>> CreateOlderAsync(string name, int version)
    {
        _openings[name] = 0;
        return base.CreateOlderAsync(name, version);
    }

    public override async ValueTask<IConversationStore> OpenAsync(string name, TimeProvider timeProvider)
    {
        if (_openings.ContainsKey(name) && _openings.AddOrUpdate(name, 1, (_, opened) => opened + 1) == 2)
            await base.CreateOlderAsync(name, 1);
        return await base.OpenAsync(name, timeProvider);
    }
}

[Breaks("looks at the version when it lists and when it begins a turn, and nowhere else", "17.1")]
public sealed class SeldomLooksAtTheVersion : VersionedFixture
{
    private bool _isNewer;

    public override async ValueTask<IConversationStore> OpenAsync(string name, TimeProvider timeProvider)
    {
        _isNewer = false;
        var store = await base.OpenAsync(name, timeProvider);
        return _isNewer ? new Newer(store) : store;
    }

    protected override void Refuse(string name, TimeProvider timeProvider) => _isNewer = true;

    private sealed class Newer(IConversationStore data) : KeptStore(data)
    {
        public override ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) => throw Refusal();

        public override ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) => throw Refusal();

        private static ConversationStoreException Refusal() => new(ConversationErrorCodes.SchemaTooNew, "A newer version wrote this.");
    }
}

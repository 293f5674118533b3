using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>Data in memory that carry a version. Each step to a newer one is a place to put something wrong.</summary>
public abstract class VersionedFixture : MigratingStoreFixture
{
    private const int Latest = 2;

    private readonly ConcurrentDictionary<string, IConversationStore> _data = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _versions = new(StringComparer.Ordinal);

    public override IReadOnlyList<int> OlderVersions => [1];

    public override async ValueTask<IConversationStore> OpenAsync(string name, TimeProvider timeProvider)
    {
        var data = _data.GetOrAdd(name, _ => new InMemoryConversationStore(timeProvider));
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
        var store = new InMemoryConversationStore(new ManualTimeProvider());
        var hello = ConversationMessage.User("hello") with { CreatedAt = DateTimeOffset.UnixEpoch };
        var turn = new BeginTurnCommand { Access = host, Agent = scope.Agent, Scope = scope, NewConversationId = "conv_old", Input = [hello], Caller = "ada", LeaseDuration = TimeSpan.FromMinutes(1) };
        var begun = (TurnBegun)await store.BeginTurnAsync(turn);
        await store.CommitTurnAsync(new CommitTurnCommand { Lease = begun.Lease, Status = RunStatus.Completed, Messages = [ConversationMessage.Assistant("hello") with { CreatedAt = DateTimeOffset.UnixEpoch }] });
        (_data[name], _versions[name]) = (store, version);

        var range = new MessageRange { ConversationId = "conv_old", Access = host, Limit = 9 };
        return [new((await store.GetConversationAsync("conv_old", host))!, await store.ReadMessagesAsync(range), [(await store.GetRunAsync("conv_old", begun.Lease.Fence, host))!])];
    }

    /// <summary>What is done about data of a newer version.</summary>
    protected virtual void Refuse(string name, TimeProvider timeProvider) =>
        throw new ConversationStoreException(ConversationErrorCodes.SchemaTooNew, "A newer version wrote this.");

    /// <summary>What becomes of the data of an older version.</summary>
    protected virtual ValueTask<IConversationStore> MigrateAsync(IConversationStore data, TimeProvider timeProvider) => new(data);

    protected void MarkAsLatest(string name) => _versions[name] = Latest;

    protected void Replace(string name, IConversationStore data) => _data[name] = data;

    private sealed class Kept(IConversationStore data) : KeptStore(data);
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

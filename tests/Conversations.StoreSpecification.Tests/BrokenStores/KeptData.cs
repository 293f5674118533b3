using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>Keeps the data of each name in memory, marked with a version. Version 2 is the current one.</summary>
public class KeptFixture : MigratingStoreFixture
{
    protected const int Current = 2;

    private readonly ConcurrentDictionary<string, Kept> _data = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _versions = new(StringComparer.Ordinal);

    public override IReadOnlyList<int> OlderVersions => [1];

    public override ValueTask<IConversationStore> OpenAsync(string name, TimeProvider timeProvider)
    {
        var data = _data.GetOrAdd(name, _ => new Kept(new InMemoryConversationStore(timeProvider)));
        var version = _versions.GetOrAdd(name, Current);
        if (version < Current)
            _versions[name] = Migrated;
        return version > Newest
            ? throw new ConversationStoreException(ConversationErrorCodes.SchemaTooNew, "The data are of a newer version.")
            : new(Open(data));
    }

    public override ValueTask CopyAsync(string name, string copy)
    {
        _data[copy] = _data[name];
        return ValueTask.CompletedTask;
    }

    public override ValueTask<bool> IsOpenAsync(string name) => new(_data.TryGetValue(name, out var kept) && kept.IsOpen);

    public override async ValueTask<IAsyncDisposable> HoldWritesAsync(string name)
    {
        var gate = _data[name].Gate;
        await gate.WaitAsync();
        return new Hold(gate);
    }

    public override ValueTask SetVersionAsync(string name, int version)
    {
        _versions[name] = version;
        return ValueTask.CompletedTask;
    }

    public override ValueTask<int> GetVersionAsync(string name) => new(_versions[name]);

    public override async ValueTask<IReadOnlyList<OlderConversation>> CreateOlderAsync(string name, int version)
    {
        IConversationStore store = new InMemoryConversationStore(new ManualTimeProvider());
        _data[name] = new Kept(store);
        _versions[name] = version;
        var older = Older();
        await store.TryWriteAsync(new ConversationBatch
        {
            Access = new ConversationAccess(ConversationScope.DefaultProject, null),
            Scope = ConversationScope.Parse(older.Conversation.Conversation.SessionId),
            Conversations = [new ConversationWrite { Conversation = older.Conversation with { Version = 0 }, Messages = older.Messages, Runs = older.Runs }],
            Durability = WriteDurability.Disk,
        });
        return [older];
    }

    /// <summary>Gets the newest version that is opened.</summary>
    protected virtual int Newest => Current;

    /// <summary>Gets the version with which older data are marked when they are opened.</summary>
    protected virtual int Migrated => Current;

    protected virtual IConversationStore Open(Kept data) => new KeptStore(data);

    private static OlderConversation Older()
    {
        var time = new ManualTimeProvider().GetUtcNow();
        var scope = new ConversationScope(ConversationScope.DefaultProject, "agent", ConversationOwner.Of(ConversationIdentity.ForUser("older")), "chat");
        var conversation = new Conversation
        {
            Id = "conv_older",
            SessionId = scope.SessionId,
            Project = scope.Project,
            Agent = scope.Agent,
            Channel = scope.Channel,
            UserId = "older",
            MessageCount = 1,
            LastPosition = 1,
            CreatedAt = time,
            LastActivityAt = time,
            LastMessageAt = time,
        };
        var run = new ConversationRun { ConversationId = conversation.Id, Number = 1, Status = RunStatus.Completed, Caller = "caller", IdempotencyKey = "key", StartedAt = time, EndedAt = time };
        return new OlderConversation(
            new StoredConversation { Conversation = conversation, Version = 1, LastRun = 1 },
            [new StoredMessage(ConversationMessage.User("older")) { ConversationId = conversation.Id, Position = 1, RunNumber = 1, CreatedAt = time }],
            [new StoredRun { Run = run, Fingerprint = "digest" }]);
    }

    private sealed class Hold(SemaphoreSlim gate) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            gate.Release();
            return ValueTask.CompletedTask;
        }
    }
}

[Breaks("2.5")]
public sealed class ForgetsEverything : KeptFixture
{
    public override ValueTask<IConversationStore> OpenAsync(string name, TimeProvider timeProvider) => new(new InMemoryConversationStore(timeProvider));
}

[Breaks("2.5")]
public sealed class WritesWhenDisposed : KeptFixture
{
    public override ValueTask CopyAsync(string name, string copy) => ValueTask.CompletedTask;
}

[Breaks("2.5")]
public sealed class ForgetsRunsWhenClosed : KeptFixture
{
    protected override IConversationStore Open(Kept data) => new Forgetful(data);

    private sealed class Forgetful(Kept data) : KeptStore(data)
    {
        private readonly HashSet<string> _written = [];

        public override ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
        {
            _written.UnionWith(batch.Conversations.Select(write => write.Conversation.Conversation.Id));
            return base.TryWriteAsync(batch, cancellationToken);
        }

        public override async ValueTask<IReadOnlyList<StoredRun>> ReadRunsAsync(RunRange range, CancellationToken cancellationToken = default) =>
            _written.Contains(range.ConversationId) ? await base.ReadRunsAsync(range, cancellationToken) : [];
    }
}

[Breaks("12.3")]
public sealed class SharesNothing : KeptFixture
{
    public override ValueTask<IConversationStore> OpenAsync(string name, TimeProvider timeProvider) => new(new InMemoryConversationStore(timeProvider));
}

[Breaks("12.3")]
public sealed class RemembersWhatItRead : KeptFixture
{
    protected override IConversationStore Open(Kept data) => new Remembering(data);

    private sealed class Remembering(Kept data) : KeptStore(data)
    {
        private readonly ConcurrentDictionary<string, IReadOnlyList<StoredMessage>> _read = new(StringComparer.Ordinal);

        public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
        {
            _read.Clear();
            return await base.TryWriteAsync(batch, cancellationToken);
        }

        public override async ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default) =>
            _read.TryGetValue(range.ConversationId, out var read) ? read : _read[range.ConversationId] = await base.ReadMessagesAsync(range, cancellationToken);
    }
}

[Breaks("12.4")]
public sealed class OpensNewerVersions : KeptFixture
{
    protected override int Newest => int.MaxValue;
}

[Breaks("12.4")]
public sealed class LeavesOlderVersions : KeptFixture
{
    protected override int Migrated => 1;
}

[Breaks("12.2")]
public sealed class LeavesConnectionsOpen : KeptFixture
{
    protected override IConversationStore Open(Kept data) => new Pooling(data);

    private sealed class Pooling(Kept data) : KeptStore(data)
    {
        protected override void Close()
        {
            // The connection remains in its pool.
        }
    }
}

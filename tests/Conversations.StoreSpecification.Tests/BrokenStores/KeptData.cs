using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A right store on data that others share and that outlive it.</summary>
public abstract class KeptStore(IConversationStore data) : DelegatingConversationStore(data)
{
    protected override ValueTask DisposeAsyncCore() => ValueTask.CompletedTask;

    protected override void Dispose(bool disposing)
    {
        // The data are kept for who opens them next.
    }
}

/// <summary>Keeps the data of each name in memory, and opens a store on them.</summary>
public abstract class KeptFixture : PersistentStoreFixture
{
    private readonly ConcurrentDictionary<string, IConversationStore> _data = new(StringComparer.Ordinal);

    public override ValueTask<IConversationStore> OpenAsync(string name, TimeProvider timeProvider) =>
        new(Open(_data.GetOrAdd(name, _ => new InMemoryConversationStore(timeProvider))));

    public override ValueTask CopyAsync(string name, string copy)
    {
        _data[copy] = _data[name];
        return ValueTask.CompletedTask;
    }

    protected abstract IConversationStore Open(IConversationStore data);
}

/// <summary>Right: what the broken ones differ from.</summary>
public sealed class RightKeptFixture : KeptFixture
{
    protected override IConversationStore Open(IConversationStore data) => new Right(data);

    private sealed class Right(IConversationStore data) : KeptStore(data);
}

[Breaks("forgets everything when it is closed", "3.2", "4.2", "6.3")]
public sealed class ForgetsEverything : PersistentStoreFixture
{
    public override ValueTask<IConversationStore> OpenAsync(string name, TimeProvider timeProvider) => new(new InMemoryConversationStore(timeProvider));

    public override ValueTask CopyAsync(string name, string copy) => ValueTask.CompletedTask;
}

[Breaks("keeps what it writes in memory until it is disposed", "3.2", "3.1")]
public sealed class WritesWhenDisposed : KeptFixture
{
    public override ValueTask CopyAsync(string name, string copy) => ValueTask.CompletedTask;

    protected override IConversationStore Open(IConversationStore data) => new Right(data);

    private sealed class Right(IConversationStore data) : KeptStore(data);
}

[Breaks("forgets the changes of conversations when it is closed", "3.2")]
public sealed class ForgetsChanges : KeptFixture
{
    protected override IConversationStore Open(IConversationStore data) => new Forgetful(data);

    private sealed class Forgetful(IConversationStore data) : KeptStore(data)
    {
        private readonly HashSet<string> _changed = new(StringComparer.Ordinal);

        public override ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default)
        {
            _changed.Add(conversationId);
            return base.UpdateConversationAsync(conversationId, access, change, cancellationToken);
        }

        public override async ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
            [.. (await base.ListConversationsAsync(query, cancellationToken)).Select(conversation => _changed.Contains(conversation.Id) ? conversation : conversation with { Title = null })];
    }
}

[Breaks("forgets the answers of its commits when it is closed", "3.2")]
public sealed class ForgetsAnswers : KeptFixture
{
    protected override IConversationStore Open(IConversationStore data) => new Forgetful(data);

    private sealed class Forgetful(IConversationStore data) : KeptStore(data)
    {
        private readonly HashSet<long?> _committed = [];

        public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
        {
            _committed.Add(command.Lease.Fence);
            return base.CommitTurnAsync(command, cancellationToken);
        }

        public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default) =>
            [.. (await base.ReadMessagesAsync(query, cancellationToken)).Where(message => message.Role == MessageRole.User || _committed.Contains(message.RunNumber))];
    }
}

[Breaks("forgets its runs when it is closed", "3.2")]
public sealed class ForgetsRuns : KeptFixture
{
    protected override IConversationStore Open(IConversationStore data) => new Forgetful(data);

    private sealed class Forgetful(IConversationStore data) : KeptStore(data)
    {
        private readonly HashSet<long> _begun = [];

        public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
        {
            var outcome = await base.BeginTurnAsync(command, cancellationToken);
            if (outcome is TurnBegun begun)
                _begun.Add(begun.Lease.Fence);
            return outcome;
        }

        public override async ValueTask<ConversationRun?> GetRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default) =>
            _begun.Contains(number) ? await base.GetRunAsync(conversationId, number, access, cancellationToken) : null;
    }
}

[Breaks("keeps the idempotency keys for itself, so that no other store sees them", "6.7", "6.3", "6.4")]
public sealed class KeepsKeysForItself : KeptFixture
{
    private int _opened;

    protected override IConversationStore Open(IConversationStore data) => new Secretive(data, Interlocked.Increment(ref _opened));

    private sealed class Secretive(IConversationStore data, int number) : KeptStore(data)
    {
        public override ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
            base.BeginTurnAsync(command.IdempotencyKey is { } key ? command with { IdempotencyKey = $"{number}:{key}" } : command, cancellationToken);
    }
}

[Breaks("takes the leases that it finds when it is opened for those of the dead", "4.2")]
public sealed class FreesLeasesWhenOpened : KeptFixture
{
    private readonly ConcurrentDictionary<string, TurnLease> _open = new(StringComparer.Ordinal);

    protected override IConversationStore Open(IConversationStore data) => new Hasty(data, _open, [.. _open.Values]);

    private sealed class Hasty(IConversationStore data, ConcurrentDictionary<string, TurnLease> open, IReadOnlyList<TurnLease> found) : KeptStore(data)
    {
        public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
        {
            foreach (var lease in found)
                await Inner.CommitTurnAsync(new CommitTurnCommand { Lease = lease, Status = RunStatus.Interrupted }, cancellationToken);
            var outcome = await base.BeginTurnAsync(command, cancellationToken);
            if (outcome is TurnBegun begun)
                open[begun.Lease.ConversationId] = begun.Lease;
            return outcome;
        }
    }
}

[Breaks("shares no data with the other stores", "5.1", "4.4")]
public sealed class SharesNothing : PersistentStoreFixture
{
    public override ValueTask<IConversationStore> OpenAsync(string name, TimeProvider timeProvider) => new(new InMemoryConversationStore(timeProvider));

    public override ValueTask CopyAsync(string name, string copy) => ValueTask.CompletedTask;
}

[Breaks("counts runs from 1 again when it is opened", "2.3", "4.1")]
public sealed class CountsRunsAnewWhenOpened : KeptFixture
{
    protected override IConversationStore Open(IConversationStore data) => new Forgetful(data);

    private sealed class Forgetful(IConversationStore data) : KeptStore(data)
    {
        private long? _before;

        public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
        {
            var outcome = await base.BeginTurnAsync(command, cancellationToken);
            if (outcome is not TurnBegun begun)
                return outcome;

            _before ??= begun.Lease.Fence - 1;
            return begun with { Lease = begun.Lease with { Fence = begun.Lease.Fence - _before.Value } };
        }

        public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
            base.CommitTurnAsync(command with { Lease = command.Lease with { Fence = command.Lease.Fence + (_before ?? 0) } }, cancellationToken);
    }
}

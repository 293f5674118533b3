using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A right store on data that others share, that remembers what it has read until it writes something itself.</summary>
public abstract class RememberingStore(IConversationStore data) : KeptStore(data)
{
    private readonly ConcurrentDictionary<object, object?> _read = [];

    public override ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        ForgetAsync(base.BeginTurnAsync(command, cancellationToken));

    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        ForgetAsync(base.CommitTurnAsync(command, cancellationToken));

    public override ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default) =>
        ForgetAsync(base.CreateConversationAsync(command, cancellationToken));

    public override ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default) =>
        ForgetAsync(base.UpdateConversationAsync(conversationId, access, change, cancellationToken));

    public override ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
        ForgetAsync(base.DeleteConversationAsync(conversationId, access, cancellationToken));

    public override ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default) =>
        ForgetAsync(base.DeleteMessageAsync(conversationId, position, access, cancellationToken));

    protected async ValueTask<T> RememberAsync<T>(object asked, Func<ValueTask<T>> read)
    {
        if (!_read.TryGetValue(asked, out var found))
            _read[asked] = found = await read();
        return (T)found!;
    }

    private async ValueTask<T> ForgetAsync<T>(ValueTask<T> write)
    {
        var result = await write;
        _read.Clear();
        return result;
    }
}

[Breaks("gives a conversation as it read it before, whatever other stores have written since", "3.1")]
public sealed class RemembersConversations : KeptFixture
{
    protected override IConversationStore Open(IConversationStore data) => new Remembering(data);

    private sealed class Remembering(IConversationStore data) : RememberingStore(data)
    {
        public override ValueTask<Conversation?> GetConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) =>
            RememberAsync((conversationId, access), () => base.GetConversationAsync(conversationId, access, cancellationToken));
    }
}

[Breaks("gives a window as it read it before, whatever other stores have written since", "3.1")]
public sealed class RemembersWindows : KeptFixture
{
    protected override IConversationStore Open(IConversationStore data) => new Remembering(data);

    private sealed class Remembering(IConversationStore data) : RememberingStore(data)
    {
        public override ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
            RememberAsync(query, () => base.ReadWindowAsync(query, cancellationToken));
    }
}

[Breaks("gives what is left of a lease that another store has taken as it was when it first found it", "4.2")]
public sealed class RemembersLeases : KeptFixture
{
    protected override IConversationStore Open(IConversationStore data) => new Remembering(data);

    private sealed class Remembering(IConversationStore data) : KeptStore(data)
    {
        private readonly ConcurrentDictionary<long, TurnLocked> _found = [];
        private readonly ConcurrentDictionary<long, bool> _taken = [];

        public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
        {
            var outcome = await base.BeginTurnAsync(command, cancellationToken);
            if (outcome is TurnBegun begun)
                _taken[begun.Lease.Fence] = true;
            return outcome is TurnLocked locked && !_taken.ContainsKey(locked.HolderRunNumber) ? _found.GetOrAdd(locked.HolderRunNumber, locked) : outcome;
        }
    }
}

[Breaks("numbers runs by itself, whatever other stores give at the same time", "2.3")]
public sealed class NumbersRunsByItself : KeptFixture
{
    protected override IConversationStore Open(IConversationStore data) => new Numbering(data);

    private sealed class Numbering(IConversationStore data) : KeptStore(data)
    {
        private long _last;

        public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
        {
            var outcome = await base.BeginTurnAsync(command, cancellationToken);
            return outcome is TurnBegun begun ? begun with { Lease = begun.Lease with { Fence = Interlocked.Increment(ref _last) } } : outcome;
        }
    }
}

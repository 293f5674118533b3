using System.Diagnostics.CodeAnalysis;
using Conversations;
using Conversations.Storage;

namespace CustomStore;

/// <summary>What an operation answers, and what it writes; nothing if it changes nothing.</summary>
internal readonly record struct Decision<T>(T Result, JournalLine? Line = null);

/// <summary>How a turn begins and ends. Only decides: nothing is changed here.</summary>
internal static class TurnDecisions
{
    public static Decision<BeginTurnOutcome> Begin(StoreState state, BeginTurnCommand command, DateTimeOffset now)
    {
        var named = command.ConversationId is { } id ? state.Find(id, command.Access) : null;
        if (command.ConversationId is not null && !string.Equals(named?.Scope.Agent, command.Agent, StringComparison.Ordinal))
            return new(new TurnNotFound());

        var scope = named?.Scope ?? command.Scope!;
        var earlier = command.IdempotencyKey is { } key ? state.FindRun(scope, command.Caller, key) : null;
        if (earlier is not null && BeginAgain(state, command, earlier, now) is { } again)
            return again;
        if (named is { IsActive: false })
            return new(new TurnConversationEnded(named.Id));

        var current = named ?? state.Current(scope);
        var target = current is { IsActive: true } && !command.StartNew ? current : null;
        if (Locked(target, now) is { } locked)
            return new(locked);
        if (command.ExpectedLastPosition is { } expected && expected != (target?.Row.Conversation.LastPosition ?? 0))
            return new(new TurnConversationMoved());
        if (target is not null)
            return Take(state, command, target.Row, earlier, now);

        var created = ConversationDecisions.New(command.NewConversationId, scope, now);
        var reason = command.StartNew ? ConversationStartReason.Requested : current is null ? ConversationStartReason.First : ConversationStartReason.Ended;
        return Take(state, command, new ConversationRow(created), earlier, now, reason);
    }

    public static Decision<bool> Commit(StoreState state, CommitTurnCommand command, DateTimeOffset now)
    {
        if (!Holds(state, command.Lease, out var conversation))
            return new(false);

        var messages = MessageRow.From(command.Messages, conversation.Row.Conversation, command.Lease.Fence);
        var row = conversation.Runs[command.Lease.Fence];
        var run = row.Run with
        {
            Status = command.Status,
            Model = command.Model,
            Usage = command.Usage,
            Cost = command.Cost,
            Error = command.Error,
            OutputPosition = messages is [var first, ..] ? first.Position : 0,
            OutputCount = messages.Length,
            EndedAt = now,
        };
        var released = new ConversationRow(conversation.Row.With(messages, now));
        return new(true, new JournalLine("committed") { Conversations = [released], Runs = [row with { Run = run }], Messages = messages });
    }

    public static Decision<bool> Renew(StoreState state, TurnLease lease, DateTimeOffset now) => Holds(state, lease, out var conversation)
        ? new(true, new JournalLine("renewed") { Conversations = [conversation.Row with { Lease = Lease(lease, now) }] })
        : new(false);

    // The key is known [6]; null if the turn begins as if it were new [6.6].
    private static Decision<BeginTurnOutcome>? BeginAgain(StoreState state, BeginTurnCommand command, RunRow earlier, DateTimeOffset now)
    {
        if (!string.Equals(earlier.Fingerprint, command.Fingerprint, StringComparison.Ordinal))
            return new(new TurnMismatch());
        if (earlier.Run.Status == RunStatus.Completed)
            return new(new TurnCompletedBefore(earlier.Run));

        var conversation = state.Find(earlier.Run.ConversationId)!;
        var locked = Locked(conversation, now);
        if (locked?.HolderRunNumber == earlier.Run.Number)
            return new(new TurnRunning(earlier.Run, locked.RetryAfter));
        if (!conversation.IsActive)
            return null;
        return locked is null ? Take(state, command, conversation.Row, earlier, now) : new(locked);
    }

    // Takes the lease of a conversation that nobody holds; on saved input if the key's earlier run stands in it.
    private static Decision<BeginTurnOutcome> Take(
        StoreState state, BeginTurnCommand command, ConversationRow row, RunRow? earlier, DateTimeOffset now, ConversationStartReason? reason = null)
    {
        var id = row.Conversation.Id;
        var lease = new TurnLease(id, state.LastRun + 1, command.LeaseDuration);
        var saved = string.Equals(earlier?.Run.ConversationId, id, StringComparison.Ordinal) ? earlier!.Run : null;
        var messages = saved is null ? MessageRow.From(command.Input, row.Conversation, lease.Fence) : [];
        var run = new ConversationRun
        {
            ConversationId = id,
            Number = lease.Fence,
            Caller = command.Caller.Length == 0 ? null : command.Caller,
            IdempotencyKey = command.IdempotencyKey,
            InputPosition = saved?.InputPosition ?? row.Conversation.LastPosition + 1,
            InputCount = saved?.InputCount ?? messages.Length,
            StartedAt = now,
        };
        var taken = row.With(messages, now) with { Title = row.Conversation.Title ?? command.Title };

        List<ConversationRow> conversations = [new(taken, Lease(lease, now))];
        List<RunRow> runs = [];
        if (row.Lease is { } expired && expired.Fence != earlier?.Run.Number)
            runs.Add(state.Find(id)!.Runs[expired.Fence].Interrupt(now));
        if (earlier is not null)
        {
            // Its key goes before the new run comes: a key has one run.
            var interrupted = earlier.Interrupt(now);
            runs.Add(interrupted with { Run = interrupted.Run with { IdempotencyKey = null } });
            var there = state.Find(earlier.Run.ConversationId)!.Row;
            if (saved is null && there.Lease?.Fence == earlier.Run.Number)
                conversations.Add(there with { Lease = null });
        }

        return new(
            new TurnBegun { Lease = lease, InputPosition = run.InputPosition, LastPosition = taken.LastPosition, IsOnSavedInput = saved is not null, StartReason = reason },
            new JournalLine("begun")
            {
                Conversations = [.. conversations],
                Runs = [.. runs, new(run, command.Fingerprint)],
                Messages = messages,
                Current = reason is null ? null : id,
            });
    }

    private static TurnLocked? Locked(StoredConversation? conversation, DateTimeOffset now) =>
        conversation?.Row.Lease is { } lease && lease.Left(now) is { } left ? new TurnLocked(conversation.Id, lease.Fence, left) : null;

    private static bool Holds(StoreState state, TurnLease lease, [NotNullWhen(true)] out StoredConversation? conversation)
    {
        conversation = state.Find(lease.ConversationId);
        return conversation?.Row.Lease?.Fence == lease.Fence;
    }

    private static LeaseRow Lease(TurnLease lease, DateTimeOffset now) => new(lease.Fence, now + lease.Duration, lease.Duration);
}

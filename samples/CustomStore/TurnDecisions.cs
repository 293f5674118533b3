using System.Diagnostics.CodeAnalysis;
using Conversations;
using Conversations.Storage;

namespace CustomStore;

/// <summary>How a turn begins and ends. Only decides: nothing is changed here.</summary>
internal static class TurnDecisions
{
    public static Decision<BeginTurnOutcome> Begin(StoreState state, BeginTurnCommand command, long now)
    {
        StoredConversation? named = null;
        if (command.ConversationId is { } id)
        {
            named = state.Find(id, command.Access);
            if (named is null || !named.Scope.Agent.Equals(command.Agent, StringComparison.Ordinal))
                return new(new TurnNotFound());
        }

        var scope = named?.Scope ?? command.Scope!;
        var earlier = command.IdempotencyKey is { } key ? state.FindRun(scope, command.Caller, key) : null;
        if (earlier is not null && BeginAgain(state, command, earlier, now) is { } again)
            return again;
        if (named is { IsActive: false })
            return new(new TurnConversationEnded(named.Row.Id));

        var current = named ?? state.Current(scope);
        var target = current is { IsActive: true } && !command.StartNew ? current : null;
        if (Locked(target, now) is { } locked)
            return new(locked);
        if (command.ExpectedLastPosition is { } expected && expected != (target?.Row.LastPosition ?? 0))
            return new(new TurnConversationMoved());
        if (target is not null)
            return Take(state, command, target.Row, earlier, now);

        var reason = command.StartNew ? ConversationStartReason.Requested : current is null ? ConversationStartReason.First : ConversationStartReason.Ended;
        return Take(state, command, new ConversationRow(command.NewConversationId, scope.SessionId, now, now), earlier, now, reason);
    }

    public static Decision<bool> Commit(StoreState state, CommitTurnCommand command, long now)
    {
        if (!IsCurrent(state, command.Lease, out var conversation))
            return new(false);

        var messages = MessageRow.From(command.Messages, conversation.Row, command.Lease.Fence);
        var run = conversation.Runs[command.Lease.Fence] with
        {
            Status = command.Status,
            Model = command.Model,
            Usage = command.Usage,
            Error = command.Error,
            OutputPosition = messages is [var first, ..] ? first.Position : 0,
            OutputCount = messages.Length,
            EndedAt = now,
        };
        return new(true, new JournalLine("committed")
        {
            Conversations = [conversation.Row.With(messages, now) with { Lease = null }],
            Runs = [run],
            Messages = messages,
        });
    }

    public static Decision<bool> Renew(StoreState state, TurnLease lease, long now) => IsCurrent(state, lease, out var conversation)
        ? new(true, new JournalLine("renewed") { Conversations = [conversation.Row with { Lease = Lease(lease.Fence, lease.Duration, now) }] })
        : new(false);

    // The key is known [6]; null if the turn begins as if it were new [6.6].
    private static Decision<BeginTurnOutcome>? BeginAgain(StoreState state, BeginTurnCommand command, RunRow earlier, long now)
    {
        if (!string.Equals(earlier.Fingerprint, command.Fingerprint, StringComparison.Ordinal))
            return new(new TurnMismatch());
        if (earlier.Status == RunStatus.Completed)
            return new(new TurnCompletedBefore(earlier.ToRun()));

        var conversation = state.Find(earlier.ConversationId)!;
        if (Locked(conversation, now) is { } locked)
        {
            if (locked.HolderRunNumber == earlier.Number)
                return new(new TurnRunning(earlier.ToRun(), locked.RetryAfter));
            if (conversation.IsActive)
                return new(locked);
        }

        return conversation.IsActive ? Take(state, command, conversation.Row, earlier, now) : null;
    }

    // Takes the lease of a conversation that nobody holds. On saved input if the key's earlier run stands in it.
    private static Decision<BeginTurnOutcome> Take(
        StoreState state, BeginTurnCommand command, ConversationRow row, RunRow? earlier, long now, ConversationStartReason? reason = null)
    {
        var number = state.LastRun + 1;
        var saved = earlier is not null && earlier.ConversationId.Equals(row.Id, StringComparison.Ordinal) ? earlier : null;
        var messages = saved is null ? MessageRow.From(command.Input, row, number) : [];
        var taken = row.With(messages, now) with { Title = row.Title ?? command.Title, Lease = Lease(number, command.LeaseDuration, now) };
        var run = new RunRow(
            row.Id, number, command.Caller, RunStatus.Running, saved?.InputPosition ?? row.LastPosition + 1, saved?.InputCount ?? messages.Length, now, command.IdempotencyKey, command.Fingerprint);

        List<ConversationRow> conversations = [taken];
        List<RunRow> runs = [];
        if (row.Lease is { } expired && expired.Fence != earlier?.Number)
            runs.Add(state.Find(row.Id)!.Runs[expired.Fence].Interrupt(now));
        if (earlier is not null)
        {
            // Its key goes before the new run comes: a key has one run.
            runs.Add(earlier.Interrupt(now) with { IdempotencyKey = null });
            var there = state.Find(earlier.ConversationId)!.Row;
            if (saved is null && there.Lease?.Fence == earlier.Number)
                conversations.Add(there with { Lease = null });
        }

        var begun = new TurnBegun
        {
            Lease = new TurnLease(row.Id, number, command.LeaseDuration),
            InputPosition = run.InputPosition,
            LastPosition = taken.LastPosition,
            IsOnSavedInput = saved is not null,
            StartReason = reason,
        };
        return new(begun, new JournalLine("begun")
        {
            Conversations = [.. conversations],
            Runs = [.. runs, run],
            Messages = messages,
            Current = reason is null ? null : row.Id,
        });
    }

    private static TurnLocked? Locked(StoredConversation? conversation, long now) =>
        conversation?.Row.Lease is { } lease && lease.Left(now) is { } left ? new TurnLocked(conversation.Row.Id, lease.Fence, left) : null;

    private static bool IsCurrent(StoreState state, TurnLease lease, [NotNullWhen(true)] out StoredConversation? conversation)
    {
        conversation = state.Find(lease.ConversationId);
        return conversation?.Row.Lease?.Fence == lease.Fence;
    }

    private static LeaseRow Lease(long fence, TimeSpan duration, long now) => new(fence, now + duration.Ticks, duration.Ticks);
}

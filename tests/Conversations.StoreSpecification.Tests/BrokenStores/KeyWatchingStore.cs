using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A right store that knows which run has an idempotency key, to do something wrong with it.</summary>
public abstract class KeyWatchingStore(TimeProvider clock) : LeaseWatchingStore(clock)
{
    private readonly ConcurrentDictionary<(string?, string, string), TurnLease> _runs = [];

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is TurnBegun begun && command.IdempotencyKey is { } key)
            _runs[(await SessionOfAsync(command), command.Caller, key)] = begun.Lease;
        return outcome;
    }

    /// <summary>The run that has the key of a turn, if any.</summary>
    protected async ValueTask<ConversationRun?> EarlierRunAsync(BeginTurnCommand command) =>
        command.IdempotencyKey is { } key && _runs.TryGetValue((await SessionOfAsync(command), command.Caller, key), out var lease)
            ? await Inner.GetRunAsync(lease.ConversationId, lease.Fence, Host)
            : null;

    /// <summary>The run that has the key of a turn, if it is to run again and its conversation is active.</summary>
    protected ValueTask<ConversationRun?> LeftInAnActiveOneAsync(BeginTurnCommand command) => LeftAsync(command, isActive: true);

    /// <summary>The run that has the key of a turn, if it is to run again and its conversation is not active.</summary>
    protected ValueTask<ConversationRun?> LeftInAnEndedOneAsync(BeginTurnCommand command) => LeftAsync(command, isActive: false);

    private async ValueTask<ConversationRun?> LeftAsync(BeginTurnCommand command, bool isActive) =>
        await EarlierRunAsync(command) is { Outcome: not (RunStatus.Completed or RunStatus.RequiresAction) } run
        && (run.Status != RunStatus.Running || OpenLeaseOf(run.ConversationId) is not { } open || open.Expires <= Now)
        && (await Inner.GetConversationAsync(run.ConversationId, Host))?.IsActive == isActive
            ? run
            : null;

    private async ValueTask<string?> SessionOfAsync(BeginTurnCommand command) =>
        command.Scope?.SessionId ?? (await Inner.GetConversationAsync(command.ConversationId!, command.Access))?.SessionId;
}

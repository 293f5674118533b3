using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("keeps the keys of turns by id apart from those of turns by scope", "6.1")]
public sealed class KeepsKeysByIdApart(TimeProvider clock) : RewritingStore(clock)
{
    private const string ById = "id:";

    private readonly ConcurrentDictionary<string, bool> _byScope = new(StringComparer.Ordinal);

    protected override BeginTurnCommand Asked(BeginTurnCommand command)
    {
        if (command is { IdempotencyKey: { } used, Scope: not null })
            _byScope[used] = true;
        return command is { IdempotencyKey: { } key, Scope: null } && !_byScope.ContainsKey(key) ? command with { IdempotencyKey = ById + key } : command;
    }

    protected override ConversationRun Shown(ConversationRun run) => run with { IdempotencyKey = run.IdempotencyKey?.Replace(ById, "", StringComparison.Ordinal) };
}

[Breaks("looks for the key of a turn by id in the conversation that is named alone", "6.1")]
public sealed class KnowsKeysOfTheNamedOneAlone(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        return outcome is TurnCompletedBefore completed && command.ConversationId is { } id && completed.Run.ConversationId != id
            ? await base.BeginTurnAsync(command with { IdempotencyKey = null }, cancellationToken)
            : outcome;
    }
}

[Breaks("looks at the key of a turn by id before it looks whose agent's the conversation is", "6.1", "5.5")]
public sealed class TellsAnotherAgentOfAKey(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is not TurnNotFound || command.IdempotencyKey is null || await TargetAsync(command) is not { } target)
            return outcome;

        return await base.BeginTurnAsync(command with { Agent = target.Agent }, cancellationToken) is TurnCompletedBefore completed ? completed : outcome;
    }
}

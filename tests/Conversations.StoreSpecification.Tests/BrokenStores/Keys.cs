using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("begins a request by id in the scope's next conversation when its own has ended", "6.6")]
public sealed class BeginsElsewhereWhatEnded(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        return outcome is TurnConversationEnded && command.IdempotencyKey is not null && await TargetAsync(command) is { } ended
            ? await base.BeginTurnAsync(command with { ConversationId = null, Scope = ConversationScope.Parse(ended.SessionId) }, cancellationToken)
            : outcome;
    }
}

[Breaks("says of a request by scope that its conversation has ended, instead of beginning anew", "6.6")]
public sealed class EndsARequestByScope(TimeProvider clock) : KeyWatchingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        command.Scope is not null && await LeftInAnEndedOneAsync(command) is { } run
            ? new TurnConversationEnded(run.ConversationId)
            : await base.BeginTurnAsync(command, cancellationToken);
}

[Breaks("begins a request anew and lets its old run go on", "6.6")]
public sealed class LetsTheOldRunGoOn(TimeProvider clock) : KeyWatchingStore(clock)
{
    private const string Again = "again:";

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        await base.BeginTurnAsync(await LeftInAnEndedOneAsync(command) is null ? command : command with { IdempotencyKey = Again + command.IdempotencyKey }, cancellationToken);

    protected override ConversationRun Shown(ConversationRun run) => run with { IdempotencyKey = run.IdempotencyKey?.Replace(Again, "", StringComparison.Ordinal) };
}

[Breaks("takes the key from the old run before it finds that the new turn cannot begin", "6.6")]
public sealed class TakesTheKeyTooEarly(TimeProvider clock) : KeyWatchingStore(clock)
{
    private readonly ConcurrentDictionary<long, bool> _keyless = [];

    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (await LeftInAnEndedOneAsync(command) is { } run)
            _keyless[run.Number] = true;
        return await base.BeginTurnAsync(command, cancellationToken);
    }

    protected override ConversationRun Shown(ConversationRun run) => _keyless.ContainsKey(run.Number) ? run with { IdempotencyKey = null } : run;
}

[Breaks("begins every turn that asks for a new conversation, also two with one key", "6.7", Races = [nameof(RaceSpecification<>.Begin_by_many_with_one_key_for_a_new_conversation_creates_one)])]
public sealed class BeginsNewOnesWithoutLookingAtTheKey(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) => command.StartNew ? command with { IdempotencyKey = null } : command;
}

[Breaks(
    "knows no keys, so that of two requests with one each is another",
    "6.7",
    "6.1",
    Races =
    [
        nameof(RaceSpecification<>.Begin_by_many_with_one_key_begins_one),
        nameof(RaceSpecification<>.Begin_by_many_with_one_key_for_a_new_conversation_creates_one),
        nameof(RaceSpecification<>.Begin_by_many_with_the_key_of_a_failed_request_runs_one_again),
    ])]
public sealed class KnowsNoKeys(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) => command with { IdempotencyKey = null };
}

[Breaks("remembers the key of a deleted conversation", "6.8")]
public sealed class RemembersTheKeysOfWhatIsDeleted(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<(string, string), string?> _fingerprints = [];

    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome) =>
        command.IdempotencyKey is { } key && _fingerprints.GetOrAdd((command.Caller, key), command.Fingerprint) != command.Fingerprint ? new TurnMismatch() : outcome;
}

[Breaks("frees all keys of the scope with a conversation", "6.8", "13.1")]
public sealed class FreesAllKeysOfTheScope(TimeProvider clock) : RewritingStore(clock)
{
    private int _deletions;

    public override ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        _deletions++;
        return base.DeleteConversationAsync(conversationId, access, cancellationToken);
    }

    protected override BeginTurnCommand Asked(BeginTurnCommand command) =>
        command.IdempotencyKey is { } key ? command with { IdempotencyKey = $"{_deletions}:{key}" } : command;

    protected override ConversationRun Shown(ConversationRun run) =>
        run with { IdempotencyKey = run.IdempotencyKey is { } key ? key[(key.IndexOf(':', StringComparison.Ordinal) + 1)..] : null };
}

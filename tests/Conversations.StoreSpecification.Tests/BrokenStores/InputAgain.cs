using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A right store that can look at the messages that are to be answered again.</summary>
public abstract class InputAgainStore(TimeProvider clock) : RewritingStore(clock)
{
    /// <summary>What stands in a span, superseded or not.</summary>
    protected async ValueTask<IReadOnlyList<ConversationMessage>> StandingAsync(BeginTurnCommand command, MessageSpan span) =>
        command.ConversationId is { } id
            ? [.. (await AllMessagesAsync(id)).Where(message => message.Position >= span.Position && message.Position - span.Position < span.Count)]
            : [];
}

[Breaks("appends anew what is to be answered again", "19.1")]
public sealed class AppendsTheInputAgain(TimeProvider clock) : InputAgainStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        command.InputAgain is { } span && await StandingAsync(command, span) is { Count: > 0 } input
            ? await base.BeginTurnAsync(command with { InputAgain = null, Input = input }, cancellationToken)
            : await base.BeginTurnAsync(command, cancellationToken);
}

[Breaks("takes an answer again for activity", "8.5", "19.1")]
public sealed class TakesAnAnswerAgainForActivity(TimeProvider clock) : RewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _begunAt = new(StringComparer.Ordinal);

    protected override BeginTurnOutcome Answered(BeginTurnCommand command, BeginTurnOutcome outcome)
    {
        if (command.InputAgain is not null && outcome is TurnBegun begun)
            _begunAt[begun.Lease.ConversationId] = Now;
        return outcome;
    }

    protected override Conversation Shown(Conversation conversation) =>
        _begunAt.TryGetValue(conversation.Id, out var at) ? conversation with { LastActivityAt = at } : conversation;
}

[Breaks("gives no title where something is answered again", "5.6", "19.1")]
public sealed class GivesNoTitleWithAnAnswerAgain(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) => command.InputAgain is null ? command : command with { Title = null };
}

[Breaks("takes over no expired lease to answer again", "4.3", "19.1")]
public sealed class TakesOverNoLeaseToAnswerAgain(TimeProvider clock) : LeaseWatchingStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        command is { InputAgain: not null, ConversationId: { } id } && OpenLeaseOf(id) is { } open && open.Expires <= Now
            ? new TurnLocked(id, open.Lease.Fence, TimeSpan.FromTicks(1))
            : await base.BeginTurnAsync(command, cancellationToken);
}

[Breaks("begins also on messages that are not there", "19.1")]
public sealed class AnswersWhatIsNotThere(TimeProvider clock) : InputAgainStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        var outcome = await base.BeginTurnAsync(command, cancellationToken);
        if (outcome is not TurnNotFound || command.InputAgain is not { } span || await TargetAsync(command) is not { } target)
            return outcome;

        var any = (await AllMessagesAsync(target.Id)).First(message => !message.IsSuperseded);
        var begun = await base.BeginTurnAsync(command with { InputAgain = new MessageSpan(any.Position, 1) }, cancellationToken);
        return begun is TurnBegun anyway ? anyway with { InputPosition = span.Position } : begun;
    }
}

[Breaks("looks only for the first of the messages that are answered again", "19.1")]
public sealed class LooksForTheFirstMessageOnly(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) =>
        command.InputAgain is { } span ? command with { InputAgain = span with { Count = 1 } } : command;
}

[Breaks("answers superseded messages again", "19.1")]
public sealed class AnswersSupersededMessages(TimeProvider clock) : InputAgainStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        command.InputAgain is { } span && await StandingAsync(command, span) is var there && there.Count == span.Count && there.Any(message => message.IsSuperseded)
            ? await base.BeginTurnAsync(command with { InputAgain = new MessageSpan((await AllMessagesAsync(command.ConversationId!)).First(message => !message.IsSuperseded).Position, 1) }, cancellationToken)
            : await base.BeginTurnAsync(command, cancellationToken);
}

[Breaks("looks for the messages before anything else", "19.1", "4.2", "5.5", "5.7", "6.3")]
public sealed class LooksForTheMessagesFirst(TimeProvider clock) : InputAgainStore(clock)
{
    public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) =>
        command.InputAgain is { } span && (await StandingAsync(command, span)).Count < span.Count
            ? new TurnNotFound()
            : await base.BeginTurnAsync(command, cancellationToken);
}

[Breaks("says that a conversation moved wherever it was expected, when something is answered again", "5.7", "19.1")]
public sealed class ExpectsNothingOfAnAnswerAgain(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) =>
        command is { InputAgain: not null, ExpectedLastPosition: not null } ? command with { ExpectedLastPosition = 0 } : command;
}

[Breaks("lets anyone have a message answered again", "16.1", "19.1")]
public sealed class AnswersAgainForAnyone(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) => command.InputAgain is null ? command : command with { Access = Host };
}

[Breaks("keeps no key of an answer again", "19.1", "6.2", "6.3", "6.4", "6.5")]
public sealed class KeepsNoKeyOfAnAnswerAgain(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) => command.InputAgain is null ? command : command with { IdempotencyKey = null };
}

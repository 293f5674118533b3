using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("takes the time of reading for that of a summary", "18.1", "14.1")]
public sealed class TimesSummariesWhenRead(TimeProvider clock) : SummaryRewritingStore(clock)
{
    protected override ConversationSummary Shown(ConversationSummary summary) => summary with { CreatedAt = Now };
}

[Breaks("takes a summary that was not counted for one that costs nothing", "18.1")]
public sealed class CountsSummariesThatWereNot(TimeProvider clock) : SummaryRewritingStore(clock)
{
    protected override ConversationSummary Shown(ConversationSummary summary) => summary with { Tokens = summary.Tokens ?? new TokenAmount(0, "counter") };
}

[Breaks("ends a summary at its first NUL", "18.1", "9.1")]
public sealed class EndsSummariesAtNul(TimeProvider clock) : SummaryRewritingStore(clock)
{
    public override ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default) =>
        base.SaveSummaryAsync(command with { Text = command.Text.Split('\0')[0] }, cancellationToken);
}

[Breaks("says that every summary was saved", "18.2", Races = [nameof(SummaryRaceSpecification<>.Save_by_many_from_one_saves_one)])]
public sealed class SaysThatEverySummaryWasSaved(TimeProvider clock) : SummaryRewritingStore(clock)
{
    public override async ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default)
    {
        await base.SaveSummaryAsync(command, cancellationToken);
        return true;
    }
}

[Breaks("saves a summary whichever it was made from", "18.2")]
public sealed class IgnoresWhatASummaryWasMadeFrom(TimeProvider clock) : SummaryRewritingStore(clock)
{
    public override async ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default)
    {
        var newest = await NewestAsync(command.ConversationId);
        var onNewest = command with { Base = newest?.Through ?? 0, BaseMessageCount = newest?.MessageCount ?? 0 };
        return await base.SaveSummaryAsync(onNewest with { MessageCount = await CountAsync(onNewest) }, cancellationToken);
    }
}

[Breaks("takes a summary that goes no further than the one before it for saved", "18.2")]
public sealed class SavesWhatGoesNoFurther(TimeProvider clock) : SummaryRewritingStore(clock)
{
    public override async ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default) =>
        command.Through <= command.Base || await base.SaveSummaryAsync(command, cancellationToken);
}

[Breaks("saves a summary that goes beyond the last position, up to that", "18.2")]
public sealed class CutsSummariesOff(TimeProvider clock) : SummaryRewritingStore(clock)
{
    public override async ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default) =>
        await Inner.GetConversationAsync(command.ConversationId, command.Access, cancellationToken) is { } conversation
        && await base.SaveSummaryAsync(command with { Through = Math.Min(command.Through, conversation.LastPosition) }, cancellationToken);
}

[Breaks("saves a summary however many messages are left of those that it was made from", "18.2", "18.3")]
public sealed class IgnoresHowManyMessagesAreLeft(TimeProvider clock) : SummaryRewritingStore(clock)
{
    public override async ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default) =>
        await base.SaveSummaryAsync(command with { MessageCount = await CountAsync(command) }, cancellationToken);
}

[Breaks("saves a summary however many of the messages that it was made from are superseded by now", "18.2", "19.2")]
public sealed class IgnoresHowManyAreSuperseded(TimeProvider clock) : SummaryRewritingStore(clock)
{
    public override async ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default) =>
        await base.SaveSummaryAsync(command with { SupersededCount = (await StandingAsync(command)).Count(message => message.IsSuperseded) }, cancellationToken);
}

[Breaks("saves a summary whichever run superseded messages that it was made from", "18.2", "19.2")]
public sealed class IgnoresWhichRunSuperseded(TimeProvider clock) : SummaryRewritingStore(clock)
{
    public override async ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default) =>
        await base.SaveSummaryAsync(command with { LastSupersededBy = (await StandingAsync(command)).Max(message => message.SupersededBy) ?? 0 }, cancellationToken);
}

[Breaks("gives the newest summary, whatever it covers", "18.4")]
public sealed class GivesTheNewestSummary(TimeProvider clock) : SummaryRewritingStore(clock)
{
    public override ValueTask<ConversationSummary?> GetSummaryAsync(string conversationId, ConversationAccess access, long before, CancellationToken cancellationToken = default) =>
        base.GetSummaryAsync(conversationId, access, long.MaxValue, cancellationToken);
}

[Breaks("gives a summary that ends at the position, not before it", "18.4")]
public sealed class GivesTheSummaryThatEndsThere(TimeProvider clock) : SummaryRewritingStore(clock)
{
    public override ValueTask<ConversationSummary?> GetSummaryAsync(string conversationId, ConversationAccess access, long before, CancellationToken cancellationToken = default) =>
        base.GetSummaryAsync(conversationId, access, before == long.MaxValue ? before : before + 1, cancellationToken);
}

[Breaks("takes a summary for activity", "18.5")]
public sealed class TakesASummaryForActivity(TimeProvider clock) : SummaryRewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _savedAt = new(StringComparer.Ordinal);

    public override ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default)
    {
        _savedAt[command.ConversationId] = Now;
        return base.SaveSummaryAsync(command, cancellationToken);
    }

    protected override Conversation Shown(Conversation conversation) =>
        _savedAt.TryGetValue(conversation.Id, out var savedAt) ? conversation with { LastActivityAt = savedAt } : conversation;
}

[Breaks("saves no summary while a turn is open", "18.5")]
public sealed class SavesNoSummaryDuringATurn(TimeProvider clock) : SummaryRewritingStore(clock)
{
    public override async ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default)
    {
        var last = (await AllMessagesAsync(command.ConversationId)).LastOrDefault(message => message.RunNumber is not null)?.RunNumber ?? 0;
        var run = await Inner.GetRunAsync(command.ConversationId, last, Host, cancellationToken);
        return run is not { Status: RunStatus.Running } && await base.SaveSummaryAsync(command, cancellationToken);
    }
}

[Breaks("saves no summary of a conversation that has ended", "18.5")]
public sealed class SavesNoSummaryAfterTheEnd(TimeProvider clock) : SummaryRewritingStore(clock)
{
    public override async ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default) =>
        await Inner.GetConversationAsync(command.ConversationId, Host, cancellationToken) is { IsActive: true } && await base.SaveSummaryAsync(command, cancellationToken);
}

[Breaks("gives a summary to anyone", "16.1")]
public sealed class ShowsSummariesToAnyone(TimeProvider clock) : SummaryRewritingStore(clock)
{
    public override ValueTask<ConversationSummary?> GetSummaryAsync(string conversationId, ConversationAccess access, long before, CancellationToken cancellationToken = default) =>
        base.GetSummaryAsync(conversationId, Host, before, cancellationToken);
}

[Breaks("lets anyone save a summary", "16.1")]
public sealed class LetsAnyoneSaveASummary(TimeProvider clock) : SummaryRewritingStore(clock)
{
    public override ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default) =>
        base.SaveSummaryAsync(command with { Access = Host }, cancellationToken);
}

[Breaks("saves a summary, and then looks at the token", "12.1")]
public sealed class CancelsAfterASummary(TimeProvider clock) : SummaryRewritingStore(clock)
{
    public override async ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default)
    {
        var saved = await base.SaveSummaryAsync(command, CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        return saved;
    }
}

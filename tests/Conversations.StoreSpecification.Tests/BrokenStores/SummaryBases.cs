using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("knows the summary that another was made from by where it ends alone", "18.2")]
public sealed class KnowsSummariesByTheirEnd(TimeProvider clock) : SummaryRewritingStore(clock)
{
    public override async ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default) =>
        await base.SaveSummaryAsync(
            await NewestAsync(command.ConversationId) is { } newest && newest.Through == command.Base ? command with { BaseMessageCount = newest.MessageCount } : command,
            cancellationToken);
}

[Breaks("says that a summary covers no more than it adds", "18.1")]
public sealed class CountsWhatASummaryAdds(TimeProvider clock) : SummaryRewritingStore(clock)
{
    protected override ConversationSummary Shown(ConversationSummary summary) => summary with { MessageCount = Math.Min(summary.MessageCount, 2) };
}

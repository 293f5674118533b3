namespace Conversations.Storage;

/// <summary>The summaries of one conversation, each later one ending further on. Used under the gate of the scope.</summary>
internal sealed class SummaryLog
{
    // Created with the first summary: most conversations have none.
    private List<ConversationSummary>? _summaries;

    public void Add(ConversationSummary summary) => (_summaries ??= []).Add(summary);

    public ConversationSummary? NewestBefore(long position) => _summaries?.FindLast(summary => summary.Through < position);

    public void DropFrom(long position) => _summaries?.RemoveAll(summary => summary.Through >= position);
}

namespace Conversations.Storage;

/// <summary>The summaries of one conversation, each made from the one before it and so going further. Used under the scope's gate.</summary>
internal sealed class SummaryLog
{
    // Made at the first summary: most conversations have none.
    private List<ConversationSummary>? _summaries;

    /// <summary>Where the newest ends; 0 if there is none.</summary>
    public long Through => _summaries is [.., var newest] ? newest.Through : 0;

    /// <summary>How many messages the newest covers; 0 if there is none.</summary>
    public long MessageCount => _summaries is [.., var newest] ? newest.MessageCount : 0;

    public void Add(ConversationSummary summary) => (_summaries ??= []).Add(summary);

    /// <summary>The newest that covers only what stands before a position (rule 18.4).</summary>
    public ConversationSummary? NewestBefore(long position) => _summaries?.FindLast(summary => summary.Through < position);

    /// <summary>Drops those that cover a position (rule 18.3).</summary>
    public void DropFrom(long position) => _summaries?.RemoveAll(summary => summary.Through >= position);
}

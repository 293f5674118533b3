using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A right store of summaries with places to put something wrong: each override rewrites what goes in or what comes out.</summary>
public abstract class SummaryRewritingStore(TimeProvider clock) : RewritingStore(clock), IConversationSummaryStore
{
    /// <summary>The right one beneath.</summary>
    protected IConversationSummaryStore Summaries => Inner.GetFeature<IConversationSummaryStore>()!;

    public virtual async ValueTask<ConversationSummary?> GetSummaryAsync(string conversationId, ConversationAccess access, long before, CancellationToken cancellationToken = default) =>
        await Summaries.GetSummaryAsync(conversationId, access, before, cancellationToken) is { } summary ? Shown(summary) : null;

    public virtual ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default) =>
        Summaries.SaveSummaryAsync(command, cancellationToken);

    /// <summary>A summary as it is read.</summary>
    protected virtual ConversationSummary Shown(ConversationSummary summary) => summary;

    /// <summary>The newest summary of a conversation.</summary>
    protected ValueTask<ConversationSummary?> NewestAsync(string conversationId) => Summaries.GetSummaryAsync(conversationId, Host, long.MaxValue);

    /// <summary>How many messages stand in the part that a summary adds.</summary>
    protected async ValueTask<int> CountAsync(SaveSummaryCommand command) => (await StandingAsync(command)).Count;

    /// <summary>What stands in the part that a summary adds.</summary>
    protected async ValueTask<IReadOnlyList<ConversationMessage>> StandingAsync(SaveSummaryCommand command) =>
        [.. (await AllMessagesAsync(command.ConversationId)).Where(message => message.Position > command.Base && message.Position <= command.Through)];
}

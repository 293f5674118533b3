using System.Collections.Concurrent;
using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A right store of summaries that can keep one which the store beneath has not.</summary>
public abstract class SummaryHoardingStore(TimeProvider clock) : SummaryRewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, ConversationSummary> _kept = new(StringComparer.Ordinal);

    public override async ValueTask<ConversationSummary?> GetSummaryAsync(string conversationId, ConversationAccess access, long before, CancellationToken cancellationToken = default)
    {
        var right = await base.GetSummaryAsync(conversationId, access, before, cancellationToken);
        return _kept.TryGetValue(conversationId, out var kept) && kept.Through < before && kept.Through >= (right?.Through ?? 0) ? kept : right;
    }

    protected void Keep(ConversationSummary? summary)
    {
        if (summary is not null)
            _kept[summary.ConversationId] = summary;
    }
}

[Breaks("keeps a summary that covers a deleted message", "18.3", "18.2")]
public sealed class KeepsSummariesOfDeletedMessages(TimeProvider clock) : SummaryHoardingStore(clock)
{
    public override async ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        var newest = await NewestAsync(conversationId);
        var deleted = await base.DeleteMessageAsync(conversationId, position, access, cancellationToken);
        if (newest?.Through >= position)
            Keep(newest);
        return deleted;
    }
}

[Breaks("keeps a summary that ends with the deleted message", "18.3")]
public sealed class KeepsASummaryThatEndsThere(TimeProvider clock) : SummaryHoardingStore(clock)
{
    public override async ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        var endsThere = position == long.MaxValue ? null : await Summaries.GetSummaryAsync(conversationId, Host, position + 1, cancellationToken);
        var deleted = await base.DeleteMessageAsync(conversationId, position, access, cancellationToken);
        if (endsThere?.Through == position)
            Keep(endsThere);
        return deleted;
    }
}

[Breaks("drops all summaries of a conversation with a message", "18.3")]
public sealed class DropsAllSummariesWithAMessage(TimeProvider clock) : SummaryRewritingStore(clock)
{
    private readonly ConcurrentDictionary<string, bool> _dropped = new(StringComparer.Ordinal);

    public override async ValueTask<ConversationSummary?> GetSummaryAsync(string conversationId, ConversationAccess access, long before, CancellationToken cancellationToken = default) =>
        _dropped.ContainsKey(conversationId) ? null : await base.GetSummaryAsync(conversationId, access, before, cancellationToken);

    public override ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        _dropped[conversationId] = true;
        return base.DeleteMessageAsync(conversationId, position, access, cancellationToken);
    }
}

[Breaks(
    "keeps the summary of a deleted conversation",
    "18.3",
    "13.1",
    Races = [nameof(SummaryRaceSpecification<>.Delete_of_a_conversation_while_it_is_summarised_leaves_nothing)])]
public sealed class KeepsSummariesOfDeletedConversations(TimeProvider clock) : SummaryHoardingStore(clock)
{
    private readonly Gap _gap = new();

    public override async ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default)
    {
        var saved = await base.SaveSummaryAsync(command, cancellationToken);
        _gap.Come();
        return saved;
    }

    public override async ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        if (await NewestAsync(conversationId) is null)
            await _gap.WaitAsync();
        Keep(await NewestAsync(conversationId));
        return await base.DeleteConversationAsync(conversationId, access, cancellationToken);
    }
}

[Breaks(
    "looks whether a summary can be saved, and then saves it, whatever was saved, deleted or superseded meanwhile",
    "18.2",
    "18.3",
    Races =
    [
        nameof(SummaryRaceSpecification<>.Save_by_many_from_one_saves_one),
        nameof(SummaryRaceSpecification<>.Delete_of_a_message_while_it_is_summarised_leaves_no_summary_that_covers_it),
        nameof(SummaryRaceSpecification<>.Superseding_while_it_is_summarised_leaves_no_summary_that_covers_what_is_superseded),
    ])]
public sealed class SavesWithoutLookingAgain(TimeProvider clock) : SummaryHoardingStore(clock)
{
    private readonly Gap _gap = new();

    public override async ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default)
    {
        var from = (await NewestAsync(command.ConversationId))?.Through ?? 0;
        if (from != command.Base || await CountAsync(command) != command.MessageCount)
            return await base.SaveSummaryAsync(command, cancellationToken);

        var conversation = await Inner.GetConversationAsync(command.ConversationId, command.Access, cancellationToken);
        if (conversation is null || command.Through <= command.Base || command.Through > conversation.LastPosition)
            return false;

        await _gap.PassAsync();
        if (!await base.SaveSummaryAsync(command, cancellationToken))
            Keep(new ConversationSummary { ConversationId = conversation.Id, Through = command.Through, MessageCount = command.BaseMessageCount + command.MessageCount, Text = command.Text, CreatedAt = Now });
        return true;
    }

    public override async ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        await _gap.WaitAsync();
        var deleted = await base.DeleteMessageAsync(conversationId, position, access, cancellationToken);
        _gap.Come();
        return deleted;
    }

    public override async ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        if (command.SupersedeFrom is null)
            return await base.CommitTurnAsync(command, cancellationToken);

        await _gap.WaitAsync();
        var committed = await base.CommitTurnAsync(command, cancellationToken);
        _gap.Come();
        return committed;
    }
}

[Breaks("forgets summaries when it is closed", "18.1", "3.2")]
public sealed class ForgetsSummaries : KeptFixture
{
    protected override IConversationStore Open(IConversationStore data) => new Forgetful(data);

    private sealed class Forgetful(IConversationStore data) : KeptStore(data), IConversationSummaryStore
    {
        private readonly HashSet<string> _saved = new(StringComparer.Ordinal);

        private IConversationSummaryStore Summaries => Inner.GetFeature<IConversationSummaryStore>()!;

        public async ValueTask<ConversationSummary?> GetSummaryAsync(string conversationId, ConversationAccess access, long before, CancellationToken cancellationToken = default) =>
            _saved.Contains(conversationId) ? await Summaries.GetSummaryAsync(conversationId, access, before, cancellationToken) : null;

        public ValueTask<bool> SaveSummaryAsync(SaveSummaryCommand command, CancellationToken cancellationToken = default)
        {
            _saved.Add(command.ConversationId);
            return Summaries.SaveSummaryAsync(command, cancellationToken);
        }
    }
}

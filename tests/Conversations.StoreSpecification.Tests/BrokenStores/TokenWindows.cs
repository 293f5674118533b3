using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("gives a window to the conversation's beginning, wherever it is to end", "7.1")]
public sealed class IgnoresWhereAWindowEnds(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
        base.ReadWindowAsync(query with { After = 0 }, cancellationToken);
}

[Breaks("gives the message at the position after which a window was asked for", "7.1")]
public sealed class GivesWindowsFromTheirBeginning(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
        base.ReadWindowAsync(query with { After = Math.Max(query.After, 1) - 1 }, cancellationToken);
}

[Breaks("does not look at the token limit", "7.4")]
public sealed class IgnoresTheTokenLimit(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
        base.ReadWindowAsync(query with { TokenLimit = null }, cancellationToken);
}

[Breaks("does not look at the number of messages where there is a token limit", "7.4", "7.1")]
public sealed class LimitsByTokensAlone(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
        base.ReadWindowAsync(query.TokenLimit is null ? query : query with { Limit = int.MaxValue }, cancellationToken);
}

/// <summary>A right store where there is no token limit. What fits within one is chosen anew, with a place to put something wrong.</summary>
public abstract class ChoosingStore(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default)
    {
        var all = await base.ReadWindowAsync(query with { TokenLimit = null }, cancellationToken);
        return query.TokenLimit is { } limit ? [.. Choose(all.Reverse(), limit).Reverse()] : all;
    }

    /// <summary>Chooses from the messages, newest first.</summary>
    protected virtual IEnumerable<ConversationMessage> Choose(IEnumerable<ConversationMessage> messages, TokenAmount limit)
    {
        var left = (long)limit.Count;
        return messages.TakeWhile(message => (left -= Cost(message, limit)) >= 0);
    }

    protected virtual int Cost(ConversationMessage message, TokenAmount limit) =>
        message.Tokens is { } tokens && string.Equals(tokens.Counter, limit.Counter, StringComparison.Ordinal) ? tokens.Count : 0;
}

[Breaks("gives the newest message also where it alone exceeds the token limit", "7.4")]
public sealed class GivesAtLeastOneMessage(TimeProvider clock) : ChoosingStore(clock)
{
    protected override IEnumerable<ConversationMessage> Choose(IEnumerable<ConversationMessage> messages, TokenAmount limit)
    {
        var all = messages.ToList();
        return [.. base.Choose(all, limit).DefaultIfEmpty(all[0])];
    }
}

[Breaks("passes over a message that does not fit and goes on with older ones that do", "7.4")]
public sealed class FillsTheTokenLimit(TimeProvider clock) : ChoosingStore(clock)
{
    protected override IEnumerable<ConversationMessage> Choose(IEnumerable<ConversationMessage> messages, TokenAmount limit)
    {
        var left = limit.Count;
        foreach (var message in messages.Where(message => Cost(message, limit) <= left))
        {
            left -= Cost(message, limit);
            yield return message;
        }
    }
}

[Breaks("stops where the token limit is reached, not where it would be exceeded", "7.4")]
public sealed class StopsAtTheTokenLimit(TimeProvider clock) : ChoosingStore(clock)
{
    protected override IEnumerable<ConversationMessage> Choose(IEnumerable<ConversationMessage> messages, TokenAmount limit) =>
        base.Choose(messages, limit with { Count = limit.Count - 1 });
}

[Breaks("stops after the message that exceeds the token limit", "7.4")]
public sealed class StopsAfterTheTokenLimit(TimeProvider clock) : ChoosingStore(clock)
{
    protected override IEnumerable<ConversationMessage> Choose(IEnumerable<ConversationMessage> messages, TokenAmount limit)
    {
        var all = messages.ToList();
        return all.Take(base.Choose(all, limit).Count() + 1);
    }
}

[Breaks("takes the counts of every counter for those of the one that was named", "7.4")]
public sealed class TakesEveryCounterForTheSame(TimeProvider clock) : ChoosingStore(clock)
{
    protected override int Cost(ConversationMessage message, TokenAmount limit) => message.Tokens?.Count ?? 0;
}

[Breaks("compares the names of counters ignoring case", "7.4")]
public sealed class ComparesCountersIgnoringCase(TimeProvider clock) : ChoosingStore(clock)
{
    protected override int Cost(ConversationMessage message, TokenAmount limit) =>
        string.Equals(message.Tokens?.Counter, limit.Counter, StringComparison.OrdinalIgnoreCase) ? message.Tokens!.Value.Count : 0;
}

[Breaks("stops at a message that was not counted", "7.4")]
public sealed class StopsAtWhatWasNotCounted(TimeProvider clock) : ChoosingStore(clock)
{
    protected override int Cost(ConversationMessage message, TokenAmount limit) => message.Tokens is null ? int.MaxValue : base.Cost(message, limit);
}

[Breaks("adds up token counts in 32 bits", "7.4")]
public sealed class AddsUpIn32Bits(TimeProvider clock) : ChoosingStore(clock)
{
    protected override IEnumerable<ConversationMessage> Choose(IEnumerable<ConversationMessage> messages, TokenAmount limit)
    {
        var sum = 0;
        return messages.TakeWhile(message => unchecked(sum += Cost(message, limit)) <= limit.Count);
    }
}

[Breaks("counts the tokens of errors, which it then passes over", "7.4", "7.2")]
public sealed class CountsTheTokensOfErrors(TimeProvider clock) : ChoosingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default)
    {
        var right = await base.ReadWindowAsync(query, cancellationToken);
        if (query.TokenLimit is not { } limit)
            return right;

        var page = new MessageRange { ConversationId = query.ConversationId, Access = query.Access, NewestFirst = true, After = query.Before, Limit = query.Limit };
        var fitting = Choose(await Inner.ReadMessagesAsync(page, cancellationToken), limit).Select(message => message.Position).ToHashSet();
        return [.. right.Where(message => fitting.Contains(message.Position))];
    }
}

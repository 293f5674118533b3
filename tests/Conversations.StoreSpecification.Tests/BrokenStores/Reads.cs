using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("3.1")]
public sealed class ReadsWindowAfterTheState(TimeProvider clock) : BrokenStore(clock)
{
    private readonly Gap _gap = new();

    public override async ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default)
    {
        var state = await base.LoadAsync(lookup with { Window = null }, cancellationToken);
        if (lookup.Window is null)
            return state;

        await _gap.WaitAsync();
        return state with { Window = (await base.LoadAsync(lookup, cancellationToken)).Window };
    }

    public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        var isWritten = await base.TryWriteAsync(batch, cancellationToken);
        _gap.Arrive();
        return isWritten;
    }
}

[Breaks("3.1")]
public sealed class ListsConversationsOneByOne(TimeProvider clock) : BrokenStore(clock)
{
    private readonly Gap _gap = new();

    public override async ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing listing, CancellationToken cancellationToken = default)
    {
        var conversations = new List<Conversation>();
        foreach (var conversation in await base.ListConversationsAsync(listing, cancellationToken))
        {
            conversations.Add((await FindAsync(conversation))?.Conversation ?? conversation);
            await _gap.WaitAsync();
        }

        return conversations;
    }

    public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        var isWritten = await base.TryWriteAsync(batch, cancellationToken);
        _gap.Arrive();
        return isWritten;
    }
}

[Breaks("3.2")]
public sealed class ReadsClockBeforeTheState(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default)
    {
        var now = _clock.GetUtcNow();
        return await base.LoadAsync(lookup, cancellationToken) with { Now = now };
    }

    private readonly TimeProvider _clock = clock;
}

[Breaks("12.1")]
public sealed class UsesSystemClock(TimeProvider clock) : BrokenStore(new InMemoryConversationStore())
{
    public TimeProvider Unused { get; } = clock;
}

[Breaks("4.1")]
public sealed class OrdersMessagesByTime(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadMessagesAsync(range, cancellationToken)).OrderBy(message => message.CreatedAt)];
}

[Breaks("5.1")]
public sealed class ShowsErrorsInWindow(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default)
    {
        var state = await base.LoadAsync(lookup, cancellationToken);
        if (lookup.Window is not { } window || state.Conversation is not { } conversation)
            return state;

        var range = new MessageRange { Access = HostOf(conversation.Conversation.Project), ConversationId = conversation.Conversation.Id, NewestFirst = true, CurrentOnly = true, Limit = window.Messages };
        return state with { Window = [.. (await base.ReadMessagesAsync(range, cancellationToken)).Reverse()] };
    }
}

[Breaks("5.1")]
public sealed class ReturnsWindowNewestFirst(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default)
    {
        var state = await base.LoadAsync(lookup, cancellationToken);
        return state with { Window = [.. state.Window.Reverse()] };
    }
}

[Breaks("5.1")]
public sealed class ReturnsOldestSummary(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default)
    {
        var state = await base.LoadAsync(lookup, cancellationToken);
        while (state.Summary is { } summary && (await base.LoadAsync(lookup with { SummaryBefore = summary.Through }, cancellationToken)).Summary is { } older)
            state = state with { Summary = older };
        return state;
    }
}

[Breaks("5.3")]
public sealed class ExceedsTokenLimit(TimeProvider clock) : BrokenStore(clock)
{
    public override ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default) =>
        base.LoadAsync(lookup.Window?.Tokens is { } tokens ? lookup with { Window = lookup.Window with { Tokens = tokens with { Count = tokens.Count + 1 } } } : lookup, cancellationToken);
}

[Breaks("5.3")]
public sealed class StopsAtMessageThatExceedsTheTokenLimit(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default)
    {
        var state = await base.LoadAsync(lookup, cancellationToken);
        return state with { Window = [.. state.Window.Reverse().TakeWhile(message => message.Parts[0] != MessageContent.Omitted).Reverse()] };
    }
}

[Breaks("5.4")]
public sealed class IgnoresTheRole(TimeProvider clock) : BrokenStore(clock)
{
    public override ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default) =>
        base.ReadMessagesAsync(range with { Role = null }, cancellationToken);
}

[Breaks("5.4")]
public sealed class IncludesTheBounds(TimeProvider clock) : BrokenStore(clock)
{
    public override ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default) =>
        base.ReadMessagesAsync(range with { After = range.After - 1 }, cancellationToken);
}

[Breaks("5.5")]
public sealed class OmitsTheOpenRun(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<IReadOnlyList<StoredRun>> ReadRunsAsync(RunRange range, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadRunsAsync(range, cancellationToken)).Where(run => run.Run.Status != RunStatus.Running)];
}

[Breaks("5.5")]
public sealed class ReadsRunsOfAnyInput(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<IReadOnlyList<StoredRun>> ReadRunsAsync(RunRange range, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadRunsAsync(range with { OnExistingInput = null }, cancellationToken)).Where(run => range.OnExistingInput is null || run.Run.IsOnExistingInput)];
}

[Breaks("5.5")]
public sealed class ReadsRunsThatBroughtTheInput(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<IReadOnlyList<StoredRun>> ReadRunsAsync(RunRange range, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadRunsAsync(range with { OnExistingInput = null }, cancellationToken)).Where(run => (range.OnExistingInput ?? run.Run.InputPosition) == run.Run.InputPosition)];
}

[Breaks("5.5")]
public sealed class FiltersRunsAfterTheLimit(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<IReadOnlyList<StoredRun>> ReadRunsAsync(RunRange range, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadRunsAsync(range with { OnExistingInput = null }, cancellationToken)).Where(run => range.Includes(run.Run))];
}

[Breaks("5.5")]
public sealed class ReadsTheOpenRunFirst(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<IReadOnlyList<StoredRun>> ReadRunsAsync(RunRange range, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadRunsAsync(range, cancellationToken)).OrderByDescending(run => run.Run.Status == RunStatus.Running)];
}

[Breaks("5.5")]
public sealed class ForgetsKindsOfRuns(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredRun Changed(StoredRun run) => run with { Run = run.Run with { Kind = RunKind.Turn } };
}

[Breaks("5.5")]
public sealed class RoundsCosts(TimeProvider clock) : BrokenStore(clock)
{
    protected override StoredRun Changed(StoredRun run) => run with { Run = run.Run with { Cost = (decimal?)(double?)run.Run.Cost } };
}

[Breaks("5.6")]
public sealed class FiltersIgnoringCase(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing listing, CancellationToken cancellationToken = default) =>
        [.. (await base.ListConversationsAsync(listing with { Query = listing.Query with { UserId = null } }, cancellationToken)).Where(conversation => listing.Query.UserId is null || listing.Query.UserId.Equals(conversation.UserId, StringComparison.OrdinalIgnoreCase))];
}

[Breaks("5.6")]
public sealed class ListsConversationsWhateverTheirLastRun(TimeProvider clock) : BrokenStore(clock)
{
    public override ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing listing, CancellationToken cancellationToken = default) =>
        base.ListConversationsAsync(listing with { Query = listing.Query with { LastRunStatus = null } }, cancellationToken);
}

[Breaks("5.6")]
public sealed class ListsConversationsWithoutRunsUnderEachStatus(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing listing, CancellationToken cancellationToken = default) =>
        [.. (await base.ListConversationsAsync(listing with { Query = listing.Query with { LastRunStatus = null } }, cancellationToken))
            .Where(conversation => conversation.LastRunStatus is null || (listing.Query.LastRunStatus ?? conversation.LastRunStatus) == conversation.LastRunStatus)];
}

[Breaks("5.6")]
public sealed class ListsConversationsWhateverTheirMetadata(TimeProvider clock) : BrokenStore(clock)
{
    public override ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing listing, CancellationToken cancellationToken = default) =>
        base.ListConversationsAsync(listing with { Query = listing.Query with { Metadata = null } }, cancellationToken);
}

[Breaks("5.6")]
public sealed class FindsFieldsOfMetadataByTheirText(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing listing, CancellationToken cancellationToken = default) =>
        [.. (await base.ListConversationsAsync(listing with { Query = listing.Query with { Metadata = null } }, cancellationToken))
            .Where(conversation => listing.Query.Metadata is not { } wanted || conversation.Metadata?.Contains(wanted.Trim('{', '}'), StringComparison.Ordinal) == true)];
}

[Breaks("5.7")]
public sealed class FiltersMetadataAfterTheLimit(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing listing, CancellationToken cancellationToken = default) =>
        [.. (await base.ListConversationsAsync(listing with { Query = listing.Query with { Metadata = null } }, cancellationToken)).Where(conversation => listing.MatchesMetadata(conversation.Metadata))];
}

[Breaks("5.7")]
public sealed class StartsAgainWhenStartOfPageWasDeleted(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing listing, CancellationToken cancellationToken = default)
    {
        var exists = listing.After is { } after
            && (await Inner.LoadAsync(new ConversationLookup { Access = HostOf(listing.Access.Project), ConversationId = after.ConversationId }, cancellationToken)).Conversation is not null;
        return await base.ListConversationsAsync(exists ? listing : listing with { After = null }, cancellationToken);
    }
}

[Breaks("5.7")]
public sealed class ContinuesByTimeOnly(TimeProvider clock) : BrokenStore(clock)
{
    public override ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing listing, CancellationToken cancellationToken = default) =>
        base.ListConversationsAsync(listing.After is null ? listing : listing with { After = null, Query = listing.Query with { ActiveBefore = listing.After.LastActivityAt } }, cancellationToken);
}

[Breaks("6.2")]
public sealed class IgnoresCallers(TimeProvider clock) : BrokenStore(clock)
{
    public override async ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default)
    {
        var state = await base.LoadAsync(lookup, cancellationToken);
        return state.KeyedRun is null && lookup.Key is { } key ? await base.LoadAsync(lookup with { Key = key with { Caller = "caller" } }, cancellationToken) : state;
    }
}

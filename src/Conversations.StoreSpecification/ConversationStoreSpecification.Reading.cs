using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <content>Helpers that read the store.</content>
public abstract partial class ConversationStoreSpecification<TFixture>
{
    /// <summary>Returns the lookup of a conversation by the host.</summary>
    protected static ConversationLookup ById(string conversationId) => new() { Access = Host, ConversationId = conversationId };

    /// <summary>Returns the lookup of the current conversation of a scope.</summary>
    protected static ConversationLookup ByScope(ConversationScope? scope = null)
    {
        scope ??= ScopeOf();
        return new ConversationLookup { Access = AccessOf(scope), Scope = scope };
    }

    /// <summary>Returns a range of all messages of a conversation.</summary>
    protected static MessageRange AllMessages(string conversationId) => new() { Access = Host, ConversationId = conversationId, Limit = int.MaxValue };

    /// <summary>Returns a range of all runs of a conversation.</summary>
    protected static RunRange AllRuns(string conversationId) => new() { Access = Host, ConversationId = conversationId, Limit = int.MaxValue };

    /// <summary>Returns a listing of all conversations of the default project.</summary>
    protected static ConversationListing AllConversations(ConversationQuery? query = null) => new() { Access = Host, Query = query ?? new ConversationQuery(), Limit = int.MaxValue };

    /// <summary>Loads a conversation; <see langword="null"/> if it does not exist.</summary>
    protected async Task<StoredConversation?> LoadAsync(string conversationId) => (await Store.LoadAsync(ById(conversationId))).Conversation;

    /// <summary>Loads the id of the current conversation of a scope; <see langword="null"/> if there is none.</summary>
    protected async Task<string?> CurrentIdAsync(ConversationScope? scope = null) => (await Store.LoadAsync(ByScope(scope))).Conversation?.Conversation.Id;

    /// <summary>Loads the run that has an idempotency key; <see langword="null"/> if none has.</summary>
    protected async Task<StoredRun?> KeyedRunAsync(string key, ConversationScope? scope = null, string caller = "caller") =>
        (await Store.LoadAsync(ByScope(scope) with { Key = new RequestKey(caller, key) })).KeyedRun;

    /// <summary>Loads the texts of the window of a conversation.</summary>
    protected async Task<IReadOnlyList<string>> WindowAsync(string conversationId, WindowSize size, long? summaryBefore = null)
    {
        var state = await Store.LoadAsync(ById(conversationId) with { Window = size, SummaryBefore = summaryBefore });
        return [.. state.Window.Select(message => message.Text)];
    }

    /// <summary>Loads the text of the newest summary that ends before a position; <see langword="null"/> if there is none.</summary>
    protected async Task<string?> SummaryAsync(string conversationId, long before = long.MaxValue) =>
        (await Store.LoadAsync(ById(conversationId) with { SummaryBefore = before })).Summary?.Text;

    /// <summary>Reads all messages of a conversation.</summary>
    protected async Task<IReadOnlyList<StoredMessage>> MessagesAsync(string conversationId) => await Store.ReadMessagesAsync(AllMessages(conversationId));

    /// <summary>Reads the texts of all messages of a conversation.</summary>
    protected Task<IReadOnlyList<string>> TextsAsync(string conversationId) => TextsAsync(AllMessages(conversationId));

    /// <summary>Reads the texts of messages.</summary>
    protected async Task<IReadOnlyList<string>> TextsAsync(MessageRange range) =>
        [.. (await Store.ReadMessagesAsync(range)).Select(message => message.Text)];

    /// <summary>Reads all runs of a conversation, newest first.</summary>
    protected async Task<IReadOnlyList<StoredRun>> RunsAsync(string conversationId) => await Store.ReadRunsAsync(AllRuns(conversationId));

    /// <summary>Reads the numbers of runs.</summary>
    protected async Task<IReadOnlyList<long>> RunNumbersAsync(RunRange range) => [.. (await Store.ReadRunsAsync(range)).Select(run => run.Run.Number)];

    /// <summary>Lists the ids of conversations.</summary>
    protected async Task<IReadOnlyList<string>> IdsAsync(ConversationListing? listing = null) =>
        [.. (await Store.ListConversationsAsync(listing ?? AllConversations())).Select(conversation => conversation.Id)];

    /// <summary>Reads everything that a store shows of the default project, for comparison with <see cref="ModelAssert"/>.</summary>
    protected static async Task<object> SnapshotAsync(IConversationStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        var snapshot = new List<object?>();
        foreach (var listed in await store.ListConversationsAsync(AllConversations()))
        {
            var state = await store.LoadAsync(ById(listed.Id) with { Window = new WindowSize(int.MaxValue), SummaryBefore = long.MaxValue });
            var current = await store.LoadAsync(ByScope(ConversationScope.Parse(listed.SessionId)));
            var messages = await store.ReadMessagesAsync(AllMessages(listed.Id));
            var runs = await store.ReadRunsAsync(AllRuns(listed.Id));
            if (store.GetFeature<IConversationFeedbackStore>() is { } feedback)
                snapshot.Add(await feedback.ReadFeedbackAsync(new FeedbackRange { Access = Host, ConversationId = listed.Id, Limit = int.MaxValue }));
            snapshot.Add(new { Listed = listed, state.Conversation, state.Summary, state.Window, Current = current.Conversation?.Conversation.Id, Messages = messages, Runs = runs });
            foreach (var run in runs.Select(run => run.Run))
            {
                if (run.IdempotencyKey is { } key)
                    snapshot.Add((await store.LoadAsync(ById(listed.Id) with { Key = new RequestKey(run.Caller ?? "", key) })).KeyedRun);
                if (store.GetFeature<IConversationStreamStore>() is { } streams)
                    snapshot.Add(await streams.ReadSegmentsAsync(new SegmentRange { Access = Host, ConversationId = listed.Id, RunNumber = run.Number, Limit = int.MaxValue }));
            }
        }

        return snapshot;
    }

    /// <summary>Asserts that the store does not apply a batch and changes nothing.</summary>
    protected async Task AssertRefusedAsync(ConversationBatch batch)
    {
        var before = await SnapshotAsync(Store);

        var isWritten = await Store.TryWriteAsync(batch);

        Assert.False(isWritten, "The store applied a batch although one of its conditions does not hold.");
        ModelAssert.Equal(before, await SnapshotAsync(Store), "The contents of the store before and after a batch that was not applied");
    }

    /// <summary>Runs an action on several threads, which start it at the same time.</summary>
    protected static async Task<IReadOnlyList<T>> RaceAsync<T>(int runners, Func<int, Task<T>> action)
    {
        var ready = 0;
        return await TimeLimit.OfAsync(Task.WhenAll(Enumerable.Range(0, runners).Select(runner => Task.Run(async () =>
        {
            Interlocked.Increment(ref ready);
            while (Volatile.Read(ref ready) < runners)
                await Task.Yield();
            return await action(runner);
        }))));
    }
}

using System.Runtime.CompilerServices;
using Conversations.Storage;

namespace Conversations;

public abstract partial class ConversationView
{
    private const int RunPageSize = 50;

    // Messages can be large. A few of them tell how many more to read at once.
    private const int FirstChunk = 16;

    /// <summary>Returns a conversation without its messages.</summary>
    /// <param name="conversationId">The id of the conversation.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The conversation; <see langword="null"/> if its id is unknown.</returns>
    public virtual async Task<Conversation?> GetAsync(string conversationId, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(conversationId, nameof(conversationId));
        return (await Store.FindAsync(conversationId, Access, cancellationToken).ConfigureAwait(false))?.Conversation;
    }

    /// <summary>Returns the conversation that a turn without an id would continue.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="thread">The thread key; <see langword="null"/> for none.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The current conversation; <see langword="null"/> if the scope has no active one.</returns>
    /// <exception cref="IdentityRequiredException">The agent is per user and the caller has no identity.</exception>
    public virtual async Task<Conversation?> GetCurrentAsync(
        string agent, string? thread = null, string channel = ConversationChannels.Chat, CancellationToken cancellationToken = default)
    {
        var scope = await ScopeOfAsync(agent, thread, channel, cancellationToken).ConfigureAwait(false);
        var current = await Store.FindCurrentAsync(scope, AccessTo(scope), cancellationToken).ConfigureAwait(false);
        return current is { Conversation.IsActive: true } ? current.Conversation : null;
    }

    /// <summary>Lists all conversations, most recent activity first. They are read page by page during the enumeration.</summary>
    /// <param name="query">The filter; <see langword="null"/> for all conversations that the caller can access.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The conversations. A conversation that is written to in the meantime may be missed; none is returned twice.</returns>
    public virtual IAsyncEnumerable<Conversation> ListAsync(ConversationQuery? query = null, CancellationToken cancellationToken = default) =>
        ReadPagesAsync((cursor, token) => ListPageAsync(query, cursor, token), cancellationToken);

    /// <summary>Returns one page of conversations, most recent activity first.</summary>
    /// <param name="query">The filter; <see langword="null"/> for all conversations that the caller can access.</param>
    /// <param name="cursor">The <see cref="Page{T}.NextCursor"/> of the previous page; <see langword="null"/> for the first.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The page. An unknown cursor throws an <see cref="ArgumentException"/>.</returns>
    public virtual async Task<Page<Conversation>> ListPageAsync(
        ConversationQuery? query = null, string? cursor = null, CancellationToken cancellationToken = default)
    {
        query ??= new ConversationQuery();
        MetadataSize.Checked(query.Metadata, Services.Agents.Limits, nameof(query));
        return await ListPageAsync(query, AccessTo(query), PageCursor.ReadList(cursor), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the messages of a conversation, of every kind. They are read page by page during the enumeration.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="query">The order; <see langword="null"/> for oldest first.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The messages.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation id is unknown; thrown when the enumeration begins.</exception>
    /// <exception cref="ArgumentException">The id is empty or blank, contains a NUL character or is not well-formed UTF-16, or the query names a message of another conversation.</exception>
    public virtual IAsyncEnumerable<StoredMessage> GetMessagesAsync(string conversationId, MessageQuery? query = null, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(conversationId, nameof(conversationId));
        return ReadPagesAsync((cursor, token) => GetMessagePageAsync(conversationId, query, cursor, token), cancellationToken);
    }

    /// <summary>Returns one page of the messages of a conversation, of every kind. A page ends early when its messages have <see cref="ConversationLimits.MaxPageBytes"/>.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="query">The order and the page size; <see langword="null"/> for 50, oldest first.</param>
    /// <param name="cursor">The <see cref="Page{T}.NextCursor"/> of the previous page; <see langword="null"/> for the first.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The page. An unknown cursor, or one of another conversation or order, or of a query without <see cref="MessageQuery.After"/> for one with it, throws an <see cref="ArgumentException"/>.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation id is unknown.</exception>
    /// <exception cref="ArgumentException">The query names a message of another conversation, or both a message and a position.</exception>
    public virtual async Task<Page<StoredMessage>> GetMessagePageAsync(
        string conversationId, MessageQuery? query = null, string? cursor = null, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(conversationId, nameof(conversationId));
        query ??= new MessageQuery();
        var known = KnownPosition(query, conversationId);
        var (last, changed) = known is null
            ? (PageCursor.ReadMessages(cursor, conversationId, query.NewestFirst), null)
            : PageCursor.ReadChanged(cursor, conversationId, query.NewestFirst);
        if (known is not null)
            changed ??= await Branches.FindChangedAsync(conversationId, known.Value, cancellationToken).ConfigureAwait(false);
        var after = changed?.After ?? 0;
        var before = changed?.Last + 1;
        var range = new MessageRange
        {
            ConversationId = conversationId,
            Access = Access,
            NewestFirst = query.NewestFirst,
            CurrentOnly = !query.IncludeSuperseded && known is null,
            After = query.NewestFirst ? after : last ?? after,
            Before = query.NewestFirst ? last ?? before : before,
            Limit = query.PageSize + 1,
        };
        var (messages, isCut) = await ReadPageAsync(range, cancellationToken).ConfigureAwait(false);
        if (messages.Count == 0)
            await FindAsync(conversationId, cancellationToken).ConfigureAwait(false);

        return ToPage(messages, isCut ? messages.Count - 1 : query.PageSize, row => PageCursor.Of(conversationId, query.NewestFirst, row.Position, changed));
    }

    /// <summary>Returns a run.</summary>
    /// <param name="runId">The id of the run.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The run; <see langword="null"/> if its id is unknown.</returns>
    public virtual async Task<ConversationRun?> GetRunAsync(string runId, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(runId, nameof(runId));
        return ConversationIds.TryParseRun(runId, out var conversationId, out var number)
            ? (await Store.FindRunAsync(conversationId, number, Access, cancellationToken).ConfigureAwait(false))?.AsShown()
            : null;
    }

    /// <summary>Returns the runs of a conversation, newest first. They are read page by page during the enumeration.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The runs, including failed and superseded ones.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation id is unknown; thrown when the enumeration begins.</exception>
    /// <exception cref="ArgumentException">The id is empty or blank, contains a NUL character or is not well-formed UTF-16; thrown at the call.</exception>
    public virtual IAsyncEnumerable<ConversationRun> GetRunsAsync(string conversationId, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(conversationId, nameof(conversationId));
        return ReadPagesAsync((cursor, token) => GetRunPageAsync(conversationId, cursor, RunPageSize, token), cancellationToken);
    }

    /// <summary>Returns one page of the runs of a conversation, newest first.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="cursor">The <see cref="Page{T}.NextCursor"/> of the previous page; <see langword="null"/> for the first.</param>
    /// <param name="pageSize">The maximum number of runs: 1 to 1,000.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The page. An unknown cursor, or one of another conversation, throws an <see cref="ArgumentException"/>.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation id is unknown.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The page size is less than 1 or more than 1,000.</exception>
    public virtual async Task<Page<ConversationRun>> GetRunPageAsync(
        string conversationId, string? cursor = null, int pageSize = RunPageSize, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(conversationId, nameof(conversationId));
        PageSizes.Checked(pageSize, nameof(pageSize));
        var range = new RunRange { ConversationId = conversationId, Access = Access, Before = PageCursor.ReadRuns(cursor, conversationId), Limit = pageSize + 1 };
        var runs = await Store.ReadRunsAsync(range, cancellationToken).ConfigureAwait(false);
        if (runs.Count == 0)
            await FindAsync(conversationId, cancellationToken).ConfigureAwait(false);

        return ToPage([.. runs.Select(run => run.AsShown())], pageSize, run => PageCursor.OfRuns(conversationId, run.Number));
    }

    /// <summary>Returns the newest summary of a conversation.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The summary; <see langword="null"/> if the conversation has none or its id is unknown.</returns>
    public virtual async Task<ConversationSummary?> GetSummaryAsync(string conversationId, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(conversationId, nameof(conversationId));
        var lookup = new ConversationLookup { Access = Access, ConversationId = conversationId, SummaryBefore = long.MaxValue };
        return (await Store.LoadAsync(lookup, cancellationToken).ConfigureAwait(false)).Summary;
    }

    /// <summary>Returns the position of the last message that a caller has; null if the query names none.</summary>
    private static long? KnownPosition(MessageQuery query, string conversationId)
    {
        if (query.AfterMessageId is not { } messageId)
            return query.After;
        if (query.After is not null)
            throw new ArgumentException("The query has After and AfterMessageId. Set one of them.", nameof(query));
        return ConversationIds.TryParseMessage(messageId, out var home, out var position) && string.Equals(home, conversationId, StringComparison.Ordinal)
            ? position
            : throw new ArgumentException("AfterMessageId names no message of the conversation. Pass the Id of a message of it.", nameof(query));
    }

    private static async IAsyncEnumerable<T> ReadPagesAsync<T>(
        Func<string?, CancellationToken, Task<Page<T>>> readPageAsync, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var page = await readPageAsync(cursor, cancellationToken).ConfigureAwait(false);
            foreach (var item in page.Items)
                yield return item;
            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    private async Task<Page<Conversation>> ListPageAsync(
        ConversationQuery query, ConversationAccess access, ListPosition? after, CancellationToken cancellationToken)
    {
        var listing = new ConversationListing { Access = access, Query = query, After = after, Limit = query.PageSize + 1 };
        var conversations = await Store.ListConversationsAsync(listing, cancellationToken).ConfigureAwait(false);
        return ToPage(conversations, query.PageSize, PageCursor.Of);
    }

    /// <summary>Reads messages until their number or their size is enough for a page. They are read in chunks that grow as long as the messages are small.</summary>
    /// <returns>The messages, one more than the page has if there are more, and whether the page ends because of its size.</returns>
    private async Task<(IReadOnlyList<StoredMessage> Messages, bool IsCut)> ReadPageAsync(MessageRange range, CancellationToken cancellationToken)
    {
        var messages = new List<StoredMessage>();
        var bytes = 0L;
        for (var chunk = FirstChunk; ; chunk *= 2)
        {
            var next = range with { Limit = Math.Min(chunk, range.Limit - messages.Count) };
            var read = await Store.ReadMessagesAsync(next, cancellationToken).ConfigureAwait(false);
            foreach (var message in read)
            {
                // The message that would exceed the size begins the next page.
                messages.Add(message);
                bytes += MessageSize.BytesOf(message);
                if (bytes > Services.Agents.Limits.MaxPageBytes && messages.Count > 1)
                    return (messages, true);
            }

            if (read.Count < next.Limit || messages.Count == range.Limit)
                return (messages, false);
            range = range.NewestFirst ? range with { Before = read[^1].Position } : range with { After = read[^1].Position };
            chunk = bytes > Services.Agents.Limits.MaxPageBytes / 4 ? 1 : chunk;
        }
    }

    // A thread that is named by its key is listed.
    private ConversationAccess AccessTo(ConversationQuery query) => Caller is null || query.Thread is null
        ? Access
        : Access with { Audiences = [.. Access.Audiences!.Union(Services.Agents.AudiencesOf(Caller, query.Thread), StringComparer.Ordinal)] };

    // One more row than the page is read, to determine whether there is a next page.
    private static Page<T> ToPage<T>(IReadOnlyList<T> rows, int pageSize, Func<T, string> cursorOf) =>
        rows.Count <= pageSize
            ? new Page<T>(rows, null)
            : new Page<T>(rows.Take(pageSize).ToArray(), cursorOf(rows[pageSize - 1]));
}

using System.Runtime.CompilerServices;
using Conversations.Storage;

namespace Conversations;

public abstract partial class ConversationView
{
    private const int RunPageSize = 50;

    /// <summary>Reads one conversation, its messages aside.</summary>
    /// <param name="conversationId">Its id.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The conversation; <see langword="null"/> if it does not exist or is not reached.</returns>
    public async Task<Conversation?> GetAsync(string conversationId, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(conversationId, nameof(conversationId));
        return await Store.GetConversationAsync(conversationId, _access, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the conversation that a turn without an id would continue.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="thread">The thread key; <see langword="null"/> for none.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The current conversation; <see langword="null"/> if there is none that is active.</returns>
    /// <exception cref="IdentityRequiredException">The agent is per user and the caller has no identity.</exception>
    public async Task<Conversation?> GetCurrentAsync(
        string agent, string? thread = null, string channel = ConversationChannels.Chat, CancellationToken cancellationToken = default)
    {
        var current = await Store.GetCurrentAsync(ScopeOf(agent, thread, channel), cancellationToken).ConfigureAwait(false);
        return current is { IsActive: true } ? current : null;
    }

    /// <summary>Lists conversations, newest activity first, all of them, read page by page as they are enumerated.</summary>
    /// <param name="query">Which; <see langword="null"/> for all that the caller reaches.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The conversations. One that is touched meanwhile may be missed, none comes twice.</returns>
    public async IAsyncEnumerable<Conversation> ListAsync(ConversationQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? cursor = null;
        do
        {
            var page = await ListPageAsync(query, cursor, cancellationToken).ConfigureAwait(false);
            foreach (var conversation in page.Items)
                yield return conversation;
            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    /// <summary>Lists one page of conversations, newest activity first.</summary>
    /// <param name="query">Which; <see langword="null"/> for all that the caller reaches.</param>
    /// <param name="cursor">The <see cref="Page{T}.NextCursor"/> of the page before; <see langword="null"/> for the first.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The page. An unknown cursor is an <see cref="ArgumentException"/>.</returns>
    public async Task<Page<Conversation>> ListPageAsync(
        ConversationQuery? query = null, string? cursor = null, CancellationToken cancellationToken = default)
    {
        query ??= new ConversationQuery();
        return await ListPageAsync(query, _access, PageCursor.ReadList(cursor), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the messages of a conversation, of every kind, page by page as they are enumerated.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="query">In which order; <see langword="null"/> for oldest first.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The messages.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation does not exist or is not reached; thrown when the enumeration begins.</exception>
    public async IAsyncEnumerable<ConversationMessage> GetMessagesAsync(
        string conversationId, MessageQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? cursor = null;
        do
        {
            var page = await GetMessagePageAsync(conversationId, query, cursor, cancellationToken).ConfigureAwait(false);
            foreach (var message in page.Items)
                yield return message;
            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    /// <summary>Reads one page of a conversation's messages, of every kind.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="query">In which order, and how many; <see langword="null"/> for 50, oldest first.</param>
    /// <param name="cursor">The <see cref="Page{T}.NextCursor"/> of the page before; <see langword="null"/> for the first.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The page. An unknown cursor, or one of another conversation or order, is an <see cref="ArgumentException"/>.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation does not exist or is not reached.</exception>
    public async Task<Page<ConversationMessage>> GetMessagePageAsync(
        string conversationId, MessageQuery? query = null, string? cursor = null, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(conversationId, nameof(conversationId));
        query ??= new MessageQuery();
        var range = new MessageRange
        {
            ConversationId = conversationId,
            Access = _access,
            NewestFirst = query.NewestFirst,
            CurrentOnly = !query.IncludeSuperseded,
            After = PageCursor.ReadMessages(cursor, conversationId, query.NewestFirst),
            Limit = query.PageSize + 1,
        };
        var messages = await Store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false);
        if (messages.Count == 0)
            await FindAsync(conversationId, cancellationToken).ConfigureAwait(false);

        return ToPage(messages, query.PageSize, last => PageCursor.Of(conversationId, query.NewestFirst, last.Position));
    }

    /// <summary>Reads the record of a run.</summary>
    /// <param name="runId">Its id.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The run; <see langword="null"/> if it does not exist or is not reached.</returns>
    public async Task<ConversationRun?> GetRunAsync(string runId, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(runId, nameof(runId));
        return ConversationIds.TryParseRun(runId, out var conversationId, out var number)
            ? await Store.GetRunAsync(conversationId, number, _access, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>Reads the runs of a conversation, newest first, page by page as they are enumerated.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The runs, those that failed and those that were superseded among them.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation does not exist or is not reached; thrown when the enumeration begins.</exception>
    public async IAsyncEnumerable<ConversationRun> GetRunsAsync(string conversationId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        WellFormed.Key(conversationId, nameof(conversationId));
        var listing = new RunListing { ConversationId = conversationId, Access = _access, Limit = RunPageSize };
        var page = await Store.ListRunsAsync(listing, cancellationToken).ConfigureAwait(false);
        if (page.Count == 0)
            await FindAsync(conversationId, cancellationToken).ConfigureAwait(false);

        while (page is [.., var last])
        {
            foreach (var run in page)
                yield return run;
            page = page.Count < RunPageSize ? [] : await Store.ListRunsAsync(listing with { Before = last.Number }, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Page<Conversation>> ListPageAsync(
        ConversationQuery query, ConversationAccess access, ListPosition? after, CancellationToken cancellationToken)
    {
        var listing = new ConversationListing
        {
            Access = access,
            Agent = query.Agent,
            UserId = query.UserId,
            Channel = query.Channel,
            Thread = query.Thread,
            Status = query.Status,
            ActiveFrom = query.ActiveFrom,
            ActiveBefore = query.ActiveBefore,
            After = after,
            Limit = query.PageSize + 1,
        };
        var conversations = await Store.ListConversationsAsync(listing, cancellationToken).ConfigureAwait(false);
        return ToPage(conversations, query.PageSize, PageCursor.Of);
    }

    // One row more than the page is read, to know whether there is a next one.
    private static Page<T> ToPage<T>(IReadOnlyList<T> rows, int pageSize, Func<T, string> cursorOf) =>
        rows.Count <= pageSize
            ? new Page<T>(rows, null)
            : new Page<T>([.. rows.Take(pageSize)], cursorOf(rows[pageSize - 1]));
}

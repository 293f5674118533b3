using System.Runtime.CompilerServices;
using Conversations.Storage;

namespace Conversations;

public partial class ConversationMaintenance
{
    /// <summary>Returns the feedback of all callers of the project, newest first. It is read page by page during the enumeration.</summary>
    /// <param name="query">The filter; <see langword="null"/> for all feedback.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The feedback. One that is replaced in the meantime may be missed; none is returned twice.</returns>
    /// <exception cref="NotSupportedException">The store does not keep feedback; thrown when the enumeration begins.</exception>
    public virtual async IAsyncEnumerable<MessageFeedback> GetFeedbackAsync(FeedbackQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? cursor = null;
        do
        {
            var page = await GetFeedbackPageAsync(query, cursor, cancellationToken).ConfigureAwait(false);
            foreach (var feedback in page.Items)
                yield return feedback;
            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    /// <summary>Returns one page of the feedback of all callers of the project, newest first.</summary>
    /// <param name="query">The filter and the page size; <see langword="null"/> for 50 of all feedback.</param>
    /// <param name="cursor">The <see cref="Page{T}.NextCursor"/> of the previous page; <see langword="null"/> for the first.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The page. An unknown cursor throws an <see cref="ArgumentException"/>.</returns>
    /// <exception cref="NotSupportedException">The store does not keep feedback.</exception>
    public virtual async Task<Page<MessageFeedback>> GetFeedbackPageAsync(FeedbackQuery? query = null, string? cursor = null, CancellationToken cancellationToken = default)
    {
        query ??= new FeedbackQuery();
        var range = new FeedbackRange
        {
            Access = Access,
            ConversationId = query.ConversationId,
            Agent = query.Agent,
            GivenFrom = query.GivenFrom,
            GivenBefore = query.GivenBefore,
            After = PageCursor.ReadFeedback(cursor),
            Limit = query.PageSize + 1, // One more than the page has, to determine whether there is a next page.
        };
        var read = await Store.GetRequiredFeature<IConversationFeedbackStore>().ReadFeedbackAsync(range, cancellationToken).ConfigureAwait(false);
        return read.Count <= query.PageSize
            ? new Page<MessageFeedback>(read, null)
            : new Page<MessageFeedback>(read.Take(query.PageSize).ToArray(), PageCursor.Of(FeedbackPlace.Of(read[query.PageSize - 1])));
    }
}

using System.Runtime.CompilerServices;
using Conversations.Storage;

namespace Conversations;

public abstract partial class ConversationView
{
    private const int FeedbackPageSize = 50;

    /// <summary>Gives feedback on a message. It replaces what the same caller gave before. Neither the message nor the conversation changes, and it is no activity.</summary>
    /// <param name="messageId">The message, of any role. It can be superseded, and its conversation can have ended.</param>
    /// <param name="rating">The rating, whose scale the host chooses: for example 1 and -1.</param>
    /// <param name="comment">The comment, at most 4,000 characters; <see langword="null"/> or blank for none. It is never logged.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The feedback. That of the manager itself has no <see cref="MessageFeedback.Caller"/>.</returns>
    /// <exception cref="ConversationNotFoundException">The message id is unknown.</exception>
    /// <exception cref="NotSupportedException">The store does not keep feedback.</exception>
    public virtual async Task<MessageFeedback> GiveFeedbackAsync(string messageId, int rating, string? comment = null, CancellationToken cancellationToken = default)
    {
        var (conversationId, position) = ParseMessage(messageId, nameof(messageId));
        var command = new FeedbackCommand
        {
            ConversationId = conversationId,
            Access = Access,
            Position = position,
            Caller = Caller?.Key,
            Rating = rating,
            Comment = WellFormed.Comment(comment, nameof(comment)),
        };
        Store.GetRequiredFeature<IConversationFeedbackStore>();
        return await Engine.GiveFeedbackAsync(command, cancellationToken).ConfigureAwait(false) ?? throw new ConversationNotFoundException(messageId);
    }

    /// <summary>Removes the feedback that the caller gave on a message. That of others remains.</summary>
    /// <param name="messageId">The message.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns><see langword="false"/> if the caller gave none, or the id is unknown.</returns>
    /// <exception cref="NotSupportedException">The store does not keep feedback.</exception>
    public virtual async Task<bool> RemoveFeedbackAsync(string messageId, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(messageId, nameof(messageId));
        return ConversationIds.TryParseMessage(messageId, out var conversationId, out var position)
            && await Engine.RemoveFeedbackAsync(new FeedbackRange { Access = Access, ConversationId = conversationId, Position = position, Caller = Caller?.Key ?? "", Limit = 1 }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the feedback of all callers on the messages of a conversation, newest first. It is read page by page during the enumeration.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The feedback, also on superseded messages.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation id is unknown; thrown when the enumeration begins.</exception>
    /// <exception cref="NotSupportedException">The store does not keep feedback; thrown when the enumeration begins.</exception>
    public virtual IAsyncEnumerable<MessageFeedback> GetFeedbackAsync(string conversationId, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(conversationId, nameof(conversationId));
        return ReadFeedbackAsync(conversationId, conversationId, position: null, cancellationToken);
    }

    /// <summary>Returns the feedback of all callers on one message, newest first. It is read page by page during the enumeration.</summary>
    /// <param name="messageId">The message.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The feedback.</returns>
    /// <exception cref="ConversationNotFoundException">The message id is unknown; thrown when the enumeration begins.</exception>
    /// <exception cref="NotSupportedException">The store does not keep feedback; thrown when the enumeration begins.</exception>
    public virtual IAsyncEnumerable<MessageFeedback> GetMessageFeedbackAsync(string messageId, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(messageId, nameof(messageId));
        return ReadFeedbackAsync(messageId, cancellationToken);
    }

    private async IAsyncEnumerable<MessageFeedback> ReadFeedbackAsync(string messageId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (conversationId, position) = ParseMessage(messageId, nameof(messageId));
        await foreach (var feedback in ReadFeedbackAsync(messageId, conversationId, position, cancellationToken).ConfigureAwait(false))
            yield return feedback;
    }

    /// <summary>Reads the feedback on a conversation or one message, whose id is in the exception if it does not exist.</summary>
    private async IAsyncEnumerable<MessageFeedback> ReadFeedbackAsync(string id, string conversationId, long? position, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var store = Store.GetRequiredFeature<IConversationFeedbackStore>();
        var range = new FeedbackRange { Access = Access, ConversationId = conversationId, Position = position, Limit = FeedbackPageSize };
        var page = await store.ReadFeedbackAsync(range, cancellationToken).ConfigureAwait(false);
        if (page.Count == 0 && !await ExistsAsync(conversationId, position, cancellationToken).ConfigureAwait(false))
            throw new ConversationNotFoundException(id);

        for (; page.Count > 0; page = await store.ReadFeedbackAsync(range with { After = FeedbackPlace.Of(page[^1]) }, cancellationToken).ConfigureAwait(false))
        {
            foreach (var feedback in page)
                yield return feedback;
        }
    }

    private async Task<bool> ExistsAsync(string conversationId, long? position, CancellationToken cancellationToken) => position is { } asked
        ? await Store.ReadSpanAsync(conversationId, new MessageSpan(asked, 1), Access, cancellationToken).ConfigureAwait(false) is [_]
        : await GetAsync(conversationId, cancellationToken).ConfigureAwait(false) is not null;
}

using Conversations.Storage;

namespace Conversations;

internal static partial class TurnRules
{
    /// <summary>Decides what feedback on a message writes [2.10].</summary>
    /// <param name="command">The feedback.</param>
    /// <param name="state">The conversation.</param>
    /// <param name="exists">Whether it has the message.</param>
    /// <returns>Null if the conversation or the message does not exist.</returns>
    public static Decision<MessageFeedback?> GiveFeedback(FeedbackCommand command, ConversationState state, bool exists)
    {
        if (state.Conversation is not { } conversation || !exists)
            return Decision.Nothing<MessageFeedback?>(null);

        var feedback = new MessageFeedback
        {
            ConversationId = conversation.Conversation.Id,
            Position = command.Position,
            Caller = command.Caller,
            Rating = command.Rating,
            Comment = command.Comment,
            GivenAt = state.Now,
        };
        return new Decision<MessageFeedback?>(feedback, Batch(command.Access, conversation, new FeedbackChange(feedback)));
    }

    /// <summary>Decides what the removal of feedback writes [2.10].</summary>
    /// <param name="access">What the caller can reach.</param>
    /// <param name="state">The conversation.</param>
    /// <param name="given">The feedback; null if there is none.</param>
    /// <returns>False if there is none.</returns>
    public static Decision<bool> RemoveFeedback(ConversationAccess access, ConversationState state, MessageFeedback? given) =>
        state.Conversation is { } conversation && given is not null
            ? new Decision<bool>(true, Batch(access, conversation, new FeedbackChange(given.Position, given.Caller ?? "")))
            : Decision.Nothing(false);

    private static ConversationBatch Batch(ConversationAccess access, StoredConversation conversation, FeedbackChange change) =>
        Batch(access, new ConversationWrite { Conversation = conversation, Feedback = [change] }, WriteDurability.Disk);
}

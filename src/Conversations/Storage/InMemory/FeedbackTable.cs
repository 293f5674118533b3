namespace Conversations.Storage;

/// <summary>The feedback on the messages of a conversation, one for each message and caller. Used under the gate of the scope.</summary>
internal sealed class FeedbackTable
{
    private readonly Dictionary<(long Position, string Caller), MessageFeedback> _feedback = [];

    public void Apply(FeedbackChange change)
    {
        if (change.Feedback is { } feedback)
            _feedback[(change.Position, change.Caller)] = feedback;
        else
            _feedback.Remove((change.Position, change.Caller));
    }

    public void DeleteOf(long position)
    {
        foreach (var key in _feedback.Keys.Where(key => key.Position == position).ToArray())
            _feedback.Remove(key);
    }

    /// <summary>Finds what a range includes, regardless of its limit and of the conversation.</summary>
    public IEnumerable<MessageFeedback> Find(FeedbackRange range) => _feedback
        .Where(pair => (range.Position is null || pair.Key.Position == range.Position)
            && (range.Caller is null || string.Equals(pair.Key.Caller, range.Caller, StringComparison.Ordinal))
            && !(pair.Value.GivenAt < range.GivenFrom)
            && !(pair.Value.GivenAt >= range.GivenBefore)
            && (range.After is null || Compare(FeedbackPlace.Of(pair.Value), range.After) < 0))
        .Select(pair => pair.Value);

    public static int Compare(FeedbackPlace left, FeedbackPlace right) =>
        left.GivenAt.CompareTo(right.GivenAt) is not 0 and var byTime ? byTime
        : string.CompareOrdinal(left.ConversationId, right.ConversationId) is not 0 and var byConversation ? byConversation
        : left.Position.CompareTo(right.Position) is not 0 and var byPosition ? byPosition
        : string.CompareOrdinal(left.Caller, right.Caller);
}

namespace Conversations;

/// <summary>What one summary adds to the last one: whole exchanges.</summary>
/// <param name="Messages">The messages, errors left out; empty if there is nothing to say.</param>
/// <param name="Through">The last position that is covered.</param>
internal sealed record SummaryBatch(IReadOnlyList<ConversationMessage> Messages, long Through)
{
    /// <summary>Chooses as much of a backlog as a summarizer may be given.</summary>
    /// <param name="backlog">The messages since the last summary, of all kinds.</param>
    /// <param name="limits">The limits of the agent: all together cost no more than a prompt may, unless one exchange alone does.</param>
    /// <param name="isAll">Whether the backlog is all there is.</param>
    /// <param name="before">Where the window begins, which ends the backlog.</param>
    public static SummaryBatch Of(List<ConversationMessage> backlog, WindowLimits limits, bool isAll, long before)
    {
        var messages = backlog.Where(message => message.Kind != MessageKind.Error).ToList();
        var tokens = 0L;
        var count = 0;
        var countBeforeUser = 0;
        for (var i = 0; i < messages.Count; i++)
        {
            tokens += PromptCost.Counted(limits.Counter, messages[i]).Tokens!.Value.Count;
            if (tokens > limits.Tokens && count > 0)
                break;

            // The last one of a backlog that goes on may be in the middle of an exchange.
            if (i < messages.Count - 1 ? Exchange.IsEnd(messages, i) : isAll)
                count = i + 1;
            if (i < messages.Count - 1 && messages[i + 1].Role == MessageRole.User)
                countBeforeUser = i + 1;
        }

        // A question is best summarised with its answer.
        if (count < messages.Count && countBeforeUser > 0)
            count = countBeforeUser;

        // An exchange without an end in sight is not waited for.
        if (count == 0)
            count = messages.Count;
        return count == messages.Count && isAll
            ? new SummaryBatch(messages, before - 1)
            : new SummaryBatch(messages[..count], messages[count - 1].Position);
    }

    public SummaryRequest Request(TurnPlan plan, string conversationId, ConversationSummary? last) => new()
    {
        Agent = plan.Settings.Agent,
        ConversationId = conversationId,
        PreviousSummary = last?.Text,
        Messages = Messages,
        TokenLimit = plan.Limits.Tokens / 4,
    };
}

using Conversations.Storage;

namespace Conversations;

/// <summary>The messages that one summary adds to the last one: complete exchanges, in a form that a model accepts.</summary>
/// <param name="Messages">The messages without errors and superseded ones, with a placeholder for each missing result.</param>
/// <param name="Through">The position of the last message that is covered.</param>
/// <param name="Covered">The stored messages that are covered, of all kinds.</param>
internal sealed record SummaryBatch(IReadOnlyList<ConversationMessage> Messages, long Through, IReadOnlyList<StoredMessage> Covered)
{
    /// <summary>Selects as much of a backlog as a summarizer can receive.</summary>
    /// <param name="backlog">The messages since the last summary, of all kinds.</param>
    /// <param name="limits">The limits of the agent. The batch costs no more than a prompt, unless a single exchange does.</param>
    /// <param name="longest">The maximum number of messages, unless a single exchange is longer.</param>
    /// <param name="end">The end of the backlog; null if it continues.</param>
    /// <returns>The batch; null if the backlog is too short to contain the end of an exchange, or contains nothing that a model sees.</returns>
    public static SummaryBatch? Of(List<StoredMessage> backlog, WindowLimits limits, int longest, long? end)
    {
        var messages = backlog.Where(IsShown).ToList();
        if (Count(messages, limits, longest, end is not null) is not (var count and > 0))
            return null;

        var through = count == messages.Count && end is { } all ? all : messages[count - 1].Position;
        var shaped = new List<ConversationMessage>(count);
        foreach (var block in HistoryBlock.Of(messages[..count], [], limits.Counter).Blocks)
            block.AddTo(shaped);

        // A summarizer is no model that can read what is bound to one.
        shaped = [.. shaped.Select(ShownContent.ForAnotherModel).OfType<ConversationMessage>()];
        return new SummaryBatch(shaped, through, backlog.FindAll(message => message.Position <= through));
    }

    /// <summary>Determines whether a model sees the message.</summary>
    public static bool IsShown(StoredMessage message) =>
        message is { Kind: not MessageKind.Error, IsSuperseded: false } && ShownContent.Of(message) is { } shown && ShownContent.ForAnotherModel(shown) is not null;

    public SummaryRequest Request(TurnPlan plan, string conversationId, ConversationSummary? last) => new()
    {
        Agent = plan.Settings.Agent,
        ConversationId = conversationId,
        PreviousSummary = last?.Text,
        Messages = Messages,
        TokenLimit = plan.Settings.Limits.Tokens / 4,
    };

    /// <summary>Creates the command that records an answer without its text. With the text, it saves the summary if nothing has changed since the state was loaded.</summary>
    public SaveSummaryCommand Command(TurnPlan plan, ConversationState state, SummaryResult answer) => new()
    {
        ConversationId = state.Conversation!.Conversation.Id,
        Access = plan.Access,
        Base = state.Summary,
        HistoryRevision = state.Conversation.HistoryRevision,
        Through = Through,
        MessageCount = Covered.Count,
        Caller = plan.Caller?.Key,
        StartedAt = state.Now,
        Model = answer.Model,
        Usage = answer.Usage,
        Cost = plan.Settings.Prices.CostOf(answer.Model, answer.Usage, answer.Cost),
    };

    /// <summary>Returns how many of the messages to use: up to the end of an exchange, if possible before a user message, so that a question is summarized with its answer.</summary>
    private static int Count(List<StoredMessage> messages, WindowLimits limits, int longest, bool isAll)
    {
        var tokens = 0L;
        var (whole, beforeUser) = (0, 0);
        for (var i = 0; i < messages.Count; i++)
        {
            tokens += PromptCost.Counted(limits.Counter, messages[i]).Tokens!.Value.Count;
            if (whole > 0 && (tokens > limits.Tokens || i >= longest))
                return beforeUser > 0 ? beforeUser : whole;

            // The last exchange of a backlog that continues may be incomplete.
            if (i < messages.Count - 1 ? Exchange.IsEnd(messages, i) : isAll)
                whole = i + 1;
            if (i < messages.Count - 1 && messages[i + 1].Role == MessageRole.User)
                beforeUser = i + 1;
        }

        return whole == messages.Count || beforeUser == 0 ? whole : beforeUser;
    }
}

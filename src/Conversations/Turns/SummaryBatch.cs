using Conversations.Storage;

namespace Conversations;

/// <summary>What one summary adds to the last one: whole exchanges, as a model accepts them.</summary>
/// <param name="Messages">The messages, errors and superseded ones left out, with a stand-in for each result that is missing.</param>
/// <param name="Through">The last position that is covered.</param>
/// <param name="Covered">All that is stored in the part that is covered, of all kinds.</param>
internal sealed record SummaryBatch(IReadOnlyList<ConversationMessage> Messages, long Through, IReadOnlyList<ConversationMessage> Covered)
{
    /// <summary>Chooses as much of a backlog as a summarizer may be given.</summary>
    /// <param name="backlog">The messages since the last summary, of all kinds.</param>
    /// <param name="limits">The limits of the agent: all together cost no more than a prompt may, unless one exchange alone does.</param>
    /// <param name="longest">How many at the most, unless one exchange alone is longer.</param>
    /// <param name="end">Where the backlog ends; null if it goes on.</param>
    /// <returns>The batch; null if the backlog is too short to see where an exchange ends, or is nothing that a model sees.</returns>
    public static SummaryBatch? Of(List<ConversationMessage> backlog, WindowLimits limits, int longest, long? end)
    {
        var messages = backlog.Where(IsShown).ToList();
        if (Count(messages, limits, longest, end is not null) is not (var count and > 0))
            return null;

        var through = count == messages.Count && end is { } all ? all : messages[count - 1].Position;
        var shaped = new List<ConversationMessage>(count);
        foreach (var block in HistoryBlock.Of(messages[..count], [], limits.Counter))
            block.AddTo(shaped);
        return new SummaryBatch(shaped, through, backlog.FindAll(message => message.Position <= through));
    }

    /// <summary>Whether a model would see the message.</summary>
    public static bool IsShown(ConversationMessage message) => message is { Kind: not MessageKind.Error, IsSuperseded: false };

    public SummaryRequest Request(TurnPlan plan, string conversationId, ConversationSummary? last) => new()
    {
        Agent = plan.Settings.Agent,
        ConversationId = conversationId,
        PreviousSummary = last?.Text,
        Messages = Messages,
        TokenLimit = plan.Settings.Limits.Tokens / 4,
    };

    /// <summary>What saves the summary, if all stands as it was read.</summary>
    public SaveSummaryCommand Command(TurnPlan plan, string conversationId, ConversationSummary? last, string text, TokenAmount tokens) => new()
    {
        ConversationId = conversationId,
        Access = plan.Access,
        Base = last?.Through ?? 0,
        BaseMessageCount = last?.MessageCount ?? 0,
        Through = Through,
        MessageCount = Covered.Count,
        SupersededCount = Covered.Count(message => message.IsSuperseded),
        LastSupersededBy = Covered.Max(message => message.SupersededBy) ?? 0,
        Text = text,
        Tokens = tokens,
    };

    /// <summary>How many of the messages: up to the end of an exchange, before a user's message if one is there, for a question is best summarised with its answer.</summary>
    private static int Count(List<ConversationMessage> messages, WindowLimits limits, int longest, bool isAll)
    {
        var tokens = 0L;
        var (whole, beforeUser) = (0, 0);
        for (var i = 0; i < messages.Count; i++)
        {
            tokens += PromptCost.Counted(limits.Counter, messages[i]).Tokens!.Value.Count;
            if (whole > 0 && (tokens > limits.Tokens || i >= longest))
                return beforeUser > 0 ? beforeUser : whole;

            // The last one of a backlog that goes on may be in the middle of an exchange.
            if (i < messages.Count - 1 ? Exchange.IsEnd(messages, i) : isAll)
                whole = i + 1;
            if (i < messages.Count - 1 && messages[i + 1].Role == MessageRole.User)
                beforeUser = i + 1;
        }

        return whole == messages.Count || beforeUser == 0 ? whole : beforeUser;
    }
}

using Conversations.Storage;

namespace Conversations.Tests.History;

/// <summary>The rules for every window, checked without the code that creates it.</summary>
internal static class WindowRules
{
    /// <summary>Reads a window of a history through a store that holds nothing else, and checks it.</summary>
    /// <param name="history">All messages before the input, at positions that grow, counted.</param>
    /// <param name="input">What is asked, counted.</param>
    /// <param name="limits">The limits.</param>
    /// <returns>What does not hold; null if everything does.</returns>
    public static async Task<string?> CheckAsync(IReadOnlyList<StoredMessage> history, IReadOnlyList<ConversationMessage> input, WindowLimits limits) =>
        (await ReadAsync(history, input, limits, start: 0)).Failure;

    /// <summary>Reads the windows of a conversation as it grows, message by message, each from where the one before began.</summary>
    public static async Task<string?> CheckSequenceAsync(IReadOnlyList<StoredMessage> history, WindowLimits limits)
    {
        IReadOnlyList<ConversationMessage> input = [PromptCost.Counted(TokenCounter.Estimate, ConversationMessage.User("x"))];
        var start = 0L;
        for (var count = 1; count <= history.Count; count++)
        {
            var (failure, window) = await ReadAsync([.. history.Take(count)], input, limits, start);
            if (failure is not null || window is null)
                return failure;
            if (window.Begin < start)
                return "it begins before the one before it";
            var fits = history.Take(count).Where(message => message.Position >= start && message.Kind != MessageKind.Error && !(message.Tokens!.Value.Count > limits.Tokens - PromptCost.OfPrompt - Cost(input))).ToList();
            var tokens = PromptCost.OfPrompt + Cost(input) + Math.Max(HistoryBlock.Of(fits, input, limits.Counter).Blocks.Sum(block => block.Tokens), Cost(fits));
            var isWithin = fits.Count > 0 && !IsUsers(fits[0]) && start > 0;
            if (start > 0 && !isWithin && window.Begin > start && fits.Count + input.Count <= limits.Messages && !(tokens > limits.Tokens))
                return "it was cut although it fits";
            start = window.Begin;
        }

        return null;
    }

    private static async Task<(string? Failure, HistoryWindow? Window)> ReadAsync(IReadOnlyList<StoredMessage> history, IReadOnlyList<ConversationMessage> input, WindowLimits limits, long start)
    {
        var settings = new TurnSettings("agent", null, limits, null, 1, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10), true, FailedInputs.UntilAnswered, TimeSpan.Zero, BusyPolicy.Reject, new PriceTable(new Dictionary<string, ModelPrice>(StringComparer.Ordinal)), new MessageSize(int.MaxValue, int.MaxValue, int.MaxValue), []);
        var plan = new TurnPlan(new TurnRequest("agent", input), settings, new ConversationAccess("default", null), null);
        var before = history.Count == 0 ? 1 : history[^1].Position + 1;
        await using var store = new ListStore(history);
        var conversation = new StoredConversation
        {
            Conversation = new Conversation { Id = "conv_1", SessionId = "chat::agent", Project = "default", Agent = "agent", CreatedAt = default, LastActivityAt = default },
            WindowStart = start,
        };
        var readable = history.Where(message => message.Kind != MessageKind.Error).ToList();
        var own = PromptCost.OfPrompt + Cost(input) + Cost(Answered(readable, input));
        try
        {
            var window = await new HistoryReader(store).ReadAsync(plan, input, conversation, before, CancellationToken.None);
            if (own > limits.Tokens)
                return ("its own messages are too large, and it was shown", null);
            if (window.IsAllShown != (window.Describe(window.First).Excluded.Count == 0))
                return ("the window reports wrongly whether all is shown", null);
            return (Check(readable, input, limits, window.First, window.Describe(window.First), before), window);
        }
        catch (PromptTooLargeException tooLarge)
        {
            return (own > limits.Tokens && tooLarge.Tokens.Count == own ? null : "it was refused as too large", null);
        }
    }

    private static string? Check(
        List<StoredMessage> history, IReadOnlyList<ConversationMessage> input, WindowLimits limits, HistoryView view, ContextWindow window, long before)
    {
        var shown = view.MessagesFor(null).OfType<StoredMessage>().ToList();
        var question = view.Question?.Single;
        var own = Answered(history, input).OfType<StoredMessage>().Count(message => shown.Exists(other => other.Position == message.Position));
        if (shown.Count > limits.Messages - input.Count && shown.Count > own)
            return "there are too many messages";
        var tokens = PromptCost.OfPrompt + Cost(view.MessagesFor(null)) + Cost(input);
        if (tokens > limits.Tokens || tokens != view.Tokens || window.Tokens.Count != tokens || window.MessageCount != shown.Count)
            return "there are too many tokens, or they are not reported";
        if (Unpaired([.. view.MessagesFor(null), .. input]) is { } unpaired)
            return unpaired;

        var following = shown.Where(message => message.Position != question?.Position).ToList();
        var first = following.Count > 0 ? following[0].Position : long.MaxValue;
        if (question is not null && (question.Role != MessageRole.User || following.Exists(message => message.Position < question.Position) || history.Exists(message => message.Role == MessageRole.User && message.Position > question.Position && message.Position < first)))
            return "what it begins with is not the question of what follows";
        if (question is null && first < long.MaxValue && !IsUsers(following[0]) && history.LastOrDefault(message => IsUsers(message) && message.Position < first) is { } asked
            && following.Count + 1 <= limits.Messages - input.Count && !(tokens + asked.Tokens!.Value.Count > limits.Tokens))
        {
            return "the question of what it begins with has room and is not shown";
        }

        var expected = history.Where(message => message.Position >= first).Select(message => message.Position).ToList();
        var dropped = expected.Except(shown.Select(message => message.Position)).ToList();
        if (dropped.Exists(position => !IsReported(window, ExclusionReason.NoCall, position) && !IsReported(window, ExclusionReason.TooLarge, position)) || following.Exists(message => !expected.Contains(message.Position)))
            return "it is not in one piece";
        if (window.Excluded.Sum(omission => omission.To - omission.From + 1) != before - 1 - shown.Count)
            return "an omitted message is not reported";

        return limits.Trim < 1 ? null : Longer(history, input, limits, first);
    }

    private static bool IsUsers(StoredMessage message) => message is { Role: MessageRole.User, Kind: MessageKind.Message };

    private static bool IsReported(ContextWindow window, ExclusionReason reason, long position) =>
        window.Excluded.Any(omission => omission.Reason == reason && omission.From <= position && position <= omission.To);

    /// <summary>It begins with a user's message where one fits, the oldest that does.</summary>
    private static string? Longer(List<StoredMessage> history, IReadOnlyList<ConversationMessage> input, WindowLimits limits, long first)
    {
        for (var i = 0; i < history.Count && history[i].Position < first; i++)
        {
            if (history[i].Role != MessageRole.User || history[i].Tokens!.Value.Count > limits.Tokens - PromptCost.OfPrompt - Cost(input))
                continue;

            // A message that is too large by itself takes no room.
            var own = PromptCost.OfPrompt + Cost(input);
            var read = new HistoryRead([.. history.Skip(i).Where(message => !(message.Tokens!.Value.Count > limits.Tokens - own))], 0, history[^1].Position + 1);
            var blocks = HistoryBlock.Of(read.Messages, input, limits.Counter).Blocks;

            // Results without a call are read before they are seen to be that, so they take room.
            var count = read.Messages.Count;
            var tokens = PromptCost.OfPrompt + Cost(input) + Math.Max(blocks.Sum(block => block.Tokens), Cost(read.Messages));
            if (count + input.Count <= limits.Messages && !(tokens > limits.Tokens))
                return "it begins later than it could";
        }

        return null;
    }

    private static long Cost(IEnumerable<ConversationMessage> messages) => messages.Sum(message => (long)message.Tokens!.Value.Count);

    /// <summary>The messages at the end of a history that the input needs, with a stand-in for each call that it does not answer.</summary>
    private static List<ConversationMessage> Answered(List<StoredMessage> history, IReadOnlyList<ConversationMessage> input)
    {
        if (input[0].Kind != MessageKind.ToolResult || history.Count == 0)
            return [];
        var answered = new List<ConversationMessage>();
        HistoryBlock.Of(history, input, TokenCounter.Estimate).Blocks[^1].AddTo(answered);
        return answered;
    }

    /// <summary>Whether a provider would refuse the messages: a result without its call before it, or a call without a result after it.</summary>
    public static string? Unpaired(List<ConversationMessage> messages)
    {
        var open = new List<string>();
        var areResultsComing = false;
        foreach (var message in messages)
        {
            if (message.Kind == MessageKind.ToolResult)
            {
                areResultsComing = true;
                foreach (var result in message.Parts.OfType<ToolResultPart>())
                {
                    if (!open.Remove(result.CallId))
                        return "a result has no call";
                }

                continue;
            }

            if (open.Count > 0 && (areResultsComing || message.Kind != MessageKind.ToolCall))
                return "a call has no result";
            areResultsComing = false;
            open.AddRange(message.Parts.OfType<ToolCallPart>().Select(call => call.CallId));
        }

        return open.Count > 0 ? "a call has no result" : null;
    }

    /// <summary>A store that has one conversation, and reads windows by the contract.</summary>
    private sealed class ListStore(IReadOnlyList<StoredMessage> history) : DelegatingConversationStore(new InMemoryConversationStore())
    {
        public override ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default)
        {
            var window = new List<StoredMessage>();
            var tokens = 0L;
            for (var i = history.Count - 1; i >= 0 && window.Count < range.Limit; i--)
            {
                if (history[i].Position >= range.Before || history[i].Kind == MessageKind.Error || (range.Role ?? history[i].Role) != history[i].Role)
                    continue;
                if (history[i].Position > range.After && history[i].Tokens?.Count > range.TokenLimit?.Count)
                {
                    window.Add(MessageContent.WithoutContent(history[i]));
                    continue;
                }

                tokens += history[i].Tokens is { } counted && string.Equals(counted.Counter, range.TokenLimit?.Counter, StringComparison.Ordinal) ? counted.Count : 0;
                if (history[i].Position <= range.After || tokens > range.TokenLimit?.Count)
                    break;
                window.Add(history[i]);
            }

            return new(window);
        }
    }
}

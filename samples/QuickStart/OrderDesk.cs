using System.Text.Json;
using System.Text.RegularExpressions;
using Conversations;

namespace QuickStart;

/// <summary>The agent: a few rules in place of a model. Like a model, it knows the content of <see cref="ConversationTurn.Prompt"/> and nothing else.</summary>
internal static partial class OrderDesk
{
    /// <summary>The desk that keeps a conversation for each user.</summary>
    public const string Personal = "order-desk";

    /// <summary>The desk that keeps one conversation for each tenant.</summary>
    public const string Team = "team-desk";

    /// <summary>The desk that keeps nothing.</summary>
    public const string Anonymous = "quick-desk";

    /// <summary>Answers the turn's question. A program with a model would send it <see cref="ConversationTurn.Prompt"/> here.</summary>
    public static Task AnswerAsync(ConversationTurn turn, CancellationToken cancellationToken)
    {
        var question = turn.Input[^1].Text;
        if (question.Contains("before", StringComparison.OrdinalIgnoreCase))
            turn.Add(ConversationMessage.Assistant(EarlierQuestions(turn)));
        else if (OrderNumber().Match(question) is { Success: true } number)
            LookUp(turn, number.Value.ToUpperInvariant());
        else if (LastOrder(turn.Prompt) is { } order)
            turn.Add(ConversationMessage.Assistant($"Order {order.Id} ({order.Item}) ships {order.Ships}."));
        else
            turn.Add(ConversationMessage.Assistant("Which order? Give me its number, such as SO-2024-001."));
        return Task.CompletedTask;
    }

    /// <summary>The order that the messages mention last; <see langword="null"/> if they mention none.</summary>
    public static Order? LastOrder(IEnumerable<ConversationMessage> messages) => messages
        .SelectMany(message => message.Parts.OfType<ToolResultPart>())
        .Where(result => !result.IsError)
        .Select(result => Order.FromJson(result.Content))
        .LastOrDefault();

    // A tool call, the tool's result and the answer: all three become part of the history.
    private static void LookUp(ConversationTurn turn, string id)
    {
        var callId = $"call_{turn.Prompt.Count(message => message.Kind == MessageKind.ToolCall) + 1}";
        turn.Add(ConversationMessage.ToolCall(callId, "get_order", JsonSerializer.Serialize(new { id })));
        if (Order.Find(id) is { } order)
        {
            turn.Add(ConversationMessage.ToolResult(callId, order.ToJson()));
            turn.Add(ConversationMessage.Assistant($"Order {order.Id} ({order.Item}) is {order.Status}."));
        }
        else
        {
            turn.Add(ConversationMessage.ToolResult(callId, "no such order", isError: true));
            turn.Add(ConversationMessage.Assistant($"I find no order {id}."));
        }
    }

    private static string EarlierQuestions(ConversationTurn turn)
    {
        var questions = turn.History
            .Where(message => message.Role == MessageRole.User)
            .TakeLast(3)
            .Select(message => $"\"{message.Text}\"")
            .ToList();
        return questions.Count == 0 ? "Nothing yet." : $"Your last questions: {string.Join(", ", questions)}";
    }

    [GeneratedRegex(@"\bSO-\d{4}-\d{3}\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OrderNumber();
}

using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace ChatWithModel;

/// <summary>A few rules in place of a model, so that the sample runs without a key. Like a model, it knows the content of the prompt and nothing else, calls functions, and returns its words one by one.</summary>
internal sealed partial class LocalDesk(TimeSpan pause) : IChatClient
{
    /// <summary>The model that it usually plays.</summary>
    public const string Name = "local-desk";

    /// <summary>Another one, which says less.</summary>
    public const string BriefName = "local-desk-brief";

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prompt = messages.ToList();
        var model = options?.ModelId ?? Name;
        var messageId = $"local-{prompt.Count}";
        var contents = Answer(prompt, isBrief: model.Equals(BriefName, StringComparison.Ordinal));
        foreach (var piece in contents.SelectMany(Pieces))
        {
            await Task.Delay(pause, cancellationToken);
            yield return new ChatResponseUpdate(ChatRole.Assistant, [piece]) { MessageId = messageId, ModelId = model };
        }

        var usage = new UsageDetails { InputTokenCount = prompt.Sum(Words), OutputTokenCount = Words(new ChatMessage(ChatRole.Assistant, contents)) };
        yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(usage)])
        {
            MessageId = messageId,
            ModelId = model,
            FinishReason = contents.Exists(content => content is FunctionCallContent) ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private static List<AIContent> Answer(List<ChatMessage> prompt, bool isBrief)
    {
        var question = prompt.FindLast(message => message.Role == ChatRole.User)?.Text ?? "";
        if (prompt[^1].Role == ChatRole.Tool)
            return [new TextContent(Tell(prompt[^1], isBrief))];
        if (question.Contains("before", StringComparison.OrdinalIgnoreCase))
            return [new TextContent(EarlierQuestions(prompt))];
        if (OrderNumber().Matches(question) is { Count: > 0 } numbers)
            return [.. numbers.Select((number, index) => Call($"call_{prompt.Count}_{index + 1}", "get_order", ("id", number.Value.ToUpperInvariant())))];
        if (question.Contains("orders", StringComparison.OrdinalIgnoreCase))
            return [new TextContent("Let me see. "), Call($"call_{prompt.Count}", "list_orders")];

        var last = Results(prompt).Select(OrderOf).LastOrDefault(order => order is not null);
        return [new TextContent(last is null ? "Which order? Give me its number, such as SO-2024-001." : isBrief ? $"{last.Ships}." : $"Order {last.Id} ({last.Item}) ships {last.Ships}.")];
    }

    private static string Tell(ChatMessage message, bool isBrief) => string.Join(' ', Results([message]).Select(result => OrderOf(result) switch
    {
        { } order when isBrief => $"{order.Status}, ships {order.Ships}.",
        { } order => $"Order {order.Id} ({order.Item}) is {order.Status} and ships {order.Ships}.",
        null when result.Exception is not null => result.Result?.ToString() ?? "That did not work.",
        null => $"You have these orders: {string.Join(", ", OrderNumber().Matches(Text(result)).Select(number => number.Value))}. Which one is it about?",
    }));

    private static string EarlierQuestions(List<ChatMessage> prompt)
    {
        var questions = prompt.Where(message => message.Role == ChatRole.User).SkipLast(1).TakeLast(3).Select(message => $"\"{message.Text}\"").ToList();
        return questions.Count == 0 ? "Nothing yet." : $"Your last questions: {string.Join(", ", questions)}";
    }

    private static IEnumerable<FunctionResultContent> Results(IEnumerable<ChatMessage> messages) => messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>();

    private static Order? OrderOf(FunctionResultContent result) => result.Result is JsonElement { ValueKind: JsonValueKind.Object } json ? json.Deserialize<Order>(JsonSerializerOptions.Web) : null;

    private static string Text(FunctionResultContent result) => result.Result?.ToString() ?? "";

    private static FunctionCallContent Call(string id, string name, params IEnumerable<(string Name, object? Value)> arguments) =>
        new(id, name, arguments.ToDictionary(argument => argument.Name, argument => argument.Value, StringComparer.Ordinal));

    // A text goes word by word, a call whole.
    private static IEnumerable<AIContent> Pieces(AIContent content) => content is TextContent text
        ? WordAndSpace().Matches(text.Text).Select(word => new TextContent(word.Value))
        : [content];

    // What a provider would count by its tokens.
    private static int Words(ChatMessage message) => message.Contents.Sum(content => content switch
    {
        TextContent text => WordAndSpace().Count(text.Text),
        FunctionResultContent result => WordAndSpace().Count(Text(result)),
        FunctionCallContent call => 2 + (call.Arguments?.Count ?? 0),
        _ => 0,
    });

    [GeneratedRegex(@"\bSO-\d{4}-\d{3}\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OrderNumber();

    [GeneratedRegex(@"\S+\s*", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordAndSpace();
}

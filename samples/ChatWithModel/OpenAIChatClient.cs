using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI;
using Sdk = OpenAI.Chat;

namespace ChatWithModel;

/// <summary>OpenAI's chat completions, and those of compatible servers, as an <see cref="IChatClient"/>: text and functions, no more.</summary>
/// <remarks>A program that has the package Microsoft.Extensions.AI.OpenAI takes that one's <c>AsIChatClient</c> in its place.</remarks>
internal sealed class OpenAIChatClient(OpenAIClient client, string defaultModel) : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Sdk.ChatCompletion completion = await For(options).CompleteChatAsync(messages.SelectMany(ToSdk), ToSdk(options), cancellationToken);
        var message = new ChatMessage(ChatRole.Assistant, []) { MessageId = completion.Id };
        foreach (var text in completion.Content.Select(part => part.Text ?? part.Refusal).Where(text => !string.IsNullOrEmpty(text)))
            message.Contents.Add(new TextContent(text));
        foreach (var call in completion.ToolCalls)
            message.Contents.Add(Call(call.Id, call.FunctionName, call.FunctionArguments.ToString()));
        return new ChatResponse(message)
        {
            ResponseId = completion.Id,
            ModelId = completion.Model,
            FinishReason = FinishReason(completion.FinishReason),
            Usage = Usage(completion.Usage),
        };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // The arguments of a call come in pieces; those of several calls are distinguished by an index.
        var calls = new SortedDictionary<int, (string? Id, string? Name, StringBuilder Arguments)>();
        await foreach (var update in For(options).CompleteChatStreamingAsync(messages.SelectMany(ToSdk), ToSdk(options), cancellationToken))
        {
            var contents = update.ContentUpdate.Select(part => part.Text ?? part.Refusal).Append(update.RefusalUpdate)
                .Where(text => !string.IsNullOrEmpty(text))
                .Select(AIContent (text) => new TextContent(text))
                .ToList();
            foreach (var piece in update.ToolCallUpdates)
            {
                var call = calls.GetValueOrDefault(piece.Index, (null, null, new StringBuilder()));
                call.Arguments.Append(piece.FunctionArgumentsUpdate);
                calls[piece.Index] = (call.Id ?? piece.ToolCallId, call.Name ?? piece.FunctionName, call.Arguments);
            }

            if (update.FinishReason is not null)
            {
                contents.AddRange(calls.Values.Select(call => Call(call.Id ?? "", call.Name ?? "", call.Arguments.ToString())));
                calls.Clear();
            }

            if (Usage(update.Usage) is { } usage)
                contents.Add(new UsageContent(usage));
            yield return new ChatResponseUpdate(ChatRole.Assistant, contents)
            {
                MessageId = update.CompletionId,
                ResponseId = update.CompletionId,
                ModelId = update.Model,
                FinishReason = FinishReason(update.FinishReason),
            };
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType.IsInstanceOfType(this) ? this : serviceType.IsInstanceOfType(client) ? client : null;

    public void Dispose()
    {
    }

    private static Sdk.ChatCompletionOptions ToSdk(ChatOptions? options)
    {
        var sdk = new Sdk.ChatCompletionOptions { MaxOutputTokenCount = options?.MaxOutputTokens, Temperature = options?.Temperature };
        foreach (var function in options?.Tools?.OfType<AIFunctionDeclaration>() ?? [])
            sdk.Tools.Add(Sdk.ChatTool.CreateFunctionTool(function.Name, function.Description, BinaryData.FromString(function.JsonSchema.GetRawText())));
        return sdk;
    }

    // There, each result is a separate message.
    private static IEnumerable<Sdk.ChatMessage> ToSdk(ChatMessage message)
    {
        if (message.Role == ChatRole.System)
            return [new Sdk.SystemChatMessage(message.Text)];
        if (message.Role == ChatRole.Tool)
            return message.Contents.OfType<FunctionResultContent>().Select(result => new Sdk.ToolChatMessage(result.CallId, Json(result.Result)));
        if (message.Role == ChatRole.User)
            return [new Sdk.UserChatMessage(message.Text)];

        var calls = message.Contents.OfType<FunctionCallContent>()
            .Select(call => Sdk.ChatToolCall.CreateFunctionToolCall(call.CallId, call.Name, BinaryData.FromString(Json(call.Arguments ?? new Dictionary<string, object?>(StringComparer.Ordinal)))))
            .ToList();
        if (calls.Count == 0)
            return [new Sdk.AssistantChatMessage(message.Text)];

        var assistant = new Sdk.AssistantChatMessage(calls);
        if (message.Text.Length > 0)
            assistant.Content.Add(Sdk.ChatMessageContentPart.CreateTextPart(message.Text));
        return [assistant];
    }

    private static FunctionCallContent Call(string id, string name, string arguments) =>
        FunctionCallContent.CreateFromParsedArguments(arguments, id, name, static json => json.Length == 0 ? null : JsonSerializer.Deserialize<Dictionary<string, object?>>(json));

    private static string Json(object? value) => value switch
    {
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        _ => JsonSerializer.Serialize(value, AIJsonUtilities.DefaultOptions),
    };

    private static ChatFinishReason? FinishReason(Sdk.ChatFinishReason? reason) => reason switch
    {
        null => null,
        Sdk.ChatFinishReason.Length => ChatFinishReason.Length,
        Sdk.ChatFinishReason.ContentFilter => ChatFinishReason.ContentFilter,
        Sdk.ChatFinishReason.ToolCalls or Sdk.ChatFinishReason.FunctionCall => ChatFinishReason.ToolCalls,
        _ => ChatFinishReason.Stop,
    };

    private static UsageDetails? Usage(Sdk.ChatTokenUsage? usage) => usage is null ? null : new UsageDetails
    {
        InputTokenCount = usage.InputTokenCount,
        OutputTokenCount = usage.OutputTokenCount,
        TotalTokenCount = usage.TotalTokenCount,
        CachedInputTokenCount = usage.InputTokenDetails?.CachedTokenCount,
    };

    private Sdk.ChatClient For(ChatOptions? options) => client.GetChatClient(options?.ModelId ?? defaultModel);
}

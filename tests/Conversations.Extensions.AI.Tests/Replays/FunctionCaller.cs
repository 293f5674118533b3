using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Replays;

/// <summary>Calls functions for a model as the function-calling client of Microsoft.Extensions.AI does: the results are sent with all earlier messages or, if the response has a conversation id, alone with that id.</summary>
internal sealed class FunctionCaller(IChatClient innerClient, Func<FunctionCallContent, Task<object?>> callAsync) : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        List<ChatMessage> prompt = [.. messages];
        List<ChatMessage> added = [];
        var usage = new UsageDetails();
        while (true)
        {
            var response = await base.GetResponseAsync(prompt, options, cancellationToken);
            added.AddRange(response.Messages);
            if (response.Usage is not null)
                usage.Add(response.Usage);
            if (await ResultsAsync(response.Messages) is not { } results)
                return new ChatResponse(added) { ConversationId = response.ConversationId, ModelId = response.ModelId, FinishReason = response.FinishReason, Usage = usage, AdditionalProperties = response.AdditionalProperties };

            added.Add(results);
            (prompt, options) = Next(prompt, options, response.ConversationId, response.Messages, results);
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        List<ChatMessage> prompt = [.. messages];
        while (true)
        {
            List<ChatResponseUpdate> updates = [];
            await foreach (var update in base.GetStreamingResponseAsync(prompt, options, cancellationToken))
            {
                updates.Add(update);
                yield return update;
            }

            var response = updates.ToChatResponse();
            if (await ResultsAsync(response.Messages) is not { } results)
                yield break;

            yield return new ChatResponseUpdate(ChatRole.Tool, results.Contents) { ConversationId = response.ConversationId, MessageId = Guid.NewGuid().ToString("N") };
            (prompt, options) = Next(prompt, options, response.ConversationId, response.Messages, results);
        }
    }

    private static (List<ChatMessage> Prompt, ChatOptions? Options) Next(List<ChatMessage> prompt, ChatOptions? options, string? conversationId, IEnumerable<ChatMessage> added, ChatMessage results)
    {
        if (conversationId is null)
            return ([.. prompt, .. added, results], options);

        if (!string.Equals(options?.ConversationId, conversationId, StringComparison.Ordinal))
        {
            options = options?.Clone() ?? new ChatOptions();
            options.ConversationId = conversationId;
        }

        return ([results], options);
    }

    private async Task<ChatMessage?> ResultsAsync(IEnumerable<ChatMessage> added)
    {
        var results = new List<AIContent>();
        foreach (var call in added.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Where(content => !content.InformationalOnly))
            results.Add(await callAsync(call) is var result && result is FunctionResultContent whole ? whole : new FunctionResultContent(call.CallId, result));
        return results.Count == 0 ? null : new ChatMessage(ChatRole.Tool, results);
    }
}

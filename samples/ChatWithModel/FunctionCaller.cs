using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace ChatWithModel;

/// <summary>Calls the functions that a model asks for, and asks it again with their results, until it has none left to call.</summary>
/// <remarks>A program that has the package Microsoft.Extensions.AI takes that one's <c>UseFunctionInvocation</c> in its place.</remarks>
internal sealed class FunctionCaller(IChatClient innerClient) : DelegatingChatClient(innerClient)
{
    // The model is called so many times at most, so that one that never stops calling is stopped.
    private const int MostRounds = 10;

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var prompt = messages.ToList();
        var added = new List<ChatMessage>();
        var usage = new UsageDetails();
        for (var round = 1; ; round++)
        {
            var response = await base.GetResponseAsync(prompt, options, cancellationToken);
            added.AddRange(response.Messages);
            usage.Add(response.Usage ?? new UsageDetails());
            var calls = CallsOf(response);
            if (calls.Count == 0 || round == MostRounds)
            {
                response.Messages = added;
                response.Usage = usage;
                return response;
            }

            var results = await CallAsync(calls, options, cancellationToken);
            added.Add(results);
            prompt.AddRange([.. response.Messages, results]);
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prompt = messages.ToList();
        for (var round = 1; ; round++)
        {
            var updates = new List<ChatResponseUpdate>();
            await foreach (var update in base.GetStreamingResponseAsync(prompt, options, cancellationToken))
            {
                updates.Add(update);
                yield return update;
            }

            var response = updates.ToChatResponse();
            var calls = CallsOf(response);
            if (calls.Count == 0 || round == MostRounds)
                yield break;

            var results = await CallAsync(calls, options, cancellationToken);
            yield return new ChatResponseUpdate(ChatRole.Tool, results.Contents) { MessageId = $"results-{round}" };
            prompt.AddRange([.. response.Messages, results]);
        }
    }

    private static List<FunctionCallContent> CallsOf(ChatResponse response) => [.. response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Where(call => !call.InformationalOnly)];

    private static async Task<ChatMessage> CallAsync(List<FunctionCallContent> calls, ChatOptions? options, CancellationToken cancellationToken)
    {
        var results = new ChatMessage(ChatRole.Tool, []);
        foreach (var call in calls)
            results.Contents.Add(await CallAsync(call, options, cancellationToken));
        return results;
    }

    private static async Task<FunctionResultContent> CallAsync(FunctionCallContent call, ChatOptions? options, CancellationToken cancellationToken)
    {
        if (options?.Tools?.OfType<AIFunction>().FirstOrDefault(function => function.Name.Equals(call.Name, StringComparison.Ordinal)) is not { } function)
            return new FunctionResultContent(call.CallId, $"There is no function {call.Name}.");

        try
        {
            return new FunctionResultContent(call.CallId, await function.InvokeAsync(new AIFunctionArguments(call.Arguments, StringComparer.Ordinal), cancellationToken));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The model gets the message and can react to it. It must contain no more than your users may know.
            return new FunctionResultContent(call.CallId, exception.Message) { Exception = exception };
        }
    }
}

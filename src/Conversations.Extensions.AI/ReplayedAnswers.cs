using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>What is stored of a request that was answered before: its answer and, where that ended with calls that a client outside has invoked, their results and the answers to them, so that no function runs again.</summary>
internal sealed class ReplayedAnswers(ConversationView conversations, ChatContent content, ChatOptions? options)
{
    /// <summary>Creates the response.</summary>
    /// <param name="result">The result of the turn.</param>
    /// <param name="calls">The calls of the response; null if they need not be recognized by their results.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    public async Task<ChatResponse> ReadAsync(TurnResult result, CallTrail? calls, CancellationToken cancellationToken)
    {
        var response = new ChatResponse { ConversationId = result.ConversationId };
        var run = result.RunId is null ? null : await conversations.GetRunAsync(result.RunId, cancellationToken).ConfigureAwait(false);
        var messages = result.Messages;
        while (true)
        {
            var answer = await ToChatMessagesAsync(messages, cancellationToken).ConfigureAwait(false);
            var next = await NextAsync(answer, messages, calls, cancellationToken).ConfigureAwait(false);
            foreach (var call in next is null ? [] : OpenCalls(answer))
                call.InformationalOnly = true;
            foreach (var message in answer)
                message.Contents = calls?.Add(message.Contents, options!) ?? message.Contents;
            foreach (var message in answer)
                response.Messages.Add(message);
            Describe(response, run);
            if (next is null)
                return response;

            foreach (var message in await ToChatMessagesAsync(next.Results, cancellationToken).ConfigureAwait(false))
                response.Messages.Add(message);
            (run, messages, calls) = (next.Run, next.Output, new CallTrail(calls) { Schema = calls!.Schema });
        }
    }

    private static void Describe(ChatResponse response, ConversationRun? run)
    {
        response.ModelId = run?.Model;
        response.FinishReason = run?.FinishReason is { } reason ? new ChatFinishReason(reason) : null;
        response.CreatedAt = run?.EndedAt;
        if (ChatUsage.Of(run?.Usage) is { } usage)
            (response.Usage ??= new UsageDetails()).Add(usage);
    }

    private static List<FunctionCallContent> OpenCalls(IEnumerable<ChatMessage> answer)
    {
        var calls = answer.SelectMany(static message => message.Contents).ToLookup(static content => content is FunctionResultContent);
        return [.. calls[false].OfType<FunctionCallContent>().Where(call => !call.InformationalOnly && !calls[true].Cast<FunctionResultContent>().Any(result => string.Equals(result.CallId, call.CallId, StringComparison.Ordinal)))];
    }

    /// <summary>Returns the results of the open calls and the answer to them, if the client outside has sent all of them with the key of this request; otherwise null, and it invokes the functions.</summary>
    private async Task<Step?> NextAsync(List<ChatMessage> answer, IReadOnlyList<ConversationMessage> messages, CallTrail? calls, CancellationToken cancellationToken)
    {
        if (calls is null || options is not ConversationChatOptions { IdempotencyKey: { } key } || messages is not [.., StoredMessage last] || OpenCalls(answer) is not { Count: > 0 } open)
            return null;

        var (results, output) = (new List<StoredMessage>(), new List<StoredMessage>());
        await foreach (var message in conversations.GetMessagesAsync(last.ConversationId, new MessageQuery { After = last.Position }, cancellationToken).ConfigureAwait(false))
        {
            if (output.Count == 0 && message.Role == MessageRole.Tool)
                results.Add(message);
            else if (output.Count == 0 || message.RunNumber == output[0].RunNumber)
                output.Add(message);
            else
                break;
        }

        var answered = results.SelectMany(static message => message.Parts).OfType<ToolResultPart>().Select(static result => result.CallId).ToList();
        return open.TrueForAll(call => answered.Contains(call.CallId, StringComparer.Ordinal))
            && output is [{ RunId: { } runId }, ..]
            && await conversations.GetRunAsync(runId, cancellationToken).ConfigureAwait(false) is { Status: RunStatus.Completed or RunStatus.RequiresAction } run
            && string.Equals(run.IdempotencyKey, NewMessages.KeyOf(key, calls, answered), StringComparison.Ordinal)
            ? new Step(results, run, output)
            : null;
    }

    private async Task<List<ChatMessage>> ToChatMessagesAsync(IReadOnlyList<ConversationMessage> messages, CancellationToken cancellationToken)
    {
        var made = new List<ChatMessage>(messages.Count);
        foreach (var message in messages)
            made.Add(content.ToChatMessage(message is StoredMessage stored ? await conversations.LoadDataAsync(stored, cancellationToken).ConfigureAwait(false) : message));
        return made;
    }

    private sealed record Step(IReadOnlyList<StoredMessage> Results, ConversationRun Run, IReadOnlyList<StoredMessage> Output);
}

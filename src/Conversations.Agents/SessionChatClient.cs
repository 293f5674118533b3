using System.Runtime.CompilerServices;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The chat client of one run of an agent: it makes the run a turn of the conversation of its session.</summary>
internal sealed class SessionChatClient(IChatClient model, SessionTurns turns, AgentSession session, bool keepsHistoryForEachCall) : DelegatingChatClient(model)
{
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (client, input, own) = await ReadAsync(messages, options, cancellationToken).ConfigureAwait(false);
        var response = await client.GetResponseAsync(input, own, cancellationToken).ConfigureAwait(false);
        SessionTurns.Note(session, response.ConversationId);

        // The agent would take the id for that of its provider.
        response.ConversationId = null;
        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (client, input, own) = await ReadAsync(messages, options, cancellationToken).ConfigureAwait(false);
        await foreach (var update in client.GetStreamingResponseAsync(input, own, cancellationToken).ConfigureAwait(false))
        {
            SessionTurns.Note(session, update.ConversationId);
            update.ConversationId = null;
            yield return update;
        }
    }

    private async ValueTask<(IChatClient Client, IReadOnlyList<ChatMessage> Input, ConversationChatOptions Options)> ReadAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        var (input, own) = await turns.ReadAsync(session, messages, options, cancellationToken).ConfigureAwait(false);
        if (!keepsHistoryForEachCall)
            own.AdditionalProperties?.Remove<ChatHistoryProvider>();
        return (turns.ClientOf(input.Context.Count == 0 ? InnerClient : new ContextChatClient(InnerClient, input.Context)), input.Messages, own);
    }
}

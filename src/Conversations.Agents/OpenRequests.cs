using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The requests for approvals under the ids that callers of a history provider know: those of the agent, because a provider does not change what the agent returns.</summary>
internal static class OpenRequests
{
    /// <summary>Returns messages whose responses name the stored requests. A response that names none is left as it is, and refused when the turn begins.</summary>
    public static async ValueTask<IReadOnlyList<ChatMessage>> NamedAsync(ConversationView conversations, string? conversationId, IReadOnlyList<ChatMessage> messages, CancellationToken cancellationToken)
    {
        if (conversationId is null || !messages.Any(static message => message.Contents.Any(static content => content is ToolApprovalResponseContent)))
            return messages;

        var open = new List<string>();
        await foreach (var message in conversations.GetMessagesAsync(conversationId, new MessageQuery { NewestFirst = true }, cancellationToken).ConfigureAwait(false))
        {
            if (message.Role == MessageRole.User && !message.Parts.Any(static part => part is ApprovalResponsePart))
                break;
            open.AddRange(message.Parts.OfType<ApprovalRequestPart>().Select(static part => part.RequestId));
        }

        return [.. messages.Select(message => Named(message, open))];
    }

    private static ChatMessage Named(ChatMessage message, List<string> open)
    {
        var named = message.Clone();
        named.Contents = [.. message.Contents.Select(content => content is ToolApprovalResponseContent response && Find(response.RequestId, open) is { } id
            ? new ToolApprovalResponseContent(id, response.Approved, response.ToolCall) { Reason = response.Reason }
            : content)];
        return named;
    }

    // The chat client stores a request under the id that it has, an @, and what makes it unique.
    private static string? Find(string id, List<string> open) => open.Find(stored => stored.StartsWith(id + "@", StringComparison.Ordinal));
}

using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The messages of a run: the new messages of its conversation, and those of context providers, which go to the model and are not stored.</summary>
/// <remarks>In a workflow, an agent gets what other agents wrote and did. What they wrote is input, with their names as authors. What they did is not: a call that this agent did not make has no place in its history.</remarks>
internal sealed record AgentInput(IReadOnlyList<ChatMessage> Messages, IReadOnlyList<ChatMessage> Context)
{
    // For an assistant that does not say its name.
    private const string Unnamed = "assistant";

    /// <summary>Reads the messages of a run.</summary>
    /// <param name="messages">The messages, which are not changed.</param>
    /// <param name="conversationId">The conversation of the run; null if it is not known. An id of a message counts only in this conversation: those of other conversations are ids of other agents.</param>
    /// <param name="storesContext">Whether the messages of context providers are input.</param>
    public static AgentInput Of(IEnumerable<ChatMessage> messages, string? conversationId, bool storesContext)
    {
        var all = messages.Select(message => Own(message ?? throw new ArgumentException("The messages contain null. Remove it.", nameof(messages)), conversationId)).ToList();
        var others = all.Where(IsOfOther).SelectMany(static message => message.Contents).SelectMany(IdsOf).ToHashSet(StringComparer.Ordinal);
        var input = new List<ChatMessage>();
        var context = new List<ChatMessage>();
        foreach (var message in all)
        {
            if (ToInput(message, others) is { Contents.Count: > 0 } shown)
                (IsOfContext(message) && !storesContext ? context : input).Add(shown);
        }

        return new AgentInput(input, context);
    }

    private static bool IsOfContext(ChatMessage message) => message.GetAgentRequestMessageSourceType() == AgentRequestMessageSourceType.AIContextProvider;

    private static ChatMessage Own(ChatMessage message, string? conversationId)
    {
        var home = StoredMessage.ConversationIdOf(message.MessageId);
        if (home is not null && string.Equals(home, conversationId, StringComparison.Ordinal))
            return message;

        var own = message.Clone();
        own.MessageId = null;

        // They describe the turn of another agent.
        if (home is not null)
            own.AdditionalProperties = null;
        return own;
    }

    private static bool IsOfOther(ChatMessage message) => message.Role == ChatRole.Assistant && message.MessageId is null;

    private static ChatMessage ToInput(ChatMessage message, HashSet<string> others)
    {
        var isOfOther = IsOfOther(message);
        var input = message.Clone();
        input.Contents = [.. message.Contents.Where(content => isOfOther ? IsWritten(content) : !IdsOf(content).Any(others.Contains))];
        if (isOfOther)
            (input.Role, input.AuthorName, input.AdditionalProperties) = (ChatRole.User, message.AuthorName ?? Unnamed, null);
        if (input.AdditionalProperties?.ContainsKey(AgentRequestMessageSourceAttribution.AdditionalPropertiesKey) == true)
        {
            // Who added a message to a request is known to that run alone.
            input.AdditionalProperties = new AdditionalPropertiesDictionary(input.AdditionalProperties);
            input.AdditionalProperties.Remove(AgentRequestMessageSourceAttribution.AdditionalPropertiesKey);
            if (input.AdditionalProperties.Count == 0)
                input.AdditionalProperties = null;
        }

        return input;
    }

    private static bool IsWritten(AIContent content) => content is TextContent or DataContent or UriContent or HostedFileContent;

    // A result or a response belongs to another agent if its call or request is in the same input.
    private static IEnumerable<string> IdsOf(AIContent content) => content switch
    {
        ToolCallContent call => ["call " + call.CallId],
        ToolResultContent result => ["call " + result.CallId],
        ToolApprovalRequestContent request => ["request " + request.RequestId, "call " + request.ToolCall.CallId],
        ToolApprovalResponseContent response => ["request " + response.RequestId, "call " + response.ToolCall.CallId],
        InputRequestContent request => ["request " + request.RequestId],
        InputResponseContent response => ["request " + response.RequestId],
        _ => [],
    };
}

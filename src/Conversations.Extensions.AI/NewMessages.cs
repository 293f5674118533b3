using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The new messages of a request: those after the last message that is stored already, which is recognized by its id.</summary>
internal sealed class NewMessages
{
    // Of an idempotency key.
    private const int LongestKey = 1_024;

    private NewMessages(IReadOnlyList<ChatMessage> system, IReadOnlyList<ChatMessage> all, IReadOnlyList<ChatMessage> given, IReadOnlyList<ConversationMessage> input, bool hasAssistantMessages, string? knownId, ChatMessage? schema)
    {
        System = system;
        All = all;
        Given = given;
        Input = input;
        HasAssistantMessages = hasAssistantMessages;
        KnownId = knownId;
        Schema = schema;
    }

    /// <summary>Gets the system messages, from any place.</summary>
    public IReadOnlyList<ChatMessage> System { get; }

    /// <summary>Gets all other messages, new or not.</summary>
    public IReadOnlyList<ChatMessage> All { get; }

    /// <summary>Gets the new messages, as the caller passed them.</summary>
    public IReadOnlyList<ChatMessage> Given { get; }

    /// <summary>Gets the new messages, converted for the store.</summary>
    public IReadOnlyList<ConversationMessage> Input { get; }

    /// <summary>Gets the message with the schema of the answer, which is not part of the input; null if there is none.</summary>
    public ChatMessage? Schema { get; }

    /// <summary>Gets whether the new messages contain assistant messages, which are not part of the input.</summary>
    public bool HasAssistantMessages { get; }

    /// <summary>Gets the id of the last message that is stored already; null if there is none.</summary>
    public string? KnownId { get; }

    /// <summary>Gets the conversation of the last message that is stored already, from its id; null if there is none.</summary>
    public string? KnownIn => StoredMessage.ConversationIdOf(KnownId);

    /// <summary>Gets the ids of the calls that the new messages answer, as the caller passed them.</summary>
    public IReadOnlyList<string> AnsweredCallIds => [.. Given.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().Select(static result => result.CallId)];

    /// <summary>Gets whether all new messages are results or responses.</summary>
    public bool IsResults => Input.Count > 0 && Input.All(static message => message.Kind == MessageKind.ToolResult);

    /// <summary>Finds the new messages.</summary>
    /// <exception cref="ArgumentException">A message is null, or cannot be stored.</exception>
    public static NewMessages Of(IEnumerable<ChatMessage> messages, ChatContent content, ChatOptions? options = null)
    {
        var system = new List<ChatMessage>();
        var all = new List<ChatMessage>();
        foreach (var message in messages)
            (ChatRoles.Of((message ?? throw new ArgumentException("The messages contain null. Remove it.", nameof(messages))).Role) == MessageRole.System ? system : all).Add(message);

        // A client that invokes functions takes responses from messages of any role.
        if (system.Exists(static message => message.Contents.Any(static content => content is InputRequestContent or InputResponseContent)))
            throw new ArgumentException("A system message contains a request for an approval or a response. Send responses in a user message.", nameof(messages));

        var known = all.FindLastIndex(static message => StoredMessage.ConversationIdOf(message.MessageId) is not null);
        var isNew = all.Skip(known + 1).ToList();
        var isWithOthers = isNew.Count > 1 || options is ConversationChatOptions { RegenerateMessageId: not null };
        var schema = isWithOthers && isNew is [.., var last] && SchemaPrompt.IsOne(last, options) ? last : null;
        if (schema is not null)
            isNew.RemoveAt(isNew.Count - 1);
        var given = new List<ChatMessage>();
        var input = new List<ConversationMessage>();
        foreach (var message in isNew.Where(static message => message.Role != ChatRole.Assistant).SelectMany(Split))
        {
            if (message.Contents.Count == 0)
                throw new ArgumentException("A message has no contents. Add content, or remove the message.", nameof(messages));

            if (message.Contents.Any(IsOfAgent))
                throw new ArgumentException("A new message contains a call, the result of a hosted tool, or a request for an approval, which only the agent can add. Remove it, or call ImportAsync to store earlier messages.", nameof(messages));

            given.Add(message);
            input.Add(content.ToMessage(message, ChatRoles.Of(message.Role)));
        }

        return new NewMessages(system, all, given, input, isNew.Exists(static message => message.Role == ChatRole.Assistant), known < 0 ? null : all[known].MessageId, schema);
    }

    /// <summary>Returns the idempotency key of the turn. A request with results differs from the request that led to the calls, although a client that invokes functions sends both with one key.</summary>
    /// <param name="key">The idempotency key of the options.</param>
    /// <param name="answered">The response that the results answer; null if there are none.</param>
    public string KeyOf(string key, CallTrail? answered)
    {
        if (!IsResults)
            return key;

        var requestIds = Given.SelectMany(static message => message.Contents).OfType<InputResponseContent>().Select(static response => response.RequestId);
        return KeyOf(key, answered, [.. AnsweredCallIds, .. requestIds], AnsweredCallIds);
    }

    /// <summary>Returns the key of a turn with the results of calls alone.</summary>
    public static string KeyOf(string key, CallTrail answered, IReadOnlyList<string> callIds) => KeyOf(key, answered, callIds, callIds);

    private static string KeyOf(string key, CallTrail? answered, IEnumerable<string> ids, IReadOnlyList<string> callIds)
    {
        var suffix = string.Create(CultureInfo.InvariantCulture, $"#{answered?.CountEarlier(callIds) ?? 0}:{string.Join(',', ids)}");

        // The model determines the number of calls, and a key has a greatest length.
        return key.Length + suffix.Length <= LongestKey ? key + suffix : $"{Digest(key)}#{Digest(suffix)}";
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static bool IsOfAgent(AIContent content) => content is ToolCallContent or InputRequestContent || (content is ToolResultContent && content is not FunctionResultContent);

    /// <summary>Separates results, responses and other contents: a message has one kind of input. Of a response to a request for an approval, only the decision is kept.</summary>
    private static IEnumerable<ChatMessage> Split(ChatMessage message)
    {
        var isOfTool = message.Role == ChatRole.Tool;
        if (!message.Contents.Any(content => content is InputResponseContent || (content is FunctionResultContent && !isOfTool)))
            return [message];

        var parts = message.Contents.ToLookup(static content => content switch
        {
            FunctionResultContent => 0,
            InputResponseContent => 1,
            _ => 2,
        });
        return new[] { (Role: ChatRole.Tool, Contents: parts[0]), (Role: ChatRole.User, Contents: parts[1]), (Role: message.Role, Contents: parts[2]) }
            .Where(static part => part.Contents.Any())
            .Select(part =>
            {
                var split = message.Clone();
                split.Role = part.Role;
                split.Contents = [.. part.Contents.Select(static content => content is ToolApprovalResponseContent response ? ChatApprovals.Decision(response) : content)];
                return split;
            });
    }
}

using System.Globalization;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>What is new among the messages of a request: what stands after the last one that is stored already, which its id tells.</summary>
internal sealed class NewMessages
{
    private NewMessages(IReadOnlyList<ChatMessage> system, IReadOnlyList<ChatMessage> all, IReadOnlyList<ChatMessage> given, IReadOnlyList<ConversationMessage> input, bool hasAnswers, string? knownIn)
    {
        System = system;
        All = all;
        Given = given;
        Input = input;
        HasAnswers = hasAnswers;
        KnownIn = knownIn;
    }

    /// <summary>What a system says, wherever it stands.</summary>
    public IReadOnlyList<ChatMessage> System { get; }

    /// <summary>Everything else, new or not.</summary>
    public IReadOnlyList<ChatMessage> All { get; }

    /// <summary>What is new, as it was given.</summary>
    public IReadOnlyList<ChatMessage> Given { get; }

    /// <summary>The same, to be stored.</summary>
    public IReadOnlyList<ConversationMessage> Input { get; }

    /// <summary>Whether there are answers among the messages that are not stored.</summary>
    public bool HasAnswers { get; }

    /// <summary>The conversation of the last message that is stored already, by its id; null if there is none.</summary>
    public string? KnownIn { get; }

    /// <summary>Whether what is new are results and nothing else.</summary>
    public bool IsResults => Input.Count > 0 && Input.All(static message => message.Role == MessageRole.Tool);

    /// <summary>Finds what is new.</summary>
    /// <exception cref="ArgumentException">A message is null, or cannot be stored.</exception>
    public static NewMessages Of(IEnumerable<ChatMessage> messages, ChatContent content)
    {
        var system = new List<ChatMessage>();
        var all = new List<ChatMessage>();
        foreach (var message in messages)
            (ChatRoles.Of((message ?? throw new ArgumentException("A message is null.", nameof(messages))).Role) == MessageRole.System ? system : all).Add(message);

        var known = all.FindLastIndex(static message => ConversationMessage.ConversationIdOf(message.MessageId) is not null);
        var isNew = all.Skip(known + 1).ToList();
        var given = new List<ChatMessage>();
        var input = new List<ConversationMessage>();
        foreach (var message in isNew.Where(static message => message.Role != ChatRole.Assistant).SelectMany(Split))
        {
            if (message.Contents.Count == 0)
                throw new ArgumentException("A message has no contents.", nameof(messages));

            given.Add(message);
            input.Add(content.ToMessage(message, ChatRoles.Of(message.Role)));
        }

        return new NewMessages(system, all, given, input, isNew.Exists(static message => message.Role == ChatRole.Assistant), known < 0 ? null : ConversationMessage.ConversationIdOf(all[known].MessageId));
    }

    /// <summary>The key of a request. One that brings results is another request than the one that led to the calls, though whoever calls functions for the caller sends both with one key.</summary>
    /// <param name="key">The key that came with the request.</param>
    /// <param name="answeredCalls">How often results came with it before.</param>
    public string KeyOf(string key, int answeredCalls)
    {
        if (!IsResults)
            return key;

        var calls = Input.SelectMany(static message => message.Parts).OfType<ToolResultPart>().Select(static result => result.CallId);
        return string.Create(CultureInfo.InvariantCulture, $"{key}#{answeredCalls}:{string.Join(',', calls)}");
    }

    /// <summary>Results that came in a user's message are a tool's.</summary>
    private static IEnumerable<ChatMessage> Split(ChatMessage message)
    {
        if (message.Role == ChatRole.Tool || !message.Contents.Any(static content => content is FunctionResultContent))
            return [message];

        var parts = message.Contents.ToLookup(static content => content is FunctionResultContent);
        return new[] { (Role: ChatRole.Tool, Contents: parts[true]), (Role: message.Role, Contents: parts[false]) }
            .Where(static part => part.Contents.Any())
            .Select(part =>
            {
                var split = message.Clone();
                split.Role = part.Role;
                split.Contents = [.. part.Contents];
                return split;
            });
    }
}

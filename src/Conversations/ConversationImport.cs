using System.Text;

namespace Conversations;

/// <summary>An existing conversation that the host imports, with its original roles, kinds and times.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record ConversationImport
{
    private readonly string _channel = ConversationChannels.Chat;
    private readonly string? _thread;
    private readonly string? _title;
    private readonly string? _metadata;

    /// <summary>Initializes an import.</summary>
    /// <param name="agent">The agent of the conversation.</param>
    /// <param name="messages">The messages in order, of any role; may be empty. The collection is copied. A message without a time gets the time of the import. Of a <see cref="StoredMessage"/>, the values of <see cref="ConversationMessage"/> are imported alone: one that was superseded becomes current.</param>
    /// <exception cref="ArgumentException">The name is empty or blank, contains a NUL character or is not well-formed UTF-16, or a message is <see langword="null"/>.</exception>
    public ConversationImport(string agent, IEnumerable<ConversationMessage> messages)
    {
        Agent = WellFormed.Key(agent, nameof(agent));
        ArgumentNullException.ThrowIfNull(messages);
        Messages = Array.AsReadOnly(messages.ToArray());
        if (Messages.Any(message => message is null))
            throw new ArgumentException("A message is null.", nameof(messages));
    }

    /// <summary>Gets the agent of the conversation.</summary>
    public string Agent { get; }

    /// <summary>Gets the messages in order.</summary>
    public IReadOnlyList<ConversationMessage> Messages { get; }

    /// <summary>Gets the identity that owns the conversation; <see langword="null"/> for none, which requires a shared agent or a thread.</summary>
    public ConversationIdentity? Identity { get; init; }

    /// <summary>Gets the channel; the default is <c>chat</c>.</summary>
    /// <exception cref="ArgumentException">The value is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public string Channel
    {
        get => _channel;
        init => _channel = WellFormed.Key(value, nameof(Channel));
    }

    /// <summary>Gets the thread key; <see langword="null"/> for none.</summary>
    /// <exception cref="ArgumentException">The value is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public string? Thread
    {
        get => _thread;
        init => _thread = WellFormed.OptionalKey(value, nameof(Thread));
    }

    /// <summary>Gets the title; <see langword="null"/> to derive it from the first user message.</summary>
    /// <exception cref="ArgumentException">It is empty or blank.</exception>
    public string? Title
    {
        get => _title;
        init => _title = value is null ? null : WellFormed.Title(value, nameof(Title));
    }

    /// <summary>Gets the metadata of the conversation, a JSON object; <see langword="null"/> for none. See <see cref="Conversation.Metadata"/>.</summary>
    /// <exception cref="ArgumentException">The value is not a JSON object.</exception>
    public string? Metadata
    {
        get => _metadata;
        init => _metadata = value is null ? null : JsonObjectText.Of(value, nameof(Metadata));
    }

    /// <summary>Gets when the conversation began; <see langword="null"/> for the time of the first message, or now if there is none.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    // The text contains no content and no key, so that it is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, $"{Agent} {Channel} {Messages.Count} messages");
}

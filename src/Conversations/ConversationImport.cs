namespace Conversations;

/// <summary>A conversation of the past that the host brings in, with roles, kinds and times as they were.</summary>
/// <remarks>Immutable, so safe from any thread.</remarks>
public sealed record ConversationImport
{
    private readonly string _channel = ConversationChannels.Chat;
    private readonly string? _thread;
    private readonly string? _title;

    /// <summary>Makes an import.</summary>
    /// <param name="agent">The agent whose conversation it is.</param>
    /// <param name="messages">The messages in order, of any role; may be empty. The collection is copied. A message without a time gets the time of the import.</param>
    /// <exception cref="ArgumentException">The name is empty or blank, holds a NUL or is not well-formed UTF-16, or a message is <see langword="null"/>.</exception>
    public ConversationImport(string agent, IEnumerable<ConversationMessage> messages)
    {
        Agent = WellFormed.Key(agent, nameof(agent));
        ArgumentNullException.ThrowIfNull(messages);
        Messages = Array.AsReadOnly(messages.ToArray());
        if (Messages.Any(message => message is null))
            throw new ArgumentException("A message is null.", nameof(messages));
    }

    /// <summary>The agent whose conversation it is.</summary>
    public string Agent { get; }

    /// <summary>The messages in order.</summary>
    public IReadOnlyList<ConversationMessage> Messages { get; }

    /// <summary>Whose conversation it is; <see langword="null"/> for nobody's, which a shared agent or a thread allows.</summary>
    public ConversationIdentity? Identity { get; init; }

    /// <summary>Where it happened: <c>chat</c> unless set.</summary>
    /// <exception cref="ArgumentException">It is empty or blank, holds a NUL or is not well-formed UTF-16.</exception>
    public string Channel
    {
        get => _channel;
        init => _channel = WellFormed.Key(value, nameof(Channel));
    }

    /// <summary>The thread key; <see langword="null"/> for none.</summary>
    /// <exception cref="ArgumentException">It is empty or blank, holds a NUL or is not well-formed UTF-16.</exception>
    public string? Thread
    {
        get => _thread;
        init => _thread = WellFormed.OptionalKey(value, nameof(Thread));
    }

    /// <summary>The title; <see langword="null"/> to make one from the first user message.</summary>
    /// <exception cref="ArgumentException">It is empty or blank.</exception>
    public string? Title
    {
        get => _title;
        init => _title = value is null ? null : WellFormed.Title(value, nameof(Title));
    }

    /// <summary>When it began; <see langword="null"/> for the time of the first message, or now if there is none.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>What is safe to log: the agent and whose it is, no content.</summary>
    /// <returns>The agent, the identity and the thread.</returns>
    public override string ToString() => $"{Agent} {Identity} {Thread}";
}

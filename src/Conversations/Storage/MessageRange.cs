namespace Conversations.Storage;

/// <summary>Specifies which messages <see cref="IConversationStore.ReadMessagesAsync"/> reads.</summary>
public sealed record MessageRange
{
    /// <summary>Gets the id of the conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Gets what the caller can reach [8].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>Gets the position above which messages are read, whether or not a message has it; 0 for all.</summary>
    public long After { get; init; }

    /// <summary>Gets the position below which messages are read, whether or not a message has it; <see langword="null"/> for all.</summary>
    public long? Before { get; init; }

    /// <summary>Gets whether messages are read, and returned, from the newest to the oldest.</summary>
    public bool NewestFirst { get; init; }

    /// <summary>Gets whether superseded messages are skipped. They do not count towards the limits then.</summary>
    public bool CurrentOnly { get; init; }

    /// <summary>Gets whether messages of kind <see cref="MessageKind.Error"/> are skipped. They do not count towards the limits then.</summary>
    public bool SkipErrors { get; init; }

    /// <summary>Gets the role of the messages to read; the others are skipped and do not count towards the limits. <see langword="null"/> for all.</summary>
    public MessageRole? Role { get; init; }

    /// <summary>Gets the maximum number of messages; at least 1.</summary>
    public required int Limit { get; init; }

    /// <summary>Gets the maximum number of tokens by the messages' counts of that counter; reading stops before the message that exceeds it. A message that exceeds it by itself does not count, and is read without its content. A message without such a count costs nothing. <see langword="null"/> for no limit [5].</summary>
    public TokenAmount? TokenLimit { get; init; }
}

/// <summary>Messages at consecutive positions.</summary>
/// <param name="Position">The position of the first message.</param>
/// <param name="Count">The number of messages; at least 1.</param>
internal sealed record MessageSpan(long Position, int Count)
{
    /// <summary>Gets the position of the last message.</summary>
    public long End => Position + Count - 1;
}

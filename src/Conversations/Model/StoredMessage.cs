using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>A message of a conversation: a message with a position, an id, and the run that wrote it.</summary>
/// <remarks>This type is immutable and thread-safe. Two messages are equal if all their values and parts are equal.</remarks>
[JsonConverter(typeof(MessageJsonConverter))]
public sealed record StoredMessage : ConversationMessage
{
    // Optional numbers are 0 where there is none, see ConversationMessage.
    private readonly long _runNumber;
    private readonly long _supersededBy;

    /// <summary>Initializes a message of several parts.</summary>
    /// <param name="role">The role.</param>
    /// <param name="parts">The parts; at least one. The collection is copied.</param>
    /// <exception cref="ArgumentException"><paramref name="parts"/> is empty or contains <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="role"/> is not a defined value.</exception>
    public StoredMessage(MessageRole role, params IEnumerable<ContentPart> parts)
        : base(role, parts)
    {
    }

    /// <summary>Initializes a message with the values that another has without being stored: role, parts, author, metadata, time, token count and whether it is partial. To copy a stored message, use <c>with</c>.</summary>
    /// <param name="message">The other message.</param>
    /// <exception cref="ArgumentNullException"><paramref name="message"/> is <see langword="null"/>.</exception>
    public StoredMessage(ConversationMessage message)
        : base(message ?? throw new ArgumentNullException(nameof(message)))
    {
    }

    /// <summary>Gets the id, which is derived from conversation and position.</summary>
    public override string Id => ConversationIds.Message(ConversationId, Position);

    /// <summary>Gets the id of the conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Gets the position in the conversation: 1, 2, 3 … Messages are ordered by position, never by time.</summary>
    public required long Position { get; init; }

    /// <summary>Gets the number of the run that wrote the message; <see langword="null"/> if it was imported.</summary>
    public long? RunNumber
    {
        get => _runNumber == 0 ? null : _runNumber;
        init => _runNumber = value ?? 0;
    }

    /// <summary>Gets the id of the run that wrote the message; <see langword="null"/> if it was imported.</summary>
    public string? RunId => RunNumber is { } run ? ConversationIds.Run(ConversationId, run) : null;

    /// <summary>Gets whether the turn of the message failed, was cancelled or interrupted, so that the message may be incomplete.</summary>
    public new bool IsPartial
    {
        get => base.IsPartial;
        init => base.IsPartial = value;
    }

    /// <summary>Gets the number of the run that superseded the message, by regeneration or restoration; <see langword="null"/> while the message is current.
    /// A superseded message remains readable and is not shown in prompts.</summary>
    public long? SupersededBy
    {
        get => _supersededBy == 0 ? null : _supersededBy;
        init => _supersededBy = value ?? 0;
    }

    /// <summary>Gets whether the output of another run replaced the message.</summary>
    public bool IsSuperseded => _supersededBy != 0;

    /// <summary>Gets the number of tokens, counted when the message was stored; <see langword="null"/> if it was not counted.</summary>
    public new TokenAmount? Tokens
    {
        get => base.Tokens;
        init => base.Tokens = value;
    }

    /// <summary>Returns the conversation id that a message id contains. It does not check whether the message exists or who can access it.</summary>
    /// <param name="messageId">The id.</param>
    /// <returns>The id of the conversation; <see langword="null"/> if the text is not a message id.</returns>
    public static string? ConversationIdOf(string? messageId) =>
        messageId is not null && ConversationIds.TryParseMessage(messageId, out var conversationId, out _) ? conversationId : null;

    /// <summary>Returns whether all values and parts of the two messages are equal.</summary>
    /// <param name="other">The other message.</param>
    /// <returns><see langword="true"/> if equal.</returns>
    public bool Equals(StoredMessage? other) =>
        base.Equals(other)
        && Position == other.Position
        && RunNumber == other.RunNumber
        && SupersededBy == other.SupersededBy
        && string.Equals(ConversationId, other.ConversationId, StringComparison.Ordinal);

    /// <summary>Returns a hash code of position, role and parts.</summary>
    /// <returns>The hash code.</returns>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Position);

    /// <summary>Returns text that is safe to log: id, role and kind, never content.</summary>
    /// <returns>The id, the role and the kind.</returns>
    public override string ToString() => $"{Id} {base.ToString()}";
}

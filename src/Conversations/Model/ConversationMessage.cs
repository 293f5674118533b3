using System.Collections.Immutable;

namespace Conversations;

/// <summary>A message: a role and parts. A stored message also has a conversation, a position and an id.</summary>
/// <remarks>This type is immutable and thread-safe. Two messages are equal if all their values and parts are equal.</remarks>
public sealed record ConversationMessage
{
    // Windows hold many messages for as long as their turns run, so a message is small: optional numbers are 0 where there is none,
    // and a time is its UTC ticks and 1.
    private readonly ImmutableArray<ContentPart> _parts;
    private readonly string? _metadata;
    private readonly string? _tokenCounter;
    private readonly long _runNumber;
    private readonly long _supersededBy;
    private readonly long _createdAt;
    private readonly int _tokenCount;
    private readonly byte _role;
    private readonly byte _kind;

    /// <summary>Initializes a message of several parts.</summary>
    /// <param name="role">The role.</param>
    /// <param name="parts">The parts; at least one. The collection is copied.</param>
    /// <exception cref="ArgumentException"><paramref name="parts"/> is empty or contains <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="role"/> is not a defined value.</exception>
    public ConversationMessage(MessageRole role, params IEnumerable<ContentPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (role is < MessageRole.System or > MessageRole.Tool)
            throw new ArgumentOutOfRangeException(nameof(role));

        _parts = [.. parts];
        if (_parts.IsEmpty)
            throw new ArgumentException("A message must have at least one part.", nameof(parts));

        _role = (byte)role;
        var kind = default(MessageKind);
        foreach (var part in _parts)
        {
            if (part is null)
                throw new ArgumentException("A part is null.", nameof(parts));
            if (Strength(part.Kind) > Strength(kind))
                kind = part.Kind;
        }

        _kind = (byte)kind;
    }

    /// <summary>Initializes a message of one part.</summary>
    /// <param name="role">The role.</param>
    /// <param name="part">The part.</param>
    /// <exception cref="ArgumentNullException"><paramref name="part"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="role"/> is not a defined value.</exception>
    public ConversationMessage(MessageRole role, ContentPart part)
    {
        ArgumentNullException.ThrowIfNull(part);
        if (role is < MessageRole.System or > MessageRole.Tool)
            throw new ArgumentOutOfRangeException(nameof(role));

        _parts = [part];
        _role = (byte)role;
        _kind = (byte)part.Kind;
    }

    /// <summary>Gets the id, which is derived from conversation and position; <see langword="null"/> until the message is stored.</summary>
    public string? Id => ConversationId is null || Position == 0 ? null : ConversationIds.Message(ConversationId, Position);

    /// <summary>Gets the role.</summary>
    public MessageRole Role => (MessageRole)_role;

    /// <summary>Gets the kind of the message: the kind of its strongest part.</summary>
    public MessageKind Kind => (MessageKind)_kind;

    /// <summary>Gets the parts; never empty.</summary>
    public IReadOnlyList<ContentPart> Parts => _parts;

    /// <summary>Gets the text of all text parts, concatenated without a separator; empty if there are none.</summary>
    public string Text => _parts is [TextPart only] ? only.Text : string.Concat(_parts.OfType<TextPart>().Select(part => part.Text));

    /// <summary>Gets the id of the conversation; <see langword="null"/> until the message is stored.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Gets the position in the conversation: 1, 2, 3 …; 0 until the message is stored. Messages are ordered by position, never by time.</summary>
    public long Position { get; init; }

    /// <summary>Gets the number of the run that wrote the message; <see langword="null"/> if it was imported or not stored.</summary>
    public long? RunNumber
    {
        get => _runNumber == 0 ? null : _runNumber;
        init => _runNumber = value ?? 0;
    }

    /// <summary>Gets the id of the run that wrote the message; <see langword="null"/> if it was imported or not stored.</summary>
    public string? RunId => ConversationId is null || RunNumber is not { } run ? null : ConversationIds.Run(ConversationId, run);

    /// <summary>Gets the time of the message (UTC); <see langword="null"/> until it is added to a turn. An imported message keeps its time.</summary>
    public DateTimeOffset? CreatedAt
    {
        get => _createdAt == 0 ? null : new DateTimeOffset(_createdAt - 1, TimeSpan.Zero);
        init => _createdAt = value is { } time ? time.UtcTicks + 1 : 0;
    }

    /// <summary>Gets whether the turn of the message failed, was cancelled or interrupted, so that the message may be incomplete.</summary>
    public bool IsPartial { get; init; }

    /// <summary>Gets the number of the run that superseded the message, by regeneration or restoration; <see langword="null"/> while the message is current.
    /// A superseded message remains readable and is not shown in prompts.</summary>
    public long? SupersededBy
    {
        get => _supersededBy == 0 ? null : _supersededBy;
        init => _supersededBy = value ?? 0;
    }

    /// <summary>Gets whether the output of another run replaced the message.</summary>
    public bool IsSuperseded => SupersededBy is not null;

    /// <summary>Gets the metadata of the message as a JSON object, such as an author's name or a provider's id; <see langword="null"/> for none.
    /// The text is stored unchanged, except for leading and trailing white space, and is not counted as tokens. Its maximum depth is 512.</summary>
    /// <exception cref="ArgumentException">The value is not a JSON object.</exception>
    public string? Metadata
    {
        get => _metadata;
        init => _metadata = value is null ? null : JsonObjectText.Of(value, nameof(Metadata));
    }

    /// <summary>Gets the number of tokens, counted when the message was stored; <see langword="null"/> until then. The manager replaces a value that a caller sets.</summary>
    public TokenAmount? Tokens
    {
        get => _tokenCounter is null ? null : new TokenAmount(_tokenCount, _tokenCounter);
        init => (_tokenCount, _tokenCounter) = value is { } tokens ? (tokens.Count, tokens.Counter) : (0, null);
    }

    /// <summary>Returns the conversation id that a message id contains. It does not check whether the message exists or who can access it.</summary>
    /// <param name="messageId">The id.</param>
    /// <returns>The id of the conversation; <see langword="null"/> if the text is not a message id.</returns>
    public static string? ConversationIdOf(string? messageId) =>
        messageId is not null && ConversationIds.TryParseMessage(messageId, out var conversationId, out _) ? conversationId : null;

    /// <summary>Creates a user message.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The message.</returns>
    public static ConversationMessage User(string text) => new(MessageRole.User, new TextPart(text));

    /// <summary>Creates an assistant message.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The message.</returns>
    public static ConversationMessage Assistant(string text) => new(MessageRole.Assistant, new TextPart(text));

    /// <summary>Creates a system message.</summary>
    /// <param name="text">The instruction.</param>
    /// <returns>The message.</returns>
    public static ConversationMessage System(string text) => new(MessageRole.System, new TextPart(text));

    /// <summary>Creates an assistant message with one tool call. For parallel calls, create one message with several <see cref="ToolCallPart"/>s.</summary>
    /// <param name="callId">The provider's id of the call.</param>
    /// <param name="name">The name of the tool.</param>
    /// <param name="arguments">The arguments as the model wrote them.</param>
    /// <returns>The message.</returns>
    public static ConversationMessage ToolCall(string callId, string name, string arguments) =>
        new(MessageRole.Assistant, new ToolCallPart(callId, name, arguments));

    /// <summary>Creates a tool message with one result.</summary>
    /// <param name="callId">The id of the answered call.</param>
    /// <param name="content">The result.</param>
    /// <param name="isError">Whether the tool failed. The content is then its error.</param>
    /// <returns>The message.</returns>
    public static ConversationMessage ToolResult(string callId, string content, bool isError = false) =>
        new(MessageRole.Tool, new ToolResultPart(callId, content) { IsError = isError });

    /// <summary>Creates an error message for people. It is never shown in prompts.</summary>
    /// <param name="message">The error.</param>
    /// <param name="code">The error code.</param>
    /// <returns>The message.</returns>
    public static ConversationMessage Error(string message, string? code = null) =>
        new(MessageRole.Assistant, new ErrorPart(message) { Code = code });

    /// <summary>Returns whether all values and parts of the two messages are equal.</summary>
    /// <param name="other">The other message.</param>
    /// <returns><see langword="true"/> if equal.</returns>
    public bool Equals(ConversationMessage? other) =>
        other is not null
        && Role == other.Role
        && Position == other.Position
        && RunNumber == other.RunNumber
        && IsPartial == other.IsPartial
        && CreatedAt == other.CreatedAt
        && Tokens == other.Tokens
        && SupersededBy == other.SupersededBy
        && string.Equals(Metadata, other.Metadata, StringComparison.Ordinal)
        && string.Equals(ConversationId, other.ConversationId, StringComparison.Ordinal)
        && _parts.SequenceEqual(other._parts);

    /// <summary>Returns a hash code of role, position and parts.</summary>
    /// <returns>The hash code.</returns>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Role);
        hash.Add(Position);
        foreach (var part in _parts)
            hash.Add(part);
        return hash.ToHashCode();
    }

    /// <summary>Returns text that is safe to log: id, role and kind, never content.</summary>
    /// <returns>The id, the role and the kind.</returns>
    public override string ToString() => $"{Id ?? "(new)"} {Role} {Kind}";

    /// <summary>Gets whether this message replaces a stored message that is damaged.</summary>
    internal bool IsDamaged => _parts is [ErrorPart { Code: ConversationErrorCodes.StoreCorrupt }];

    /// <summary>Returns a copy of the message with other parts.</summary>
    internal ConversationMessage WithParts(IEnumerable<ContentPart> parts) => new(Role, parts)
    {
        ConversationId = ConversationId,
        Position = Position,
        RunNumber = RunNumber,
        CreatedAt = CreatedAt,
        IsPartial = IsPartial,
        Metadata = Metadata,
    };

    private static int Strength(MessageKind kind) => kind switch
    {
        MessageKind.Error => 3,
        MessageKind.ToolCall => 2,
        MessageKind.ToolResult => 1,
        _ => 0,
    };
}

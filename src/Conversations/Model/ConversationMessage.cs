using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>A message: a role and parts. It is the input of a request, the output of an agent, or a message of a prompt; <see cref="StoredMessage"/> adds what a message has in a conversation.</summary>
/// <remarks>This type is immutable and thread-safe. Two messages are equal if they have the same type and all their values and parts are equal.</remarks>
[JsonConverter(typeof(MessageJsonConverter))]
public record ConversationMessage
{
    // Windows hold many messages for as long as their turns run, so a message is small: a number is 0 where there is none.

    // One part, as most messages have, or a list of several.
    private readonly object _content;
    private readonly string? _authorName;
    private readonly string? _metadata;
    private readonly string? _tokenCounter;
    private readonly OptionalTime _createdAt;
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

        (_content, _kind) = ContentOf(parts, nameof(parts));
        _role = (byte)role;
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

        _content = part;
        _role = (byte)role;
        _kind = (byte)part.Kind;
    }

    /// <summary>Gets the id of the message; <see langword="null"/> if it is not stored.</summary>
    public virtual string? Id => null;

    /// <summary>Gets the role.</summary>
    public MessageRole Role => (MessageRole)_role;

    /// <summary>Gets the kind of the message: the kind of its strongest part.</summary>
    public MessageKind Kind => (MessageKind)_kind;

    /// <summary>Gets the parts; never empty.</summary>
    public IReadOnlyList<ContentPart> Parts
    {
        get => OnlyPart is { } only ? [only] : (IReadOnlyList<ContentPart>)_content;
        internal init
        {
            (_content, _kind) = ContentOf(value, nameof(value));
            _tokenCounter = null;
        }
    }

    /// <summary>Gets the text of all text parts, concatenated without a separator; empty if there are none.</summary>
    public string Text => _content is TextPart only ? only.Text : string.Concat(Parts.OfType<TextPart>().Select(part => part.Text));

    /// <summary>Gets the time of the message (UTC); <see langword="null"/> until it is added to a turn. An imported message keeps its time.</summary>
    public DateTimeOffset? CreatedAt
    {
        get => _createdAt;
        init => _createdAt = value;
    }

    /// <summary>Gets the name of the author, for people and models; <see langword="null"/> if there is none. A blank name is <see langword="null"/>. The name is stored with the message and counted as tokens.</summary>
    /// <remarks>In a conversation that several callers share (<see cref="PersistenceMode.Shared"/>, or a thread), a user's message of a turn without a name gets the name of its caller: the <c>user_id</c>, or <c>guest</c> and four digits, computed from the identity, for a caller who has none
    /// and whom more than the <c>PartitionBy</c> fields distinguish. Fields such as a session's id are in no name. In the conversation of one identity, only the host names authors.</remarks>
    /// <exception cref="ArgumentException">The value has more than 1,024 characters, which is the most of a user id.</exception>
    public string? AuthorName
    {
        get => _authorName;
        init => _authorName = string.IsNullOrWhiteSpace(value) ? null : WellFormed.Name(value, nameof(AuthorName));
    }

    /// <summary>Gets the metadata of the message as a JSON object, such as a provider's id; <see langword="null"/> for none.
    /// The text is stored unchanged, except for leading and trailing white space, and is not counted as tokens. Its maximum depth is 512.</summary>
    /// <exception cref="ArgumentException">The value is not a JSON object.</exception>
    public string? Metadata
    {
        get => _metadata;
        init => _metadata = value is null ? null : JsonObjectText.Of(value, nameof(Metadata));
    }

    /// <summary>Gets whether the message is output of a turn that failed or was cancelled, so that it may be incomplete.</summary>
    public bool IsPartial { get; internal init; }

    /// <summary>Gets the number of tokens, counted when the message became part of a turn; <see langword="null"/> until then.</summary>
    public TokenAmount? Tokens
    {
        get => _tokenCounter is null ? null : new TokenAmount(_tokenCount, _tokenCounter);
        internal init => (_tokenCount, _tokenCounter) = value is { } tokens ? (tokens.Count, tokens.Counter) : (0, null);
    }

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

    /// <summary>Returns whether the two messages have the same type and all their values and parts are equal.</summary>
    /// <param name="other">The other message.</param>
    /// <returns><see langword="true"/> if equal.</returns>
    public virtual bool Equals(ConversationMessage? other) =>
        other is not null
        && EqualityContract == other.EqualityContract
        && Role == other.Role
        && IsPartial == other.IsPartial
        && CreatedAt == other.CreatedAt
        && Tokens == other.Tokens
        && string.Equals(AuthorName, other.AuthorName, StringComparison.Ordinal)
        && string.Equals(Metadata, other.Metadata, StringComparison.Ordinal)
        && Parts.SequenceEqual(other.Parts);

    /// <summary>Returns a hash code of role and parts.</summary>
    /// <returns>The hash code.</returns>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Role);
        foreach (var part in Parts)
            hash.Add(part);
        return hash.ToHashCode();
    }

    /// <summary>Returns text that is safe to log: role and kind, never content.</summary>
    /// <returns>The role and the kind.</returns>
    public override string ToString() => $"{Role} {Kind}";

    /// <summary>Gets whether this message replaces a stored message that is damaged.</summary>
    internal bool IsDamaged => _content is ErrorPart { Code: ConversationErrorCodes.StoreCorrupt };

    /// <summary>Gets the part of a message that has one; null if it has several.</summary>
    internal ContentPart? OnlyPart => _content as ContentPart;

    /// <summary>Returns role, parts, author and metadata with the given values of those that the library sets.</summary>
    internal ConversationMessage Content(TokenAmount? tokens = null, DateTimeOffset? createdAt = null, bool isPartial = false) =>
        new(this) { CreatedAt = createdAt, IsPartial = isPartial, Tokens = tokens };

    /// <summary>Returns a copy of the parts, without a list if there is one, and the kind of the strongest.</summary>
    private static (object Content, byte Kind) ContentOf(IEnumerable<ContentPart> parts, string parameter)
    {
        if (parts is IReadOnlyList<ContentPart> { Count: 1 } list && list[0] is { } only)
            return (only, (byte)only.Kind);

        ContentPart[] copy = [.. parts];
        if (copy.Length == 0)
            throw new ArgumentException("A message must have at least one part.", parameter);

        var kind = default(MessageKind);
        foreach (var part in copy)
        {
            if (part is null)
                throw new ArgumentException("A part is null.", parameter);
            if (Strength(part.Kind) > Strength(kind))
                kind = part.Kind;
        }

        return (copy.Length == 1 ? copy[0] : Array.AsReadOnly(copy), (byte)kind);
    }

    private static int Strength(MessageKind kind) => kind switch
    {
        MessageKind.Error => 3,
        MessageKind.ToolCall => 2,
        MessageKind.ToolResult => 1,
        _ => 0,
    };
}

using System.Collections.Immutable;

namespace Conversations;

/// <summary>A message: who said what. Once stored it also has a conversation, a position and an id.</summary>
/// <remarks>Immutable, so safe from any thread. Two messages are equal if everything about them is, part by part.</remarks>
public sealed record ConversationMessage
{
    private readonly ImmutableArray<ContentPart> _parts;
    private readonly string? _metadata;

    /// <summary>Makes a message of parts.</summary>
    /// <param name="role">Who speaks.</param>
    /// <param name="parts">What is said; at least one part. The collection is copied.</param>
    /// <exception cref="ArgumentException"><paramref name="parts"/> is empty or holds a <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="role"/> is none of the enumeration.</exception>
    public ConversationMessage(MessageRole role, params IEnumerable<ContentPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (role is < MessageRole.System or > MessageRole.Tool)
            throw new ArgumentOutOfRangeException(nameof(role));

        _parts = [.. parts];
        if (_parts.IsEmpty)
            throw new ArgumentException("A message has at least one part.", nameof(parts));

        Role = role;
        foreach (var part in _parts)
        {
            if (part is null)
                throw new ArgumentException("A part is null.", nameof(parts));
            if (Strength(part.Kind) > Strength(Kind))
                Kind = part.Kind;
        }
    }

    /// <summary>Makes a message of one part, as most are.</summary>
    /// <param name="role">Who speaks.</param>
    /// <param name="part">What is said.</param>
    /// <exception cref="ArgumentNullException"><paramref name="part"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="role"/> is none of the enumeration.</exception>
    public ConversationMessage(MessageRole role, ContentPart part)
    {
        ArgumentNullException.ThrowIfNull(part);
        if (role is < MessageRole.System or > MessageRole.Tool)
            throw new ArgumentOutOfRangeException(nameof(role));

        _parts = [part];
        Role = role;
        Kind = part.Kind;
    }

    /// <summary>The message's id, from its conversation and position; <see langword="null"/> until it has both.</summary>
    public string? Id => ConversationId is null || Position == 0 ? null : ConversationIds.Message(ConversationId, Position);

    /// <summary>Who speaks.</summary>
    public MessageRole Role { get; }

    /// <summary>What the message is: the kind of its strongest part.</summary>
    public MessageKind Kind { get; }

    /// <summary>What is said; never empty.</summary>
    public IReadOnlyList<ContentPart> Parts => _parts;

    /// <summary>The text of all text parts, joined without a separator; empty if there are none.</summary>
    public string Text => _parts is [TextPart only] ? only.Text : string.Concat(_parts.OfType<TextPart>().Select(part => part.Text));

    /// <summary>The conversation it stands in; <see langword="null"/> until stored.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Its place in the conversation: 1, 2, 3 …; 0 until stored. Order is by position, never by time.</summary>
    public long Position { get; init; }

    /// <summary>The number of the run that wrote it; <see langword="null"/> if it was imported or not stored.</summary>
    public long? RunNumber { get; init; }

    /// <summary>The id of the run that wrote it; <see langword="null"/> if it was imported or not stored.</summary>
    public string? RunId => ConversationId is null || RunNumber is not { } run ? null : ConversationIds.Run(ConversationId, run);

    /// <summary>When it was said (UTC); <see langword="null"/> until it is added to a turn. An imported message keeps its time.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Whether it was written by a turn that failed or was cancelled, and so may not be all that was to be said.</summary>
    public bool IsPartial { get; init; }

    /// <summary>The number of the run that superseded it, by answering again or by bringing back what stood here before; <see langword="null"/> while it is current.
    /// A superseded message stays readable, and no prompt shows it.</summary>
    public long? SupersededBy { get; init; }

    /// <summary>Whether another run's answer stands in its place.</summary>
    public bool IsSuperseded => SupersededBy is not null;

    /// <summary>What is kept with the message and is no part of what is said, as a JSON object: an author's name, a provider's own id, what the host knows of it; <see langword="null"/> for nothing.
    /// It comes back to the letter, but for white space around it, and is not counted as tokens. At most 512 levels deep.</summary>
    /// <exception cref="ArgumentException">It is no JSON object.</exception>
    public string? Metadata
    {
        get => _metadata;
        init => _metadata = value is null ? null : JsonObjectText.Of(value, nameof(Metadata));
    }

    /// <summary>What it costs in a prompt, counted when it was stored; <see langword="null"/> until then. Set by the manager; what a caller sets is replaced.</summary>
    public TokenAmount? Tokens { get; init; }

    /// <summary>Tells of which conversation a message is, by its id. Whether there is one with it, and for whom, only a view can tell.</summary>
    /// <param name="messageId">The id.</param>
    /// <returns>The id of the conversation; <see langword="null"/> if the text is not written as the ids of stored messages are.</returns>
    public static string? ConversationIdOf(string? messageId) =>
        messageId is not null && ConversationIds.TryParseMessage(messageId, out var conversationId, out _) ? conversationId : null;

    /// <summary>Makes a user's message.</summary>
    /// <param name="text">What the user says.</param>
    /// <returns>The message.</returns>
    public static ConversationMessage User(string text) => new(MessageRole.User, new TextPart(text));

    /// <summary>Makes a model's message.</summary>
    /// <param name="text">What the model says.</param>
    /// <returns>The message.</returns>
    public static ConversationMessage Assistant(string text) => new(MessageRole.Assistant, new TextPart(text));

    /// <summary>Makes an instruction to the model.</summary>
    /// <param name="text">The instruction.</param>
    /// <returns>The message.</returns>
    public static ConversationMessage System(string text) => new(MessageRole.System, new TextPart(text));

    /// <summary>Makes a model's message that calls one tool. For parallel calls, give one message several <see cref="ToolCallPart"/>s.</summary>
    /// <param name="callId">The provider's id of the call.</param>
    /// <param name="name">The name of the tool.</param>
    /// <param name="arguments">The arguments as the model wrote them.</param>
    /// <returns>The message.</returns>
    public static ConversationMessage ToolCall(string callId, string name, string arguments) =>
        new(MessageRole.Assistant, new ToolCallPart(callId, name, arguments));

    /// <summary>Makes a tool's message with one result.</summary>
    /// <param name="callId">The id of the call that is answered.</param>
    /// <param name="content">The answer.</param>
    /// <param name="isError">Whether the tool failed, the content being its error.</param>
    /// <returns>The message.</returns>
    public static ConversationMessage ToolResult(string callId, string content, bool isError = false) =>
        new(MessageRole.Tool, new ToolResultPart(callId, content) { IsError = isError });

    /// <summary>Makes an error for people to see; it never goes to the model.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="code">What went wrong, for programs.</param>
    /// <returns>The message.</returns>
    public static ConversationMessage Error(string message, string? code = null) =>
        new(MessageRole.Assistant, new ErrorPart(message) { Code = code });

    /// <summary>Whether everything about the two is equal, part by part.</summary>
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

    /// <summary>A hash of role, position and parts.</summary>
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

    /// <summary>What is safe to log: id, role and kind, never content.</summary>
    /// <returns>The id, the role and the kind.</returns>
    public override string ToString() => $"{Id ?? "(new)"} {Role} {Kind}";

    /// <summary>Whether what a store has of it cannot be read, and this stands for it.</summary>
    internal bool IsDamaged => _parts is [ErrorPart { Code: ConversationErrorCodes.StoreCorrupt }];

    /// <summary>The same message with other parts.</summary>
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

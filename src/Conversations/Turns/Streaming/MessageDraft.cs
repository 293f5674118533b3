namespace Conversations;

/// <summary>Messages that arrive in pieces. A message ends when the role changes, or when a piece begins another message.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class MessageDraft
{
    private readonly Lock _gate = new();
    private readonly List<Draft> _messages = [];
    private bool _isClosed;

    public int Count
    {
        get
        {
            lock (_gate)
                return _messages.Count;
        }
    }

    /// <summary>Adds a piece.</summary>
    /// <returns>The index of its message, from 0; null if the draft has ended.</returns>
    public int? Add(ConversationMessage fragment, bool startsMessage, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (_isClosed)
                return null;

            if (_messages is not [.., var last] || last.Role != fragment.Role || startsMessage)
                _messages.Add(last = new Draft(fragment.Role, now));
            last.Parts.AddRange(fragment.Parts);
            last.Metadata = fragment.Metadata ?? last.Metadata;
            return _messages.Count - 1;
        }
    }

    /// <summary>Ends the draft. Later pieces are ignored.</summary>
    /// <returns>The messages that have parts.</returns>
    public IReadOnlyList<ConversationMessage> Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            return [.. _messages.Select(message => new ConversationMessage(message.Role, StreamPiece.JoinParts(message.Parts)) { CreatedAt = message.CreatedAt, Metadata = message.Metadata })];
        }
    }

    private sealed class Draft(MessageRole role, DateTimeOffset createdAt)
    {
        public MessageRole Role => role;

        public DateTimeOffset CreatedAt => createdAt;

        public List<ContentPart> Parts { get; } = [];

        /// <summary>The metadata of the last piece that has any.</summary>
        public string? Metadata { get; set; }
    }
}

namespace Conversations;

/// <summary>Messages that arrive in pieces. A message ends when the role changes, or when a piece begins another message.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class MessageDraft(MessageSize sizes)
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
    /// <exception cref="MessageTooLargeException">The message would exceed a limit. The piece is not added.</exception>
    public int? Add(ConversationMessage fragment, bool startsMessage, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (_isClosed)
                return null;

            var isNew = _messages is not [.., { } newest] || newest.Role != fragment.Role || startsMessage;
            var last = isNew ? new Draft(fragment.Role, now) : _messages[^1];
            last.Add(fragment, sizes);
            if (isNew)
                _messages.Add(last);
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
            return [.. _messages.Select(message => new ConversationMessage(message.Role, StreamPiece.JoinParts(message.Parts)) { CreatedAt = message.CreatedAt, AuthorName = message.AuthorName, Metadata = message.Metadata })];
        }
    }

    private sealed class Draft(MessageRole role, DateTimeOffset createdAt)
    {
        private long _bytes;
        private int _joined;
        private ContentPart? _last;

        public MessageRole Role => role;

        public DateTimeOffset CreatedAt => createdAt;

        public List<ContentPart> Parts { get; } = [];

        /// <summary>The author of the last piece that names one.</summary>
        public string? AuthorName { get; private set; }

        /// <summary>The metadata of the last piece that has any.</summary>
        public string? Metadata { get; private set; }

        public void Add(ConversationMessage fragment, MessageSize sizes)
        {
            sizes.CheckMetadata(fragment);
            MessageSize.CheckData(fragment);
            var bytes = _bytes + MessageSize.BytesOf(fragment);
            sizes.CheckBytes(bytes);

            // Pieces of one text are one part.
            var (joined, last) = (_joined, _last);
            foreach (var part in fragment.Parts)
            {
                var both = last?.Joined(part);
                joined += both is null ? 1 : 0;
                last = both ?? part;
            }

            sizes.CheckParts(joined);
            (_bytes, _joined, _last) = (bytes, joined, last);
            Parts.AddRange(fragment.Parts);
            AuthorName = fragment.AuthorName ?? AuthorName;
            Metadata = fragment.Metadata ?? Metadata;
        }
    }
}

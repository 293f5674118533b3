using Conversations.Storage;

namespace Conversations;

/// <summary>Messages that come in pieces. A message ends where the role changes, or where a piece says that it begins another.</summary>
/// <remarks>Safe from any thread.</remarks>
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
    /// <returns>Which message it is part of, counted from 0; null if it comes too late.</returns>
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

    /// <summary>Ends the draft, so that pieces that are still to come are left out.</summary>
    /// <returns>The messages, none without a part.</returns>
    public IReadOnlyList<ConversationMessage> Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            return [.. _messages.Select(message => new ConversationMessage(message.Role, StreamSegment.JoinParts(message.Parts)) { CreatedAt = message.CreatedAt, Metadata = message.Metadata })];
        }
    }

    private sealed class Draft(MessageRole role, DateTimeOffset createdAt)
    {
        public MessageRole Role => role;

        public DateTimeOffset CreatedAt => createdAt;

        public List<ContentPart> Parts { get; } = [];

        /// <summary>The last that came with a piece.</summary>
        public string? Metadata { get; set; }
    }
}

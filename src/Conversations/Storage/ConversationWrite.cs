namespace Conversations.Storage;

/// <summary>The write of one conversation in a batch. The store applies the members in the order in which they are listed here.</summary>
public sealed record ConversationWrite
{
    /// <summary>Gets the conversation as it is to be, open run included. Its <see cref="StoredConversation.Version"/> is the one that was read, and the condition of the write;
    /// 0 for a new conversation, whose id must not exist.</summary>
    public required StoredConversation Conversation { get; init; }

    /// <summary>Gets the token that the open run must have in the store: a condition beside the version, for writes of the holder of a lease. <see langword="null"/> for none.</summary>
    /// <remarks>A database that has lost its last writes, as after a failover, can give a version twice. The token refuses the holder whose turn was among these writes.</remarks>
    public long? ExpectedToken { get; init; }

    /// <summary>Gets the positions of messages to delete. A position without a message is skipped.</summary>
    public IReadOnlyList<long> DeletedMessages { get; init; } = [];

    /// <summary>Gets new token counts of stored messages. A position without a message is skipped.</summary>
    public IReadOnlyList<TokenRecount> Recounts { get; init; } = [];

    /// <summary>Gets changes of which run superseded stored messages, applied in order.</summary>
    public IReadOnlyList<SupersededChange> Superseded { get; init; } = [];

    /// <summary>Gets the position from which on summaries are removed: those that end there or later. <see langword="null"/> to remove none.</summary>
    public long? DropSummariesFrom { get; init; }

    /// <summary>Gets the numbers of runs whose segments are removed. A store without <see cref="IConversationStreamStore"/> ignores it.</summary>
    public IReadOnlyList<long> DroppedSegments { get; init; } = [];

    /// <summary>Gets closed runs to insert, or to replace by their number. A key that a run no longer has is free.</summary>
    public IReadOnlyList<StoredRun> Runs { get; init; } = [];

    /// <summary>Gets messages to insert, with conversation, position, run and time. Their positions must be above every position that was used [4.2].</summary>
    public IReadOnlyList<StoredMessage> Messages { get; init; } = [];

    /// <summary>Gets the data that are kept beside <see cref="Messages"/>, each once for a message: all that its <see cref="DataPart"/>s without bytes name [15]. Empty for a store without <see cref="IConversationDataStore"/>.</summary>
    public IReadOnlyList<MessageData> Data { get; init; } = [];

    /// <summary>Gets changes of the feedback on messages, applied in order [16]. Empty for a store without <see cref="IConversationFeedbackStore"/>.</summary>
    public IReadOnlyList<FeedbackChange> Feedback { get; init; } = [];

    /// <summary>Gets a summary to insert; <see langword="null"/> for none.</summary>
    public ConversationSummary? Summary { get; init; }
}

/// <summary>A new token count of a stored message.</summary>
public sealed record TokenRecount
{
    /// <summary>Creates a count.</summary>
    /// <param name="position">The position of the message.</param>
    /// <param name="tokens">The count.</param>
    public TokenRecount(long position, TokenAmount tokens)
    {
        Position = position;
        Tokens = tokens;
    }

    /// <summary>Gets the position of the message.</summary>
    public long Position { get; init; }

    /// <summary>Gets the count.</summary>
    public TokenAmount Tokens { get; init; }
}

/// <summary>A change of <see cref="StoredMessage.SupersededBy"/>.</summary>
public sealed record SupersededChange
{
    /// <summary>Creates a change.</summary>
    /// <param name="from">The position of the first message that may change.</param>
    /// <param name="through">The position of the last message that may change.</param>
    /// <param name="expected">The value that a message must have to change; <see langword="null"/> for current messages.</param>
    /// <param name="value">The new value; <see langword="null"/> to make messages current.</param>
    public SupersededChange(long from, long through, long? expected, long? value)
    {
        From = from;
        Through = through;
        Expected = expected;
        Value = value;
    }

    /// <summary>Gets the position of the first message that may change.</summary>
    public long From { get; init; }

    /// <summary>Gets the position of the last message that may change.</summary>
    public long Through { get; init; }

    /// <summary>Gets the value that a message must have to change; <see langword="null"/> for current messages.</summary>
    public long? Expected { get; init; }

    /// <summary>Gets the new value; <see langword="null"/> to make messages current.</summary>
    public long? Value { get; init; }
}

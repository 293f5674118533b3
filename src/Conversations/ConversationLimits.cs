namespace Conversations;

/// <summary>The limits on sizes and numbers that callers can otherwise choose. What exceeds a limit is refused before anything is written, and before it is counted in tokens.</summary>
/// <remarks>
/// <para>They are read once, when the <see cref="ConversationManager"/> is created. Names, keys and ids have at most 1,024 characters, and titles at most 1,000; these limits are fixed.</para>
/// <para>This type is not thread-safe.</para>
/// </remarks>
public sealed class ConversationLimits
{
    private const int MostBytes = 1 << 30;
    private const int Most = 1_000_000;

    /// <summary>Gets or sets the maximum size of a message, and of all messages of a request's input together: the UTF-8 bytes of all texts, arguments, results, JSON and metadata of their parts. The default is 16 MiB; it must be from 1 KiB to 1 GiB.</summary>
    public int MaxMessageBytes { get; set; } = 16 << 20;

    /// <summary>Gets or sets the maximum number of parts of a message, and of all messages of a request's input together. The default is 1,000; it must be from 1 to a million.</summary>
    public int MaxMessageParts { get; set; } = 1_000;

    /// <summary>Gets or sets the maximum size of the metadata of a message, and of each part, in UTF-8 bytes. The default is 256 KiB; it must be from 1 to 1 GiB.</summary>
    public int MaxMetadataBytes { get; set; } = 256 << 10;

    /// <summary>Gets or sets the maximum size of the metadata of a conversation (<see cref="Conversation.Metadata"/>), in UTF-8 bytes. The default is 8 KiB; it must be from 1 byte to 1 MiB. Every turn reads and writes the metadata of its conversation, and lists contain it.</summary>
    public int MaxConversationMetadataBytes { get; set; } = 8 << 10;

    /// <summary>Gets or sets the size at which a page of messages ends, even if it has fewer messages than its page size. The default is 16 MiB; it must be from 1 KiB to 1 GiB. A page has at least one message.</summary>
    public int MaxPageBytes { get; set; } = 16 << 20;

    /// <summary>Gets or sets the maximum number of turns of this process that wait for one conversation (<see cref="BusyPolicy.Wait"/>). A further turn is refused as if it did not wait. The default is 100; it must be from 1 to a million.</summary>
    public int MaxWaitingTurns { get; set; } = 100;

    /// <summary>Gets or sets the maximum number of summaries that are created at once; the others wait. The default is 4; it must be from 1 to a million.</summary>
    public int MaxConcurrentSummaries { get; set; } = 4;

    internal ConversationLimits Copy() => (ConversationLimits)MemberwiseClone();

    /// <summary>Returns the validation errors; empty if the limits are valid.</summary>
    internal IEnumerable<string> Validate()
    {
        (string Name, int Value, int Least, int Greatest)[] limits =
        [
            (nameof(MaxMessageBytes), MaxMessageBytes, 1 << 10, MostBytes),
            (nameof(MaxMessageParts), MaxMessageParts, 1, Most),
            (nameof(MaxMetadataBytes), MaxMetadataBytes, 1, MostBytes),
            (nameof(MaxConversationMetadataBytes), MaxConversationMetadataBytes, 1, 1 << 20),
            (nameof(MaxPageBytes), MaxPageBytes, 1 << 10, MostBytes),
            (nameof(MaxWaitingTurns), MaxWaitingTurns, 1, Most),
            (nameof(MaxConcurrentSummaries), MaxConcurrentSummaries, 1, Most),
        ];
        return limits.Where(limit => limit.Value < limit.Least || limit.Value > limit.Greatest).Select(limit => FormattableString.Invariant($"Limits.{limit.Name} is not from {limit.Least} to {limit.Greatest}."));
    }
}

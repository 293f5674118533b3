namespace Conversations;

/// <summary>What the beginning of a turn depends on beyond the state that one load returns. It is read between load and write, and the versions that the write names guarantee that it still holds.</summary>
internal sealed record BeginFacts
{
    /// <summary>Nothing but the state is needed, as for most turns.</summary>
    public static BeginFacts None { get; } = new();

    /// <summary>The streamed output of the target's open run, as messages.</summary>
    public IReadOnlyList<StoredMessage> Draft { get; init; } = [];

    /// <summary>The streamed output of the keyed conversation's open run, as messages.</summary>
    public IReadOnlyList<StoredMessage> KeyedDraft { get; init; } = [];

    /// <summary>The last run after the keyed one that answered the same input; null if none did.</summary>
    public ConversationRun? AnsweredSince { get; init; }

    /// <summary>Whether a message of the keyed run's input is superseded.</summary>
    public bool IsKeyedInputSuperseded { get; init; }

    /// <summary>Whether the message that the keyed run replaces, if it replaces one, exists and is current.</summary>
    public bool IsKeyedReplacedCurrent { get; init; } = true;

    /// <summary>What follows the last message that the caller knows; null if nothing can.</summary>
    public LaterMessages? Later { get; init; }

    /// <summary>Whether every message to answer again, or to replace, exists and is current.</summary>
    public bool AreNamedCurrent { get; init; } = true;

    /// <summary>The end of the target's history, from the beginning of its last exchange on; needed only if the input has tool results or responses to approvals.</summary>
    public IReadOnlyList<StoredMessage> LastExchange { get; init; } = [];
}

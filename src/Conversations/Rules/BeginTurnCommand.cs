using Conversations.Storage;

namespace Conversations;

/// <summary>A request to begin a turn. Its target is either <see cref="Scope"/> (its current conversation, or a new one) or <see cref="ConversationId"/>.</summary>
internal sealed record BeginTurnCommand
{
    /// <summary>What the caller can reach. It applies to <see cref="ConversationId"/>.</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>The agent. A conversation of another agent is not found.</summary>
    public required string Agent { get; init; }

    public ConversationScope? Scope { get; init; }

    public string? ConversationId { get; init; }

    /// <summary>Whether to begin a new conversation of <see cref="Scope"/> even if it has an active one. It becomes the current one.</summary>
    public bool StartNew { get; init; }

    /// <summary>The id of the conversation if one is created. Never used before.</summary>
    public required string NewConversationId { get; init; }

    /// <summary>The messages of which the conversation gets a title if it has none.</summary>
    public IReadOnlyList<ConversationMessage> TitleFrom { get; init; } = [];

    /// <summary>The metadata of the conversation if one is created; null for none.</summary>
    public string? Metadata { get; init; }

    /// <summary>The messages of the conversation that are answered again; <see cref="Input"/> is empty then. Null for a turn with new input.</summary>
    public MessageSpan? InputAgain { get; init; }

    /// <summary>The position of the message that the input replaces, with everything after it; null for none.</summary>
    public long? ReplacedPosition { get; init; }

    /// <summary>The last message that the caller knows, which other answers must not follow; null if any may.</summary>
    public KnownMessage? After { get; init; }

    /// <summary>Whether the input replaces what follows <see cref="After"/>, and is not refused then.</summary>
    public bool ReplacesLater { get; init; }

    /// <summary>Whether the turn has no output and only supersedes or restores messages, for which the conversation need not be active.</summary>
    public bool OnlyChanges { get; init; }

    /// <summary>The run whose superseding the turn undoes, so that input that it superseded counts as current; null for none.</summary>
    public long? Restores { get; init; }

    /// <summary>The messages to append as input, with their times; at least one, unless <see cref="InputAgain"/> is set.</summary>
    public required IReadOnlyList<ConversationMessage> Input { get; init; }

    /// <summary>The author of input that is appended to a shared conversation and has none; null for none.</summary>
    public Speaker? Speaker { get; init; }

    /// <summary>The caller; empty for a caller without identity.</summary>
    public required string Caller { get; init; }

    public string? IdempotencyKey { get; init; }

    /// <summary>A digest of target and input, without metadata; set if <see cref="IdempotencyKey"/> is. Equal digests are equal requests.</summary>
    public string? Fingerprint { get; init; }

    public required TimeSpan LeaseDuration { get; init; }

    /// <summary>The random number of the lease.</summary>
    public required long Token { get; init; }

    public InterruptedOutput OnInterruption { get; init; }

    public TimeSpan SegmentRetention { get; init; }

    /// <summary>How much of the window is loaded together with the state; null for nothing.</summary>
    public WindowSize? Window { get; init; }

    /// <summary>Whether the newest summary is loaded together with the window.</summary>
    public bool WithSummary { get; init; }

    /// <summary>What the turn can reach.</summary>
    public ConversationAccess Reach => Scope is null ? Access : ConversationAccess.Host(Scope.Project);

    /// <summary>The existing messages that the request names, all of which must be current; null for none.</summary>
    public MessageSpan? Named => ReplacedPosition is { } replaced ? new MessageSpan(replaced, 1) : InputAgain;

    /// <summary>Whether the input contains tool results or responses, which must answer open calls and requests.</summary>
    public bool HasResults
    {
        get
        {
            for (var i = 0; i < Input.Count; i++)
            {
                if (Input[i].Kind == MessageKind.ToolResult)
                    return true;
            }

            return false;
        }
    }

    public override string ToString() => $"{Agent} {ConversationId ?? Scope?.SessionId}";
}

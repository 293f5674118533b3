using Conversations.Storage;

namespace Conversations;

/// <summary>A request to create a conversation.</summary>
internal sealed record CreateConversationCommand
{
    /// <summary>The id. Never used before.</summary>
    public required string ConversationId { get; init; }

    public required ConversationScope Scope { get; init; }

    /// <summary>What becomes of the scope's current conversation.</summary>
    public CurrentConversationRule Current { get; init; }

    public string? Title { get; init; }

    public string? Metadata { get; init; }

    /// <summary>Messages of the past, at positions from 1 on, with their times; may be empty. They belong to no run.</summary>
    public IReadOnlyList<ConversationMessage> Messages { get; init; } = [];

    /// <summary>The id of the message up to which the messages are copies; null if they are not copies.</summary>
    public string? ForkedFrom { get; init; }

    /// <summary>When the conversation began; null for now.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    public override string ToString() => $"{ConversationId} {Scope}";
}

/// <summary>Specifies what becomes of a scope's current conversation when another is created.</summary>
internal enum CurrentConversationRule
{
    /// <summary>The new one becomes the current one; the old one stays active.</summary>
    Replace,

    /// <summary>The new one becomes the current one; the old one is ended.</summary>
    End,

    /// <summary>The new one becomes the current one only if the scope has no active one.</summary>
    Keep,
}

/// <summary>A change of a conversation; a member that is null leaves its value.</summary>
internal sealed record ConversationChange
{
    public string? Title { get; init; }

    public MetadataChange? Metadata { get; init; }

    public ConversationStatus? Status { get; init; }

    public override string ToString() => Status?.ToString() ?? "";
}

/// <summary>New metadata.</summary>
/// <param name="Value">The JSON object; null to remove it.</param>
internal sealed record MetadataChange(string? Value)
{
    public override string ToString() => "";
}

/// <summary>A request to record an answer of a summarizer, and to save its summary.</summary>
internal sealed record SaveSummaryCommand
{
    public required string ConversationId { get; init; }

    public required ConversationAccess Access { get; init; }

    /// <summary>The summary from which this one was made; null if none.</summary>
    public required ConversationSummary? Base { get; init; }

    /// <summary>The <see cref="StoredConversation.HistoryRevision"/> at which the messages were read.</summary>
    public required long HistoryRevision { get; init; }

    /// <summary>The position of the last message that it covers.</summary>
    public required long Through { get; init; }

    /// <summary>The number of messages after the base up to <see cref="Through"/>.</summary>
    public required int MessageCount { get; init; }

    /// <summary>The text; not blank. Null if the summary was refused: then only the run is written.</summary>
    public string? Text { get; init; }

    public TokenAmount? Tokens { get; init; }

    /// <summary>The caller of the turn after which the summary was made; null for a caller without identity.</summary>
    public string? Caller { get; init; }

    /// <summary>When the conversation was loaded whose messages are summarized.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    public string? Model { get; init; }

    public TokenUsage? Usage { get; init; }

    public decimal? Cost { get; init; }

    public override string ToString() => $"{ConversationId} {Through}";
}

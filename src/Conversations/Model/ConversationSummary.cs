namespace Conversations;

/// <summary>What stands for the beginning of a conversation where a model sees it. The messages that it covers stay where they are.</summary>
/// <remarks>Immutable, so safe from any thread.</remarks>
public sealed record ConversationSummary
{
    /// <summary>The conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>The position of the last message that it covers; it covers all before it, too.</summary>
    public required long Through { get; init; }

    /// <summary>How many messages it covers. With <see cref="Through"/> it tells one summary from every other that ever stood there: what it covers is only deleted.</summary>
    public required long MessageCount { get; init; }

    /// <summary>What it says; never blank.</summary>
    public required string Text { get; init; }

    /// <summary>What it costs in a prompt; <see langword="null"/> if it was not counted.</summary>
    public TokenAmount? Tokens { get; init; }

    /// <summary>When it was saved (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What is safe to log: the conversation and what is covered, no content.</summary>
    /// <returns>The conversation's id and the last position.</returns>
    public override string ToString() => $"{ConversationId} 1-{Through}";
}

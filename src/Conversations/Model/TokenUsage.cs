namespace Conversations;

/// <summary>The tokens that a run used, as the provider counted them.</summary>
public sealed record TokenUsage
{
    /// <summary>Tokens read by the model, cached ones included.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens written by the model.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Those of <see cref="InputTokens"/> that came from the provider's cache.</summary>
    public long CachedInputTokens { get; init; }
}

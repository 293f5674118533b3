namespace Conversations;

/// <summary>The tokens that a run used, as the provider counted them.</summary>
public sealed record TokenUsage
{
    /// <summary>Gets the number of input tokens, including cached ones.</summary>
    public long InputTokens { get; init; }

    /// <summary>Gets the number of output tokens.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Gets the number of <see cref="InputTokens"/> that came from the provider's cache.</summary>
    public long CachedInputTokens { get; init; }
}

namespace Conversations;

/// <summary>The tokens that a run used, as the provider counted them.</summary>
/// <remarks>Providers report differently what a cache read and wrote: within the input, or beside it. Here it is always within: <see cref="InputTokens"/> is all of the input.</remarks>
public sealed record TokenUsage
{
    /// <summary>Gets the number of input tokens, including those that the provider's cache read and wrote.</summary>
    public long InputTokens { get; init; }

    /// <summary>Gets the number of output tokens, including those of reasoning.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Gets the number of <see cref="InputTokens"/> that came from the provider's cache.</summary>
    public long CachedInputTokens { get; init; }

    /// <summary>Gets the number of <see cref="InputTokens"/> that were written to the provider's cache, for providers that charge for it.</summary>
    public long CacheWriteInputTokens { get; init; }

    /// <summary>Gets the number of <see cref="OutputTokens"/> that the model used for reasoning.</summary>
    public long ReasoningTokens { get; init; }

    /// <summary>Adds other tokens.</summary>
    /// <param name="other">The other tokens.</param>
    /// <returns>The sums.</returns>
    /// <exception cref="OverflowException">A sum exceeds the range of its type.</exception>
    public TokenUsage Plus(TokenUsage other)
    {
        ArgumentNullException.ThrowIfNull(other);
        checked
        {
            return new TokenUsage
            {
                InputTokens = InputTokens + other.InputTokens,
                OutputTokens = OutputTokens + other.OutputTokens,
                CachedInputTokens = CachedInputTokens + other.CachedInputTokens,
                CacheWriteInputTokens = CacheWriteInputTokens + other.CacheWriteInputTokens,
                ReasoningTokens = ReasoningTokens + other.ReasoningTokens,
            };
        }
    }
}

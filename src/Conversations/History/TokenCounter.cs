namespace Conversations;

/// <summary>Provides token counters without a vocabulary: an estimate, and counters of the host.</summary>
public static class TokenCounter
{
    /// <summary>Gets the default counter: an estimate of <c>o200k_base</c> by pairs of letters and the classes of characters, without a vocabulary or an allocation.</summary>
    /// <remarks>It overestimates, so that prompts stay within their limit. A paragraph of any of forty languages, and of JSON, code, tables, logs, base64 and other formats, was never
    /// estimated below its exact count: English 25 per cent above it, Spanish and French 40, Russian 23, Chinese 10, most others 5 to 35, at most 50 (Swahili). Parts of these
    /// paragraphs of 40 words and more were below it once in 120 times, by up to 10 per cent. For recorded conversations the totals were 10 to 13 per cent above the exact ones for English talk,
    /// 13 to 24 for JSON, 22 for code and 16 to 19 for Chinese. A short text may be off by more. The name changes whenever a count does.</remarks>
    public static ITokenCounter Estimate { get; } = new EstimatedTokenCounter();

    /// <summary>Creates a counter from a function, such as a method of another tokenizer library.</summary>
    /// <param name="name">A name that identifies everything that affects a count. See <see cref="ITokenCounter.Name"/>.</param>
    /// <param name="count">Counts the tokens of a text; it must be thread-safe and never return less than 0.</param>
    /// <remarks>A negative count throws an <see cref="InvalidOperationException"/> that names the counter.</remarks>
    /// <exception cref="ArgumentException">The name is blank, contains NUL or is not well-formed UTF-16.</exception>
    public static ITokenCounter Create(string name, Func<string, int> count)
    {
        ArgumentNullException.ThrowIfNull(count);
        return new DelegatedTokenCounter(WellFormed.Key(name, nameof(name)), count);
    }

    /// <summary>Creates a counter that counts texts like another one, and pictures, audio, video and files by a function, such as the rules of one provider.</summary>
    /// <param name="counter">The counter of texts.</param>
    /// <param name="name">A name that identifies everything that affects a count, also those of texts. See <see cref="ITokenCounter.Name"/>.</param>
    /// <param name="countMedia">Estimates the tokens; it must be thread-safe and never return less than 0.</param>
    /// <returns>The counter.</returns>
    /// <exception cref="ArgumentException">The name is blank, contains NUL or is not well-formed UTF-16.</exception>
    public static ITokenCounter WithMedia(ITokenCounter counter, string name, Func<MediaInfo, int> countMedia)
    {
        ArgumentNullException.ThrowIfNull(counter);
        ArgumentNullException.ThrowIfNull(countMedia);
        return new MediaTokenCounter(counter, WellFormed.Key(name, nameof(name)), countMedia);
    }
}

namespace Conversations;

/// <summary>Counts the tokens of texts and media. Implementations must be thread-safe.</summary>
public interface ITokenCounter
{
    /// <summary>Gets a name that identifies everything that affects a count, such as <c>o200k_base</c> or <c>estimate/2</c>: it is stored with each count, and counts of different
    /// names are never added. Not blank.</summary>
    string Name { get; }

    /// <summary>Counts the tokens of a text; 0 if it is empty. The count must not be negative. Ill-formed UTF-16 counts as U+FFFD.</summary>
    int Count(ReadOnlySpan<char> text);

    /// <summary>Counts the tokens of a text as <see cref="Count(ReadOnlySpan{char})"/> does, and may stop above a limit: a result above it means only that the count is above it, too.</summary>
    /// <param name="text">The text.</param>
    /// <param name="limit">The limit; not negative.</param>
    /// <returns>The default counts all of it.</returns>
    int Count(ReadOnlySpan<char> text, int limit) => Count(text);

    /// <summary>Estimates the tokens of a picture, audio, video or a file. The count must not be negative. A text file whose text is at hand is counted as text instead.</summary>
    /// <param name="media">What is known of it.</param>
    /// <returns>The default is <see cref="MediaInfo.DefaultTokens"/>. <see cref="TokenCounter.WithMedia"/> changes it for an existing counter.</returns>
    int CountMedia(MediaInfo media)
    {
        ArgumentNullException.ThrowIfNull(media);
        return media.DefaultTokens;
    }
}

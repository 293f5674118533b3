namespace Conversations;

/// <summary>Counts texts like another counter, and media by a function of the host.</summary>
internal sealed class MediaTokenCounter(ITokenCounter texts, string name, Func<MediaInfo, int> countMedia) : ITokenCounter
{
    public string Name { get; } = name;

    public int Count(ReadOnlySpan<char> text) => texts.Count(text);

    public int Count(ReadOnlySpan<char> text, int limit) => texts.Count(text, limit);

    public int CountMedia(MediaInfo media) => countMedia(media);
}

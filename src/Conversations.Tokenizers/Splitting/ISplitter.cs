namespace Conversations;

/// <summary>Splits a text into the pieces that are encoded each by itself: the regular expression of an encoding, by hand.</summary>
/// <remarks>An instance is never made; a struct, so that the counter is compiled for it.</remarks>
internal interface ISplitter
{
    /// <summary>Where the piece ends that begins at <paramref name="start"/>, which is within the text.</summary>
    static abstract int End(ReadOnlySpan<char> text, int start, CharClasses classes);
}

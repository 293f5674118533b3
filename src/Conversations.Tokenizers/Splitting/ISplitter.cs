namespace Conversations;

/// <summary>Splits a text into the pieces that are encoded separately: a hand-written form of the regular expression of an encoding.</summary>
/// <remarks>No instance is created. Implementations are structs, so that the counter is compiled for each.</remarks>
internal interface ISplitter
{
    /// <summary>Returns the end of the piece that begins at <paramref name="start"/>, which is within the text.</summary>
    static abstract int End(ReadOnlySpan<char> text, int start, CharClasses classes);
}

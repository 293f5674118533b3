namespace Conversations;

/// <summary>The classes of code points in the expressions of the encodings. Punctuation, symbols, controls and unassigned code points have none.</summary>
[Flags]
internal enum CharClass : byte
{
    /// <summary>None of the others.</summary>
    None = 0,

    /// <summary>Can begin a word in <c>o200k_base</c>: Lu, Lt, Lm, Lo, M.</summary>
    Head = 1,

    /// <summary>Can continue a word in <c>o200k_base</c>: Ll, Lm, Lo, M.</summary>
    Tail = 2,

    /// <summary>A letter: <c>\p{L}</c>.</summary>
    Letter = 4,

    /// <summary>A number: <c>\p{N}</c>.</summary>
    Number = 8,

    /// <summary>White space: <c>\s</c>.</summary>
    Space = 16,

    /// <summary>A carriage return or a line feed, which are white space too.</summary>
    Newline = 32,

    /// <summary>A surrogate: the class is that of its code point.</summary>
    Surrogate = 64,
}

/// <summary>Tests classes.</summary>
internal static class CharClassExtensions
{
    /// <summary>Determines whether a class is at least one of others.</summary>
    public static bool Is(this CharClass value, CharClass any) => (value & any) != CharClass.None;
}

namespace Conversations;

/// <summary>What the expressions of the encodings ask of a code point. None of them: punctuation, a symbol, a control or what is not assigned.</summary>
[Flags]
internal enum CharClass : byte
{
    /// <summary>None of the others.</summary>
    None = 0,

    /// <summary>What a word may begin with in <c>o200k_base</c>: Lu, Lt, Lm, Lo, M.</summary>
    Head = 1,

    /// <summary>What a word may go on with in <c>o200k_base</c>: Ll, Lm, Lo, M.</summary>
    Tail = 2,

    /// <summary>A letter: <c>\p{L}</c>.</summary>
    Letter = 4,

    /// <summary>A number: <c>\p{N}</c>.</summary>
    Number = 8,

    /// <summary>White space: <c>\s</c>.</summary>
    Space = 16,

    /// <summary>A carriage return or a line feed, which are white space, too.</summary>
    Newline = 32,

    /// <summary>Half of a code point: the class is that of the whole.</summary>
    Surrogate = 64,
}

/// <summary>Asks for classes.</summary>
internal static class CharClassExtensions
{
    /// <summary>Whether it is at least one of some classes.</summary>
    public static bool Is(this CharClass value, CharClass any) => (value & any) != CharClass.None;
}

namespace Conversations;

/// <summary>Counts the tokens of a text. Implementations must be thread-safe.</summary>
public interface ITokenCounter
{
    /// <summary>Gets a name that identifies everything that affects a count, such as <c>o200k_base</c> or <c>estimate/2</c>: it is stored with each count, and counts of different
    /// names are never added. Not blank.</summary>
    string Name { get; }

    /// <summary>Counts the tokens of a text; 0 if it is empty. The count must not be negative. Ill-formed UTF-16 counts as U+FFFD.</summary>
    int Count(ReadOnlySpan<char> text);
}

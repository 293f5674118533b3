namespace Conversations;

/// <summary>A way to count the tokens of a text. Thread-safe.</summary>
public interface ITokenCounter
{
    /// <summary>Names everything that changes a count, e.g. <c>o200k_base</c> or <c>estimate/1</c>: it is stored beside each count, and counts of different
    /// names are never added up. Never blank.</summary>
    string Name { get; }

    /// <summary>Counts the tokens of a text; 0 if it is empty, never less. Ill-formed UTF-16 counts as U+FFFD.</summary>
    int Count(ReadOnlySpan<char> text);
}

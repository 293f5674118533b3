using System.Runtime.InteropServices;

namespace Conversations;

/// <summary>A number of tokens by one counter. Amounts of different counters are not comparable.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TokenAmount
{
    /// <summary>Creates an amount.</summary>
    /// <param name="count">The number of tokens; not negative.</param>
    /// <param name="counter">The name of the counter, such as <c>o200k_base</c>.</param>
    public TokenAmount(int count, string counter)
    {
        Count = count;
        Counter = counter;
    }

    /// <summary>Gets the number of tokens; not negative.</summary>
    public int Count { get; init; }

    /// <summary>Gets the name of the counter, such as <c>o200k_base</c>.</summary>
    public string Counter { get; init; }
}

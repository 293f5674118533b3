using System.Runtime.InteropServices;

namespace Conversations;

/// <summary>So many tokens, as one counter counts them. Amounts of different counters are not comparable.</summary>
/// <param name="Count">How many; not negative.</param>
/// <param name="Counter">The name of the counter, such as <c>o200k_base</c>.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TokenAmount(int Count, string Counter);

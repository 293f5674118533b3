using System.Numerics;

namespace Conversations;

/// <summary>Finds the token into which two tokens are merged. Immutable; an open-addressing table, at most half full.</summary>
/// <remarks>A slot contains the left, right and merged token, of 18 bits each. No slot in use is 0: merged tokens follow those of single bytes.</remarks>
internal sealed class MergeTable
{
    /// <summary>No token. It is greater than any token, so that it is never the lowest.</summary>
    public const int None = int.MaxValue;

    private const int TokenBits = 18;
    private const ulong TokenMask = (1 << TokenBits) - 1;
    private const ulong Factor = 0x9E37_79B9_7F4A_7C15;

    private readonly ulong[] _slots;
    private readonly int _shift;

    public MergeTable(TokenList list)
    {
        if (list.Count > 1 << TokenBits)
            throw new InvalidOperationException($"The vocabulary has {list.Count} tokens, which exceeds {TokenBits} bits.");

        _slots = new ulong[BitOperations.RoundUpToPowerOf2(2 * (uint)list.Count)];
        _shift = 64 - BitOperations.Log2((uint)_slots.Length);
        for (var token = TokenList.FirstMerged; token < list.Count; token++)
            Add(Key(list.Left[token], list.Right[token]), token);
    }

    /// <summary>Returns the token into which two are merged, or <see cref="None"/>.</summary>
    public int Find(int left, int right)
    {
        var slots = _slots;
        var key = Key(left, right);
        for (var at = Start(key); ; at++)
        {
            var slot = slots[at & (ulong)(slots.Length - 1)];
            if (slot >> TokenBits == key)
                return slot == 0 ? None : (int)(slot & TokenMask);
            if (slot == 0)
                return None;
        }
    }

    private static ulong Key(int left, int right) => ((ulong)left << TokenBits) | (uint)right;

    private ulong Start(ulong key) => (key * Factor) >> _shift;

    private void Add(ulong key, int merged)
    {
        var at = Start(key);
        while (_slots[at & (ulong)(_slots.Length - 1)] != 0)
            at++;
        _slots[at & (ulong)(_slots.Length - 1)] = (key << TokenBits) | (uint)merged;
    }
}

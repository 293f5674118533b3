using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Conversations;

/// <summary>Determines which byte sequences are tokens. Immutable; an open-addressing table, at most half full.</summary>
/// <remarks>A slot contains a token of up to seven bytes completely, below its length. For a longer token it contains a mark, some bits of the hash, and its place in
/// the bytes of all tokens, with its length. No slot of a token is 0.</remarks>
internal sealed class TokenTable
{
    private const int Inline = 7;
    private const int LengthShift = 56;
    private const int OffsetBits = 24;
    private const ulong Elsewhere = 1UL << 63;
    private const ulong TagMask = 0x7FFF_FFFFUL << 32;
    private const ulong Factor = 0x9E37_79B9_7F4A_7C15;

    private readonly ulong[] _slots;
    private readonly byte[] _bytes;
    private readonly int _shift;
    private readonly int _longest;

    public TokenTable(TokenList list)
    {
        _bytes = list.Bytes;
        _slots = new ulong[BitOperations.RoundUpToPowerOf2(2 * (uint)list.Count)];
        _shift = 64 - BitOperations.Log2((uint)_slots.Length);
        Span<byte> padded = stackalloc byte[byte.MaxValue + sizeof(ulong)];
        for (var token = 0; token < list.Count; token++)
        {
            var bytes = list.BytesOf(token);
            _longest = Math.Max(_longest, bytes.Length);
            bytes.CopyTo(padded);
            Add(padded, bytes.Length, list.Offsets[token]);
        }
    }

    /// <summary>Determines whether the first <paramref name="length"/> bytes of the buffer, which has at least eight bytes, are a token.</summary>
    public bool Contains(ReadOnlySpan<byte> buffer, int length)
    {
        if (length <= Inline)
            return ContainsShort(Key(buffer, length));

        return length <= _longest && ContainsLong(buffer[..length]);
    }

    internal static ulong Hash(ulong key)
    {
        key *= Factor;
        return (key ^ (key >> 32)) * Factor;
    }

    /// <summary>Mixes all bytes, eight at a time; the last eight can overlap the previous ones. Collisions are easy to construct, so the bytes are compared.</summary>
    internal static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = (ulong)bytes.Length;
        for (var at = 0; at + sizeof(ulong) < bytes.Length; at += sizeof(ulong))
            hash = Hash(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]));
        return Hash(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes[^sizeof(ulong)..]));
    }

    private static ulong Key(ReadOnlySpan<byte> buffer, int length) =>
        (BinaryPrimitives.ReadUInt64LittleEndian(buffer) & ((1UL << (8 * length)) - 1)) | ((ulong)length << LengthShift);

    private bool ContainsShort(ulong key)
    {
        var slots = _slots;
        for (var at = Hash(key) >> _shift; ; at++)
        {
            var slot = slots[at & (ulong)(slots.Length - 1)];
            if (slot == key)
                return true;
            if (slot == 0)
                return false;
        }
    }

    private bool ContainsLong(ReadOnlySpan<byte> bytes)
    {
        var slots = _slots;
        var hash = Hash(bytes);
        var tag = Elsewhere | ((hash << 32) & TagMask);
        for (var at = hash >> _shift; ; at++)
        {
            var slot = slots[at & (ulong)(slots.Length - 1)];
            if ((slot & (Elsewhere | TagMask)) == tag && Stored(slot).SequenceEqual(bytes))
                return true;
            if (slot == 0)
                return false;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> Stored(ulong slot) =>
        _bytes.AsSpan((int)(slot & ((1 << OffsetBits) - 1)), (int)(slot >> OffsetBits) & byte.MaxValue);

    private void Add(ReadOnlySpan<byte> padded, int length, int offset)
    {
        var key = Key(padded, Math.Min(length, Inline));
        var hash = length <= Inline ? Hash(key) : Hash(padded[..length]);
        var slot = length <= Inline ? key : Elsewhere | ((hash << 32) & TagMask) | ((ulong)length << OffsetBits) | (uint)offset;
        var at = hash >> _shift;
        while (_slots[at & (ulong)(_slots.Length - 1)] != 0)
            at++;
        _slots[at & (ulong)(_slots.Length - 1)] = slot;
    }
}

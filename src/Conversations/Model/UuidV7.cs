using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Conversations;

/// <summary>Creates ids from the time and random bits. Random bits are requested in batches, because a call of the operating system is a large part of the cost of an id.</summary>
internal static class UuidV7
{
    private const int IdsAtATime = 64;
    private const int BytesOfId = 16;

    [ThreadStatic]
    private static byte[]? _bytes;

    [ThreadStatic]
    private static int _used;

    /// <summary>Returns a new id of version 7 (RFC 9562): 48 bits of milliseconds, the rest random.</summary>
    public static Guid New(DateTimeOffset now)
    {
        Span<byte> id = stackalloc byte[BytesOfId];
        Random(id);

        Span<byte> time = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(time, now.ToUnixTimeMilliseconds());
        time[2..].CopyTo(id);
        id[6] = (byte)((id[6] & 0x0F) | 0x70);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }

    /// <summary>Returns a cryptographically secure random number.</summary>
    public static long NewToken()
    {
        Span<byte> bytes = stackalloc byte[BytesOfId];
        Random(bytes);
        return BinaryPrimitives.ReadInt64BigEndian(bytes);
    }

    private static void Random(Span<byte> bytes)
    {
        var pool = _bytes ??= new byte[IdsAtATime * BytesOfId];
        if (_used == 0)
            RandomNumberGenerator.Fill(pool);

        pool.AsSpan(_used, BytesOfId).CopyTo(bytes);
        _used = (_used + BytesOfId) % pool.Length;
    }
}

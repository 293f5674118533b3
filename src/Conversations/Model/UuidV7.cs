using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Conversations;

/// <summary>Makes ids of time and chance. Chance is fetched for many at once: a turn needs an id that it seldom uses, and a call of the operating system would be a good part of what it costs.</summary>
internal static class UuidV7
{
    private const int IdsAtATime = 64;
    private const int BytesOfId = 16;

    [ThreadStatic]
    private static byte[]? _bytes;

    [ThreadStatic]
    private static int _used;

    /// <summary>A new id of version 7 (RFC 9562): 48 bits of milliseconds, the rest random.</summary>
    public static Guid New(DateTimeOffset now)
    {
        var bytes = _bytes ??= new byte[IdsAtATime * BytesOfId];
        if (_used == 0)
            RandomNumberGenerator.Fill(bytes);

        Span<byte> id = stackalloc byte[BytesOfId];
        bytes.AsSpan(_used, BytesOfId).CopyTo(id);
        _used = (_used + BytesOfId) % bytes.Length;

        Span<byte> time = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(time, now.ToUnixTimeMilliseconds());
        time[2..].CopyTo(id);
        id[6] = (byte)((id[6] & 0x0F) | 0x70);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }
}

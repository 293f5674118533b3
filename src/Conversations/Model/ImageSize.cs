using System.Buffers.Binary;

namespace Conversations;

/// <summary>Reads the size of a picture from its first bytes: PNG, GIF, WebP and JPEG.</summary>
internal static class ImageSize
{
    /// <summary>Returns width and height in pixels; null if the bytes do not state them.</summary>
    public static (int Width, int Height)? Of(ReadOnlySpan<byte> image) =>
        Read(image) is { Width: > 0, Height: > 0 } size ? size : null;

    private static (int Width, int Height)? Read(ReadOnlySpan<byte> image)
    {
        if (image.Length >= 24 && image[0] == 0x89 && image[1..].StartsWith("PNG"u8))
            return (Checked(BinaryPrimitives.ReadUInt32BigEndian(image[16..])), Checked(BinaryPrimitives.ReadUInt32BigEndian(image[20..])));
        if (image.Length >= 10 && image.StartsWith("GIF8"u8))
            return (BinaryPrimitives.ReadUInt16LittleEndian(image[6..]), BinaryPrimitives.ReadUInt16LittleEndian(image[8..]));
        if (image.Length >= 30 && image.StartsWith("RIFF"u8) && image[8..].StartsWith("WEBP"u8))
            return WebP(image[12..]);
        return image.Length >= 4 && image[0] == 0xFF && image[1] == 0xD8 ? Jpeg(image[2..]) : null;
    }

    // The header of a chunk has 8 bytes. The three kinds of the format keep their sizes in different places.
    private static (int Width, int Height)? WebP(ReadOnlySpan<byte> chunk)
    {
        if (chunk.StartsWith("VP8X"u8))
            return (1 + UInt24(chunk[12..]), 1 + UInt24(chunk[15..]));
        if (chunk.StartsWith("VP8 "u8))
            return (BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(chunk[16..]) & 0x3FFF);
        if (!chunk.StartsWith("VP8L"u8))
            return null;

        var bits = BinaryPrimitives.ReadUInt32LittleEndian(chunk[9..]);
        return ((int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1);
    }

    // Segments follow one another. The first that begins a frame has the size.
    private static (int Width, int Height)? Jpeg(ReadOnlySpan<byte> segments)
    {
        while (segments.Length >= 9 && segments[0] == 0xFF)
        {
            var marker = segments[1];
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                return (BinaryPrimitives.ReadUInt16BigEndian(segments[7..]), BinaryPrimitives.ReadUInt16BigEndian(segments[5..]));

            // Fill bytes and markers without a length.
            var length = marker is 0xFF ? 1 : marker is 0x01 or (>= 0xD0 and <= 0xD7) ? 2 : 2 + BinaryPrimitives.ReadUInt16BigEndian(segments[2..]);
            if (length >= segments.Length)
                return null;
            segments = segments[length..];
        }

        return null;
    }

    private static int UInt24(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);

    private static int Checked(uint pixels) => pixels <= int.MaxValue ? (int)pixels : 0;
}

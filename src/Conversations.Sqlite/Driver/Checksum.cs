using System.IO.Hashing;

namespace Conversations.Storage;

/// <summary>The checksum that is stored with a text that can fill pages of its own. SQLite does not notice that such a page has changed.</summary>
/// <remarks>It is part of the format of the file. It protects against damage, not against those who can write to the file.</remarks>
internal static class Checksum
{
    /// <summary>Computes the checksum of a text.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="seed">What it also covers: the values by which the text is found and read.</param>
    public static long Of(ReadOnlySpan<byte> utf8, long seed) => unchecked((long)XxHash3.HashToUInt64(utf8, seed));

    /// <summary>Adds a value to what a checksum also covers.</summary>
    public static long Seed(long seed, long value) => unchecked((seed ^ value) * (long)0x9E37_79B9_7F4A_7C15);
}

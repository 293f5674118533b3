using System.Text;

namespace Conversations;

/// <summary>Checks the metadata that hosts give to conversations.</summary>
internal static class MetadataSize
{
    // No UTF-16 code unit takes more bytes in UTF-8.
    private const int MostBytesOfChar = 3;

    /// <summary>Returns the text if it is null, or within the limit.</summary>
    /// <exception cref="ArgumentException">It is too large; the parameter and the limit are named, the text is not repeated.</exception>
    public static string? Checked(string? metadata, ConversationLimits limits, string parameter)
    {
        var limit = limits.MaxConversationMetadataBytes;
        return metadata is not null && (long)metadata.Length * MostBytesOfChar > limit && Encoding.UTF8.GetByteCount(metadata) is var bytes && bytes > limit
            ? throw new ArgumentException(FormattableString.Invariant($"The metadata has {bytes} bytes and the limit is {limit}. Shorten it, or raise Limits.{nameof(ConversationLimits.MaxConversationMetadataBytes)} of the options."), parameter)
            : metadata;
    }
}

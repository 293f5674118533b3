using System.Text;

namespace Conversations;

/// <summary>What is known of a picture, audio, video or a file without reading all of it, to estimate the tokens that it costs in a prompt.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record MediaInfo
{
    /// <summary>Initializes a description.</summary>
    /// <param name="mediaType">The media type, such as <c>image/png</c>.</param>
    public MediaInfo(string mediaType)
    {
        ArgumentNullException.ThrowIfNull(mediaType);
        MediaType = mediaType;
    }

    /// <summary>Gets the media type, such as <c>image/png</c>.</summary>
    public string MediaType { get; }

    /// <summary>Gets the number of bytes; <see langword="null"/> if it is not known, as for a URI.</summary>
    public int? Size { get; init; }

    /// <summary>Gets the width of a picture in pixels; <see langword="null"/> if it is not known.</summary>
    public int? Width { get; init; }

    /// <summary>Gets the height of a picture in pixels; <see langword="null"/> if it is not known.</summary>
    public int? Height { get; init; }

    /// <summary>Gets the default estimate: for a picture the highest that the published rules of Anthropic (width × height / 750, at most 1,600), OpenAI (85, and 170 for each tile of 512 pixels in high detail)
    /// and Gemini (258) give, and 1,600 if its size is not known; for audio and video 32 and 300 tokens a second, and for other files 3,000 tokens a page, whose seconds and pages are estimated by their bytes.</summary>
    public int DefaultTokens => MediaAllowance.Of(this);

    // A media type is text that a caller sent.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, $"{Size}");
}

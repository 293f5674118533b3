namespace Conversations;

/// <summary>The default estimates of what media cost in a prompt, by the rules that providers publish. They are meant as upper bounds for common pictures, and as orders of magnitude for what only a decoder could measure.</summary>
/// <remarks>An estimate is made when a message is stored, and again when the name of the counter changes.</remarks>
internal static class MediaAllowance
{
    // Anthropic: tokens = width * height / 750. A picture that is longer than 1,568 pixels or costs more than about 1,600 tokens is scaled down.
    private const int MostOfImage = 1_600;
    private const int PixelsPerToken = 750;
    private const double LongestEdge = 1_568;

    // OpenAI, high detail: scaled to fit 2,048 pixels, then to 768 on the shorter edge; 85, and 170 for each tile of 512 pixels.
    private const double LargestSquare = 2_048;
    private const double ShorterEdge = 768;
    private const double Tile = 512;
    private const int OfTile = 170;
    private const int OfTiles = 85;

    // Gemini: 258 for a small picture, 32 for a second of audio, about 300 for a second of video with sound.
    private const int LeastOfImage = 258;
    private const int OfAudioSecond = 32;
    private const int OfVideoSecond = 300;
    private const int UnknownSeconds = 60;

    // Bytes of a second of speech or music (64 kbit/s), of speech as samples (16 kHz, 16 bits), and of a small video (1 Mbit/s).
    private const int CompressedSecond = 8_000;
    private const int SampledSecond = 32_000;
    private const int VideoSecond = 125_000;

    // Anthropic: a page of a PDF costs 1,500 to 3,000 tokens.
    private const int OfPage = 3_000;
    private const int BytesOfPage = 64 * 1024;
    private const int UnknownPages = 10;

    // Fewer than in most texts: it is never too low by much.
    private const int BytesOfTextToken = 3;

    public static int Of(MediaInfo media) => KindOf(media.MediaType) switch
    {
        "image" => OfImage(media.Width, media.Height),
        "audio" => Seconds(media.Size, IsSampled(media.MediaType) ? SampledSecond : CompressedSecond) * OfAudioSecond,
        "video" => Seconds(media.Size, VideoSecond) * OfVideoSecond,
        _ when media.Size is { } size && IsText(media.MediaType) => size / BytesOfTextToken,
        _ => (media.Size is { } size ? 1 + (size / BytesOfPage) : UnknownPages) * OfPage,
    };

    /// <summary>Returns whether a media type is text, which a model reads as such.</summary>
    public static bool IsText(string mediaType)
    {
        var name = mediaType.Split(';')[0].Trim();
        return name.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith("json", StringComparison.OrdinalIgnoreCase) || name.EndsWith("xml", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith("yaml", StringComparison.OrdinalIgnoreCase) || name.EndsWith("javascript", StringComparison.OrdinalIgnoreCase);
    }

    private static int OfImage(int? width, int? height)
    {
        if (width is not { } w || height is not { } h)
            return MostOfImage;

        var area = Fit(w, h, LongestEdge / Math.Max(w, h));
        var (x, y) = Fit(w, h, LargestSquare / Math.Max(w, h));
        (x, y) = Fit(x, y, ShorterEdge / Math.Min(x, y));
        var tiles = OfTiles + (OfTile * Math.Ceiling(x / Tile) * Math.Ceiling(y / Tile));
        return (int)Math.Clamp(Math.Max(tiles, Math.Ceiling(area.Width * area.Height / PixelsPerToken)), LeastOfImage, MostOfImage);
    }

    // A smaller picture is not enlarged.
    private static (double Width, double Height) Fit(double width, double height, double scale) => scale < 1 ? (width * scale, height * scale) : (width, height);

    private static int Seconds(int? size, int bytes) => size is { } known ? 1 + (known / bytes) : UnknownSeconds;

    private static bool IsSampled(string mediaType) =>
        mediaType.Contains("wav", StringComparison.OrdinalIgnoreCase) || mediaType.Contains("pcm", StringComparison.OrdinalIgnoreCase) || mediaType.Contains("/L16", StringComparison.OrdinalIgnoreCase);

    private static string KindOf(string mediaType) => mediaType.Split('/')[0].Trim().ToLowerInvariant();
}

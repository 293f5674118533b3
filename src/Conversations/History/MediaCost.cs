using System.Text;
using System.Text.Json;

namespace Conversations;

/// <summary>What pictures, audio and files cost in a prompt: an estimate by their kind, and never the characters in which they are written.</summary>
internal static class MediaCost
{
    private const string Property = "media_type";

    /// <summary>Counts data. The text of a text file is counted, if it is loaded, up to a limit.</summary>
    public static long Of(ITokenCounter counter, DataPart data, int limit) =>
        data.IsLoaded && MediaAllowance.IsText(data.MediaType)
            ? Checked(counter, counter.Count(Encoding.UTF8.GetString(data.Data.Span), limit))
            : Count(counter, new MediaInfo(data.MediaType) { Size = data.Size, Width = data.Width, Height = data.Height });

    /// <summary>Counts a part that refers to media; null if it does not.</summary>
    public static long? Of(ITokenCounter counter, RawPart raw) =>
        raw.Json.Contains(Property, StringComparison.Ordinal) && JsonObjectText.TryRead(raw.Json, MediaTypeOf) is { } mediaType ? Count(counter, new MediaInfo(mediaType)) : null;

    private static string? MediaTypeOf(JsonElement part) => part.TryGetProperty(Property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int Count(ITokenCounter counter, MediaInfo media) => Checked(counter, counter.CountMedia(media));

    private static int Checked(ITokenCounter counter, int count) =>
        count >= 0 ? count : throw new InvalidOperationException($"Token counter '{counter.Name}' gave a count below 0.");
}

using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>A part that consists of bytes: a picture, audio, video or a file.</summary>
/// <remarks>
/// <para>A store that can keeps the bytes of a part of more than 32 KiB beside the messages, by their hash. A message that is read from it has the part without its bytes, so that
/// pages and windows remain cheap: see <see cref="IsLoaded"/>. <see cref="ConversationTurn.LoadDataAsync"/> loads what a prompt shows, and <see cref="ConversationView.LoadDataAsync"/> what a reader asks for.</para>
/// <para>Two parts are equal if media type, name, metadata and bytes are; the bytes are compared by their hash, so a part equals itself without its bytes.</para>
/// </remarks>
[JsonConverter(typeof(MessageJsonConverter))]
public sealed record DataPart : ContentPart
{
    private const int HashLength = 2 * SHA256.HashSizeInBytes;

    // Computed when it is first needed.
    private string? _hash;

    /// <summary>Initializes a part.</summary>
    /// <param name="mediaType">The media type, such as <c>image/png</c>.</param>
    /// <param name="data">The bytes, which are copied; may be empty.</param>
    /// <param name="name">The name of the file; <see langword="null"/> for none.</param>
    /// <exception cref="ArgumentException"><paramref name="mediaType"/> is not a media type.</exception>
    public DataPart(string mediaType, ReadOnlyMemory<byte> data, string? name = null)
        : this(mediaType, name)
    {
        Bytes = data.ToArray();
        IsLoaded = true;
        Size = Bytes.Length;
        if (IsImage && ImageSize.Of(Bytes.Span) is var (width, height))
            (Width, Height) = (width, height);
    }

    private DataPart(string mediaType, string? name)
    {
        ArgumentNullException.ThrowIfNull(mediaType);
        if (!MediaTypeHeaderValue.TryParse(mediaType, out _))
            throw new ArgumentException("The text is not a media type. Pass one such as image/png.", nameof(mediaType));

        MediaType = mediaType;
        Name = name is null ? null : WellFormed.Content(name, nameof(name));
    }

    /// <summary>Gets the media type, such as <c>image/png</c>.</summary>
    public string MediaType { get; }

    /// <summary>Gets the name of the file; <see langword="null"/> if it has none.</summary>
    public string? Name { get; }

    /// <summary>Gets the number of bytes.</summary>
    public int Size { get; private init; }

    /// <summary>Gets the width of a PNG, JPEG, GIF or WebP picture in pixels, as its first bytes state it; <see langword="null"/> if it is not known.</summary>
    public int? Width { get; private init; }

    /// <summary>Gets the height of a picture in pixels; <see langword="null"/> if <see cref="Width"/> is.</summary>
    public int? Height { get; private init; }

    /// <summary>Gets the SHA-256 hash of the bytes in lower-case hexadecimal digits.</summary>
    public string Hash => _hash ??= Convert.ToHexStringLower(SHA256.HashData(Bytes.Span));

    /// <summary>Gets whether the part has its bytes. A part without them cannot be added to a message that is to be stored; load it first.</summary>
    public bool IsLoaded { get; private init; }

    /// <summary>Gets the bytes.</summary>
    /// <exception cref="InvalidOperationException">They are not loaded.</exception>
    public ReadOnlyMemory<byte> Data => IsLoaded ? Bytes : throw new InvalidOperationException("The bytes of the part are kept beside the message and are not loaded. Call LoadDataAsync of the turn or of the conversations.");

    internal override MessageKind Kind => MessageKind.Message;

    private ReadOnlyMemory<byte> Bytes { get; init; }

    private bool IsImage => MediaType.StartsWith("image/", StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public bool Equals(DataPart? other) =>
        ReferenceEquals(this, other)
        || (other is not null
            && string.Equals(MediaType, other.MediaType, StringComparison.Ordinal)
            && string.Equals(Name, other.Name, StringComparison.Ordinal)
            && string.Equals(Metadata, other.Metadata, StringComparison.Ordinal)
            && Size == other.Size
            && string.Equals(Hash, other.Hash, StringComparison.Ordinal));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(MediaType, Name, Size, Hash);

    /// <summary>Returns a part whose bytes are kept beside its message.</summary>
    /// <exception cref="ArgumentException">A value is none that such a part can have.</exception>
    internal static DataPart Beside(string mediaType, string? name, string hash, int size, int? width, int? height)
    {
        if (hash.Length != HashLength || !hash.All(char.IsAsciiHexDigitLower) || size < 0 || width < 1 || height < 1)
            throw new ArgumentException("The hash or a size is not valid.", nameof(hash));

        return new DataPart(mediaType, name) { _hash = hash, Size = size, Width = width, Height = height };
    }

    /// <summary>Returns the part without its bytes.</summary>
    internal DataPart WithoutData() => IsLoaded ? Beside(MediaType, Name, Hash, Size, Width, Height) with { Metadata = Metadata } : this;

    /// <summary>Returns the part with the bytes of another that has the same hash.</summary>
    internal DataPart WithLoaded(DataPart other) => new(MediaType, Name) { Metadata = Metadata, Bytes = other.Bytes, _hash = Hash, IsLoaded = true, Size = Size, Width = Width, Height = Height };

    /// <summary>Returns the part with its bytes; null if they are not those that the part had.</summary>
    internal DataPart? WithData(ReadOnlyMemory<byte> data) =>
        data.Length == Size && string.Equals(Convert.ToHexStringLower(SHA256.HashData(data.Span)), Hash, StringComparison.Ordinal)
            ? new DataPart(MediaType, Name) { Metadata = Metadata, Bytes = data, _hash = Hash, IsLoaded = true, Size = Size, Width = Width, Height = Height }
            : null;
}

using System.IO.Compression;

namespace Conversations;

/// <summary>The data that the package carries.</summary>
internal static class Resource
{
    /// <summary>Reads a resource that was compressed with Brotli.</summary>
    public static byte[] Read(string name)
    {
        using var compressed = typeof(Resource).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly holds no resource '{name}'.");
        using var content = new BrotliStream(compressed, CompressionMode.Decompress);
        using var whole = new MemoryStream();
        content.CopyTo(whole);
        return whole.ToArray();
    }
}

using System.IO.Compression;

namespace Conversations;

/// <summary>Reads the embedded data of the package.</summary>
internal static class Resource
{
    /// <summary>Reads a resource that is compressed with Brotli.</summary>
    public static byte[] Read(string name)
    {
        using var compressed = typeof(Resource).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly does not contain the resource '{name}'.");
        using var content = new BrotliStream(compressed, CompressionMode.Decompress);
        using var whole = new MemoryStream();
        content.CopyTo(whole);
        return whole.ToArray();
    }
}

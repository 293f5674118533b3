namespace Conversations.CustomStore.Tests;

/// <summary>A file on a disk that a test can fill or break.</summary>
internal sealed class FailingFile(string path) : FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0)
{
    /// <summary>How many bytes a write can have; null for any number.</summary>
    public int? Room { get; set; }

    /// <summary>The error number of a write that exceeds <see cref="Room"/>; 28 is that of a full disk.</summary>
    public int Error { get; set; } = 28;

    /// <summary>Whether it cannot be flushed.</summary>
    public bool IsBroken { get; set; }

    /// <summary>How often it was flushed to disk.</summary>
    public int Flushes { get; private set; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Room is not { } room || buffer.Length <= room)
        {
            base.Write(buffer);
            return;
        }

        base.Write(buffer[..room]);
        throw new IOException("It cannot be written", Error);
    }

    public override void Flush(bool flushToDisk)
    {
        if (IsBroken)
            throw new IOException("Input/output error");
        Flushes += flushToDisk ? 1 : 0;
        base.Flush(flushToDisk);
    }
}

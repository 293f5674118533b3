namespace Conversations.CustomStore.Tests;

/// <summary>A file on a disk that is full or broken when a test says so.</summary>
internal sealed class FailingFile(string path) : FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0)
{
    /// <summary>How many bytes can still be written; null if any number.</summary>
    public int? Room { get; set; }

    /// <summary>What a write fails with that finds no room: the error number; 28 is that of a full disk.</summary>
    public int Error { get; set; } = 28;

    /// <summary>Whether it can neither be cut nor flushed.</summary>
    public bool IsBroken { get; set; }

    /// <summary>How often it was flushed to the disk.</summary>
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

    public override void SetLength(long value)
    {
        if (IsBroken)
            throw new IOException("Input/output error");
        base.SetLength(value);
    }
}

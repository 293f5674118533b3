namespace Conversations.CustomStore.Tests;

/// <summary>A file on a disk that is full or broken when a test says so.</summary>
internal sealed class FailingFile(string path) : FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0)
{
    /// <summary>How many bytes can still be written; null if any number.</summary>
    public int? Room { get; set; }

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
        throw new IOException("No space left on device");
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

namespace Conversations.Storage;

/// <summary>What one write can insert or delete. It takes some milliseconds, so that other writes do not wait long.</summary>
internal sealed class WriteShare
{
    /// <summary>The number of rows.</summary>
    public const int Rows = 500;

    /// <summary>The number of bytes of content.</summary>
    public const int Bytes = 2 * 1024 * 1024;

    private int _rows = Rows;
    private long _bytes = Bytes;

    /// <summary>Takes a row of the share. The row that exhausts it belongs to it, so that each share has at least one.</summary>
    /// <param name="bytes">The size of its content.</param>
    /// <returns><see langword="false"/> if the share is exhausted.</returns>
    public bool TryTake(long bytes)
    {
        if (_rows == 0 || _bytes <= 0)
            return false;

        _rows--;
        _bytes -= bytes;
        return true;
    }
}

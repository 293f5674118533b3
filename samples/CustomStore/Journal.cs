namespace CustomStore;

/// <summary>The file: a header line, then one line for each write. Lines are appended and never changed.</summary>
/// <remarks>A last line without a line break was never completed and is dropped. Any other line that cannot be read is damage. Deleted content remains in the file.</remarks>
internal sealed class Journal(FileStream file, long end) : IDisposable
{
    private static readonly byte[] HeaderStart = "{\"journal\":\"conversations\",\"version\":"u8.ToArray();
    private static readonly byte[] Header = [.. HeaderStart, .. "1}\n"u8];
    private long _end = end;
    public bool IsBroken { get; private set; } // It is unknown what the file contains, until it is reopened [2.6].
    public void Dispose() => file.Dispose();

    /// <summary>Opens the file for one store at a time, readable by its owner alone.</summary>
    public static FileStream OpenFile(string folder)
    {
        Directory.CreateDirectory(folder);
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(Path.Combine(folder, "journal.jsonl"), options);
    }
    public static Journal Open(Func<FileStream> openFile, Action<JournalLine> apply)
    {
        FileStream? file = null;
        try
        {
            file = openFile();
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            var start = bytes.AsSpan().StartsWith(Header) ? Header.Length
                : Header.AsSpan().StartsWith(bytes) ? 0 // A new file, or one whose first line was not completed.
                : throw (bytes.AsSpan().StartsWith(HeaderStart) ? new NotSupportedException() : new JsonException());
            for (int next; (next = Array.IndexOf(bytes, (byte)'\n', start) + 1) > 0; start = next)
                apply(JournalLine.Parse(bytes.AsSpan(start..next)));
            return new Journal(file, start);
        }
        catch (Exception exception)
        {
            file?.Dispose();
            throw exception switch // The exception itself can quote the path or content.
            {
                IOException or UnauthorizedAccessException or OutOfMemoryException => new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "The journal cannot be opened."),
                NotSupportedException => new ConversationStoreException(ConversationErrorCodes.SchemaTooNew, "The journal was written by a newer version."),
                _ => new ConversationStoreException(ConversationErrorCodes.StoreCorrupt, "The journal is damaged, or the file is not a journal."),
            };
        }
    }

    /// <summary>Appends a line. With <paramref name="toDisk"/>, this line and all before it survive the death of the machine [2.5].</summary>
    public void Append(byte[] line, bool toDisk)
    {
        if (_end + line.Length >= Array.MaxLength)
            throw new ConversationStoreException(ConversationErrorCodes.StoreFull, "The journal would become too long to be read into an array.");
        try
        {
            file.SetLength(file.Position = _end); // Removes a line that was not completed.
            file.Write([.. _end == 0 ? Header : [], .. line, (byte)'\n']);
            IsBroken = true; // Unless it can be flushed.
            if (toDisk)
                file.Flush(flushToDisk: true);
            (_end, IsBroken) = (file.Position, false);
        }
        catch (IOException exception)
        {
            var code = IsBroken ? ConversationErrorCodes.CommitOutcomeUnknown
                : (exception.HResult & 0xFFFF) is 27 or 28 or 122 or 39 or 112 ? ConversationErrorCodes.StoreFull // EFBIG, ENOSPC, EDQUOT, and two of Windows
                : ConversationErrorCodes.StoreUnavailable;
            throw new ConversationStoreException(code, $"The journal failed (0x{exception.HResult:X8}).");
        }
    }
}

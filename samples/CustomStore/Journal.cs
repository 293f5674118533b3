using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Conversations;

namespace CustomStore;

/// <summary>The file: a first line that says what it is, then a line for each operation. Only the end is ever written to.</summary>
/// <remarks>
/// <para>Nothing is compacted. That costs disk and time to open, for deleted conversations, old renewals and every earlier form of a row are
/// read again each time; and what was deleted is gone for every reader of the store, but not from the file. Who compacts must keep the number
/// of the last run, or numbers would be given twice.</para>
/// <para>A line without its end is one whose write never returned, so it is dropped. Any other line that cannot be read is damage: it is told,
/// and the file is left alone. Lines have no checksum, so damage that is still a sound line goes unseen.</para>
/// </remarks>
internal sealed class Journal : IDisposable
{
    private static readonly byte[] FirstLine = "{\"journal\":\"conversations\",\"version\":1}\n"u8.ToArray();

    // Text of any language stays readable in the file; a line break is escaped all the same.
    private static readonly JsonTypeInfo<JournalLine> Format =
        new JournalJson(new JsonSerializerOptions(JournalJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).JournalLine;

    private readonly FileStream _file;
    private bool _broken;

    public Journal(FileStream file) => _file = file;

    /// <summary>Opens the file of a folder, for this store alone.</summary>
    public static FileStream OpenFile(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(Path.Combine(folder, "journal.jsonl"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (UnauthorizedAccessException)
        {
            throw new ConversationStoreException(ConversationErrorCodes.StoreReadOnly, "The journal may not be written to.");
        }
        catch (IOException exception)
        {
            // Its message names the path, so it is not passed on.
            throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, $"The journal is in use or out of reach (0x{exception.HResult:X8}).");
        }
    }

    /// <summary>Reads every whole line, and drops what a process that was killed left behind the last one.</summary>
    public void Replay(Action<JournalLine> apply)
    {
        try
        {
            ReplayLines(apply);
        }
        catch (IOException exception)
        {
            throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "The journal cannot be read.", exception);
        }
    }

    /// <summary>Adds a line, or leaves the file as it was.</summary>
    /// <param name="line">The line.</param>
    /// <param name="toDisk">Whether it must survive the death of the machine, and not of the process alone [3.2].</param>
    public void Append(JournalLine line, bool toDisk)
    {
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(line, Format), (byte)'\n'];
        var end = _file.Position;
        // The journal is read in one piece, so it must not outgrow an array.
        if (end + bytes.Length > Array.MaxLength)
            throw new ConversationStoreException(ConversationErrorCodes.StoreFull, "The journal has reached its greatest length.");

        try
        {
            _file.Write(bytes);
        }
        catch (IOException exception)
        {
            FinishOrBreak(() => Truncate(end));
            throw new ConversationStoreException(ConversationErrorCodes.StoreFull, "The journal cannot grow.", exception);
        }

        if (toDisk)
            FinishOrBreak(() => _file.Flush(flushToDisk: true));
    }

    /// <summary>After a failure that left the file's end unknown, only opening it anew tells what it holds; until then nobody is told anything.</summary>
    public void ThrowIfBroken()
    {
        if (_broken)
            throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "The journal failed and must be opened anew.");
    }

    public void Dispose() => _file.Dispose();

    private void ReplayLines(Action<JournalLine> apply)
    {
        var bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        if (FirstLine.AsSpan().StartsWith(bytes) && bytes.Length < FirstLine.Length)
        {
            Truncate(0);
            _file.Write(FirstLine);
            _file.Flush(flushToDisk: true);
            return;
        }

        var end = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        var number = 0;
        foreach (var line in bytes.AsSpan(0, end).Split((byte)'\n'))
        {
            number++;
            if (number == 1 ? !bytes.AsSpan().StartsWith(FirstLine) : line.Start.Value < end && !TryApply(bytes.AsSpan(line), apply))
                throw new ConversationStoreException(ConversationErrorCodes.StoreCorrupt, $"Line {number} of the journal is damaged.");
        }

        if (end < bytes.Length)
            Truncate(end);
    }

    private static bool TryApply(ReadOnlySpan<byte> line, Action<JournalLine> apply)
    {
        try
        {
            apply(JsonSerializer.Deserialize(line, Format)!);
            return true;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Whatever it fails at, the line is damaged. What it says can quote content, so it is not passed on.
            return false;
        }
    }

    private void Truncate(long length)
    {
        _file.SetLength(length);
        _file.Position = length;
    }

    private void FinishOrBreak(Action lastStep)
    {
        try
        {
            lastStep();
        }
        catch (IOException exception)
        {
            _broken = true;
            throw new ConversationStoreException(ConversationErrorCodes.CommitOutcomeUnknown, "It is not known what the journal holds.", exception);
        }
    }
}

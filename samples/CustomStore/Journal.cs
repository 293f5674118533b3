namespace CustomStore;

/// <summary>The file: a first line that says what it is, then a line for each operation. Only the end is ever written to.</summary>
/// <remarks>Nothing is compacted: what was deleted is gone for every reader of the store, but not from the file. A line without its end is one
/// whose write never returned, so it is dropped. Any other line that cannot be read is damage: it is told, and the file is left alone.</remarks>
internal sealed class Journal(FileStream file) : IDisposable
{
    private static readonly byte[] Mark = "{\"journal\":\"conversations\",\"version\":"u8.ToArray();
    private static readonly byte[] FirstLine = [.. Mark, .. "1}\n"u8];
    private static readonly JournalJson Json =
        new(new JsonSerializerOptions(JournalJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Whether a failure left the file's end unknown: only opening it anew tells what it holds.</summary>
    public bool IsBroken { get; private set; }

    public static FileStream OpenFile(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            return new FileStream(Path.Combine(folder, "journal.jsonl"), options);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Its message names the path, so it is not passed on.
            throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, $"The journal cannot be opened (0x{exception.HResult:X8}).");
        }
    }

    /// <summary>Reads the file from its beginning, and closes it if that fails.</summary>
    public static Journal Replay(FileStream file, Action<JournalLine> apply)
    {
        try
        {
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            var start = FirstLine.Length;
            if (bytes.Length < start && FirstLine.AsSpan().StartsWith(bytes))
            {
                file.Write(FirstLine.AsSpan(bytes.Length));
                file.Flush(flushToDisk: true);
                bytes = FirstLine;
            }

            if (!bytes.AsSpan().StartsWith(FirstLine))
                throw bytes.AsSpan().StartsWith(Mark) ? new NotSupportedException() : new JsonException();
            for (int end; (end = Array.IndexOf(bytes, (byte)'\n', start)) >= 0; start = end + 1)
                apply(JsonSerializer.Deserialize(bytes.AsSpan(start..end), Json.JournalLine)!);
            file.SetLength(start);
            return new Journal(file);
        }
        catch (Exception exception)
        {
            file.Dispose();
            // Whatever else it fails at, a line is damaged. What it says can quote content, so it is not passed on.
            throw exception switch
            {
                IOException or OutOfMemoryException => new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "The journal cannot be read."),
                NotSupportedException => new ConversationStoreException(ConversationErrorCodes.SchemaTooNew, "The journal is of a newer version."),
                _ => new ConversationStoreException(ConversationErrorCodes.StoreCorrupt, "The journal is damaged, or none of ours."),
            };
        }
    }

    /// <summary>Adds a line, or leaves the file as it was; <paramref name="toDisk"/> if it must survive the death of the machine [3.2].</summary>
    public void Append(JournalLine line, bool toDisk)
    {
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(line, Json.JournalLine), (byte)'\n'];
        var end = file.Position;
        if (end + bytes.Length > Array.MaxLength)
            throw new ConversationStoreException(ConversationErrorCodes.StoreFull, "The journal would outgrow the array that it is read into.");
        try
        {
            file.Write(bytes);
        }
        catch (IOException exception)
        {
            FinishOrBreak(() => file.SetLength(end));
            var isFull = (exception.HResult & 0xFFFF) is 27 or 28 or 122 or 39 or 112; // EFBIG, ENOSPC, EDQUOT, and Windows' two for a full disk
            var code = isFull ? ConversationErrorCodes.StoreFull : ConversationErrorCodes.StoreUnavailable;
            throw new ConversationStoreException(code, $"The journal cannot grow (0x{exception.HResult:X8}).");
        }

        if (toDisk)
            FinishOrBreak(() => file.Flush(flushToDisk: true));
    }

    public void Dispose() => file.Dispose();

    private void FinishOrBreak(Action lastStep)
    {
        try
        {
            lastStep();
        }
        catch (IOException)
        {
            IsBroken = true;
            throw new ConversationStoreException(ConversationErrorCodes.CommitOutcomeUnknown, "It is not known what the journal holds.");
        }
    }
}

/// <summary>What became of one whole operation: every record that it touched, as it is after it. Only this is written and applied.</summary>
internal sealed record JournalLine(
    string Operation,
    Conversation[]? Conversations = null, RunRow[]? Runs = null, MessageRow[]? Messages = null,
    string? Current = null, string? DeletedConversation = null, // Current: the conversation that its scope points to from now on.
    long? DeletedMessage = null, MessageRecount[]? Recounts = null); // By position, of messages of the one conversation above.

/// <summary>A run and its lease, which is held as long as the run is running.</summary>
internal sealed record RunRow(ConversationRun Run, DateTimeOffset LeaseEnd, TimeSpan LeaseDuration, string? Fingerprint = null)
{
    public bool IsOpen => Run.Status == RunStatus.Running;
    public bool IsAnswer => Run.Status is RunStatus.Completed or RunStatus.RequiresAction;
    public MessageSpan Input => new(Run.InputPosition, Run.InputCount);
    public RunRow Keyless => this with { Run = Run with { IdempotencyKey = null } };
    public ConversationRun Shown => Run.SupersededBy is null ? Run : Run with { Status = RunStatus.Superseded, Outcome = Run.Status };
    /// <summary>What is left of the lease; null if it has expired [4.3], or lies so far ahead that the clock was set back [14.2].</summary>
    public TimeSpan? Left(DateTimeOffset now) =>
        IsOpen && LeaseEnd - now is var left && left > TimeSpan.Zero && left - LeaseDuration <= LeaseDuration ? left : null;
    public RunRow Interrupt(DateTimeOffset now) => IsOpen ? this with { Run = Run with { Status = RunStatus.Interrupted, EndedAt = now } } : this;
}

/// <summary>A message with its parts as text.</summary>
internal sealed record MessageRow(
    string ConversationId, long Position, MessageRole Role, DateTimeOffset CreatedAt, bool IsPartial, ContentFormat Format, string Content,
    long? Run = null, TokenAmount? Tokens = null, long? SupersededBy = null)
{
    public static MessageRow Of(ConversationMessage message)
    {
        var (id, position, time) = (message.ConversationId!, message.Position, message.CreatedAt!.Value.ToUniversalTime());
        var (format, content) = MessageContent.Write(message);
        return new(id, position, message.Role, time, message.IsPartial, format, content, message.RunNumber, message.Tokens, message.SupersededBy);
    }

    public ConversationMessage ToMessage()
    {
        var message = new ConversationMessage(Role, MessageContent.Read(Format, Content, out var metadata)) { ConversationId = ConversationId, Position = Position, Metadata = metadata };
        return message with { RunNumber = Run, CreatedAt = CreatedAt, IsPartial = IsPartial, Tokens = Tokens, SupersededBy = SupersededBy };
    }
}

/// <summary>How a line is written. What is missing or unknown is damage: what is left out in silence when reading is lost.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(JournalLine))]
internal sealed partial class JournalJson : JsonSerializerContext;
